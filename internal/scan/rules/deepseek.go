package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var deepseek = []scan.Rule{
	{
		ID: "deepseek-api-key", Title: "DeepSeek API key", Severity: scan.High,
		Source:   "https://api-docs.deepseek.com/",
		Keywords: []string{"deepseek"}, Value: `sk-[0-9a-f]{32}`, Entropy: 3,
	},
}
