package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var cursor = []scan.Rule{
	{
		ID: "cursor-api-key", Title: "Cursor API key", Severity: scan.High,
		Source:   "https://docs.cursor.com/account/teams/admin-api",
		Keywords: []string{"cursor"}, Value: `key_[0-9a-f]{64}`, Entropy: 3,
	},
}
