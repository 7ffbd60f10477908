package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var midtrans = []scan.Rule{
	{
		ID: "midtrans-server-key", Title: "Midtrans server key", Severity: scan.Critical,
		Source:   "https://docs.midtrans.com/docs/midtrans-account",
		Keywords: []string{"mid-server-"}, Pattern: `Mid-server-[0-9A-Za-z_-]{24}`,
	},
}
