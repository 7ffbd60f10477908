package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var figma = []scan.Rule{
	{
		ID: "figma-pat", Title: "Figma personal access token", Severity: scan.High,
		Source:   "https://www.figma.com/developers/api#access-tokens",
		Keywords: []string{"figd_"}, Pattern: `figd_[0-9A-Za-z_-]{36,60}`,
	},
	{
		ID: "figma-oauth-token", Title: "Figma OAuth token", Severity: scan.High,
		Source:   "https://www.figma.com/developers/api#access-tokens",
		Keywords: []string{"figo_", "figu_", "figor_"}, Pattern: `fig(?:o|or|u)_[0-9A-Za-z_-]{36,60}`,
	},
}
