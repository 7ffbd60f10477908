package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var ionic = []scan.Rule{
	{
		ID: "ionic-token", Title: "Ionic personal access token", Severity: scan.High,
		Source:   "https://ionic.io/docs/appflow/personal-access-tokens",
		Keywords: []string{"ionic"}, Value: `ion_[0-9A-Za-z]{42}`, Entropy: 3,
	},
}
