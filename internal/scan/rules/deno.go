package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var deno = []scan.Rule{
	{
		ID: "deno-deploy-token", Title: "Deno Deploy access token", Severity: scan.High,
		Source:   "https://docs.deno.com/deploy/",
		Keywords: []string{"ddp_", "ddo_"}, Pattern: `dd[op]_[0-9A-Za-z]{36}`,
	},
}
