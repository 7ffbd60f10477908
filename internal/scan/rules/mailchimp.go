package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var mailchimp = []scan.Rule{
	{
		ID: "mailchimp-api-key", Title: "Mailchimp API key", Severity: scan.High,
		Source:   "https://mailchimp.com/developer/marketing/guides/quick-start/",
		Keywords: []string{"-us1", "-us2", "-us3", "-us4", "-us5", "-us6", "-us7", "-us8", "-us9"}, Pattern: `[0-9a-f]{32}-us[1-9][0-9]?`,
	},
	{
		ID: "mandrill-api-key", Title: "Mailchimp Transactional (Mandrill) API key", Severity: scan.High,
		Source:   "https://mailchimp.com/developer/transactional/guides/quick-start/",
		Keywords: []string{"mandrill"}, Value: `md-[0-9A-Za-z_-]{22}|[0-9A-Za-z_-]{22}`, Entropy: 3,
	},
}
