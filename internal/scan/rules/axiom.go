package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var axiom = []scan.Rule{
	{
		ID: "axiom-token", Title: "Axiom API or personal token", Severity: scan.High,
		Source:   "https://axiom.co/docs/reference/tokens",
		Keywords: []string{"xaat-", "xapt-"}, Pattern: `xa[ap]t-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`,
	},
}
