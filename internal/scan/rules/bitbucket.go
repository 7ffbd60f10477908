package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var bitbucket = []scan.Rule{
	{
		ID: "bitbucket-app-password", Title: "Bitbucket app password", Severity: scan.Critical,
		Source:   "https://support.atlassian.com/bitbucket-cloud/docs/app-passwords/",
		Keywords: []string{"atbb"}, Pattern: `ATBB[0-9A-Za-z]{32}`, Entropy: 3.5,
		Check: func(secret []byte) (scan.Validity, string) { return supported(crc32Hex(secret, 0)) },
	},
	{
		ID: "bitbucket-data-center-token", Title: "Bitbucket Data Center HTTP access token", Severity: scan.Critical,
		Source:   "https://confluence.atlassian.com/bitbucketserver/http-access-tokens-939515499.html",
		Keywords: []string{"bbdc-"}, Pattern: `BBDC-[0-9A-Za-z+/]{44}`,
		Check: func(secret []byte) (scan.Validity, string) { return dataCenterToken(secret[len("BBDC-"):]) },
	},
	{
		ID: "bitbucket-client-secret", Title: "Bitbucket OAuth consumer secret", Severity: scan.High,
		Source:   "https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
		Keywords: []string{"bitbucket"}, Value: `[0-9A-Za-z_-]{32}`, Entropy: 4,
	},
}
