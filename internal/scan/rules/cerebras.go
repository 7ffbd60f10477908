package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var cerebras = []scan.Rule{
	{
		ID: "cerebras-api-key", Title: "Cerebras API key", Severity: scan.High,
		Source:   "https://inference-docs.cerebras.ai/quickstart",
		Keywords: []string{"csk-"}, Pattern: `csk-[0-9a-z]{48}`,
	},
}
