package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const twitterTokens = "https://docs.x.com/resources/fundamentals/authentication/overview"

var twitter = []scan.Rule{
	{
		ID: "twitter-bearer-token", Title: "X (Twitter) bearer token", Severity: scan.High, Source: twitterTokens,
		Keywords: []string{"aaaaaaaaaaaaaaaaaaaaa"}, Pattern: `A{21,22}[0-9A-Za-z%]{30,100}`, Entropy: 3.2,
	},
	{
		ID: "twitter-access-token", Title: "X (Twitter) access token", Severity: scan.High, Source: twitterTokens,
		Keywords: []string{"twitter", "tweepy", "access_token", "accesstoken", "oauth_token"}, Value: `[0-9]{8,20}-[0-9A-Za-z]{40}`,
	},
	{
		ID: "twitter-secret", Title: "X (Twitter) API or access token secret", Severity: scan.Critical, Source: twitterTokens,
		Keywords: append(append(names("twitter", "secret", "consumer", "api", "access", "client"), names("tweepy", "secret")...), append(names("x", "api_secret", "api_key_secret", "access_token_secret"), "consumer_secret", "access_token_secret")...),
		Value:    `[0-9A-Za-z]{50}|[0-9A-Za-z]{45}`, Entropy: 3.8,
	},
}
