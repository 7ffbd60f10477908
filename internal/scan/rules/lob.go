package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var lob = []scan.Rule{
	{
		ID: "lob-api-key", Title: "Lob API key", Severity: scan.High,
		Source:   "https://docs.lob.com/#tag/Authentication",
		Keywords: []string{"lob_api", "lob_key", "lob_live", "lob_test", "lobapi", "lob.com"}, Value: `(?:live|test)_[0-9a-f]{35}`, Entropy: 3,
	},
}
