package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var deepl = []scan.Rule{
	{
		ID: "deepl-api-key", Title: "DeepL API key", Severity: scan.Medium,
		Source:   "https://developers.deepl.com/docs/getting-started/auth",
		Keywords: []string{"deepl"}, Value: `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?::fx)?`, Entropy: 3,
	},
}
