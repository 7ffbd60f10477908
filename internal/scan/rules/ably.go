package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var ably = []scan.Rule{
	{
		ID: "ably-api-key", Title: "Ably API key", Severity: scan.High,
		Source:   "https://ably.com/docs/auth/basic",
		Keywords: []string{"ably_", "ablykey", "ablyapi", "ably.io", "ably.com"}, Value: `[0-9A-Za-z_-]{6}\.[0-9A-Za-z_-]{6}:[0-9A-Za-z_-]{20,43}`, Entropy: 3,
	},
}
