package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var together = []scan.Rule{
	{
		ID: "together-api-key", Title: "Together AI API key", Severity: scan.High, Source: "https://docs.together.ai/docs/api-keys-authentication",
		Keywords: []string{"tgp_v1_"}, Pattern: `tgp_v1_[0-9A-Za-z_-]{43}`,
	},
	{
		ID: "together-legacy-key", Title: "Together AI API key of the older form", Severity: scan.High, Source: "https://docs.together.ai/docs/api-keys-authentication",
		Keywords: append(names("together"), names("together_ai")...), Value: `[0-9a-f]{64}`, Entropy: 2.9,
	},
}
