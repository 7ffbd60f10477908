package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var infracost = []scan.Rule{
	{
		ID: "infracost-api-key", Title: "Infracost API key", Severity: scan.Medium,
		Source:   "https://www.infracost.io/docs/",
		Keywords: []string{"infracost"}, Value: `ico-[0-9A-Za-z]{32}`, Entropy: 3,
	},
}
