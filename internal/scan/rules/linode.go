package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var linode = []scan.Rule{
	{
		ID: "linode-token", Title: "Linode personal access token", Severity: scan.Critical,
		Source:   "https://techdocs.akamai.com/linode-api/reference/get-started",
		Keywords: []string{"linode"}, Value: `[0-9a-f]{64}`, Entropy: 3,
	},
}
