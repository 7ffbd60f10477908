package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var mailjet = []scan.Rule{
	{
		ID: "mailjet-key", Title: "Mailjet API or secret key", Severity: scan.High,
		Source:   "https://dev.mailjet.com/email/guides/",
		Keywords: []string{"mailjet", "mj_apikey", "mj_api"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
