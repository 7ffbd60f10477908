package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var fireworks = []scan.Rule{
	{
		ID: "fireworks-api-key", Title: "Fireworks AI API key", Severity: scan.High,
		Source:   "https://docs.fireworks.ai/api-reference/introduction",
		Keywords: []string{"fireworks"}, Value: `fw_[0-9A-Za-z]{20,32}`, Entropy: 3,
	},
}
