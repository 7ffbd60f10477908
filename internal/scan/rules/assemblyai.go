package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var assemblyai = []scan.Rule{
	{
		ID: "assemblyai-api-key", Title: "AssemblyAI API key", Severity: scan.High,
		Source:   "https://www.assemblyai.com/docs/api-reference/overview",
		Keywords: []string{"assemblyai", "assembly_ai"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
