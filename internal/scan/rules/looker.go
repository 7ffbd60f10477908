package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var looker = []scan.Rule{
	{
		ID: "looker-client-secret", Title: "Looker API client secret", Severity: scan.High,
		Source:   "https://cloud.google.com/looker/docs/api-auth",
		Keywords: []string{"looker"}, Value: `[0-9A-Za-z]{24}`, Entropy: 3.5, Check: drawn,
	},
}
