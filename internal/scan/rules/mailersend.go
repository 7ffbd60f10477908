package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var mailerSend = []scan.Rule{
	{
		ID: "mailersend-token", Title: "MailerSend API token", Severity: scan.High,
		Source:   "https://developers.mailersend.com/general.html#authentication",
		Keywords: []string{"mlsn."}, Pattern: `mlsn\.[0-9a-f]{64}`,
	},
}
