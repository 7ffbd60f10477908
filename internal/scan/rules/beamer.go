package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var beamer = []scan.Rule{
	{
		ID: "beamer-api-key", Title: "Beamer API key", Severity: scan.Medium,
		Source:   "https://www.getbeamer.com/docs/#api",
		Keywords: []string{"beamer"}, Value: `b_[0-9A-Za-z=_/-]{44}`, Entropy: 3,
	},
}
