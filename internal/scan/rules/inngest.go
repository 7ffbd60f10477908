package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var inngest = []scan.Rule{
	{
		ID: "inngest-signing-key", Title: "Inngest signing key", Severity: scan.High,
		Source:   "https://www.inngest.com/docs/platform/signing-keys",
		Keywords: []string{"signkey-"}, Pattern: `signkey-[a-z]{2,8}-[0-9a-f]{32,64}`,
	},
}
