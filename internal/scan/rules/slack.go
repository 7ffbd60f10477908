package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const slackTokens = "https://docs.slack.dev/authentication/tokens"

var slack = []scan.Rule{
	{
		ID: "slack-bot-token", Title: "Slack bot token", Severity: scan.Critical, Source: slackTokens,
		Keywords: []string{"xoxb-"}, Pattern: `xoxb-[0-9]{8,14}-[0-9A-Za-z-]{18,64}`,
	},
	{
		ID: "slack-user-token", Title: "Slack user token", Severity: scan.Critical, Source: slackTokens,
		Keywords: []string{"xoxp-", "xoxo-"}, Pattern: `xox[op]-[0-9]{8,14}-[0-9A-Za-z-]{18,120}`,
	},
	{
		ID: "slack-workspace-token", Title: "Slack workspace access or refresh token", Severity: scan.Critical, Source: slackTokens,
		Keywords: []string{"xoxa-", "xoxr-"}, Pattern: `xox[ar]-(?:2-)?[0-9A-Za-z-]{8,120}`, Entropy: 2.5,
	},
	{
		ID: "slack-config-token", Title: "Slack app configuration or rotated token", Severity: scan.Critical, Source: "https://docs.slack.dev/authentication/using-token-rotation",
		Keywords: []string{"xoxe.xox", "xoxe-"}, Pattern: `xoxe(?:\.xox[bp]-[0-9]-[0-9A-Za-z-]{100,220}|-[0-9]-[0-9A-Za-z-]{100,220})`,
	},
	{
		ID: "slack-app-token", Title: "Slack app-level token", Severity: scan.High, Source: slackTokens,
		Keywords: []string{"xapp-"}, Pattern: `xapp-[0-9]-[0-9A-Z]{9,13}-[0-9]{8,14}-[0-9a-f]{64}`,
	},
	{
		ID: "slack-client-token", Title: "Slack browser session token", Severity: scan.Critical, Source: slackTokens,
		Keywords: []string{"xoxc-", "xoxs-"}, Pattern: `xox[cs]-[0-9]{8,14}-[0-9A-Za-z-]{18,120}`,
	},
	{
		ID: "slack-session-cookie", Title: "Slack session cookie", Severity: scan.Critical, Source: slackTokens,
		Keywords: []string{"xoxd-"}, Pattern: `xoxd-[0-9A-Za-z%+/=_-]{60,400}`,
	},
	{
		ID: "slack-webhook", Title: "Slack incoming webhook", Severity: scan.High, Source: "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks",
		Keywords: []string{"hooks.slack.com/", "hooks.slack-gov.com/"},
		Pattern:  `hooks\.slack(?:-gov)?\.com/(?:services/T[0-9A-Z]{7,13}/B[0-9A-Z]{7,13}/[0-9A-Za-z]{23,25}|(?:workflows|triggers)/[TE][0-9A-Z]{7,13}/(?:A[0-9A-Z]{7,13}/)?[0-9]{12,20}/[0-9A-Za-z]{24,34})`,
	},
	{
		ID: "slack-signing-secret", Title: "Slack signing or client secret", Severity: scan.High, Source: "https://docs.slack.dev/authentication/verifying-requests-from-slack",
		Keywords: names("slack", "signing", "client_secret", "secret"), Value: `[0-9a-f]{32}`, Entropy: 2.7,
	},
}
