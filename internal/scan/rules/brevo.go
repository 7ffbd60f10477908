package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var brevo = []scan.Rule{
	{
		ID: "brevo-api-key", Title: "Brevo API key", Severity: scan.High,
		Source:   "https://developers.brevo.com/docs/getting-started",
		Keywords: []string{"xkeysib-"}, Pattern: `xkeysib-[0-9a-f]{64}-[0-9A-Za-z]{16}`,
	},
	{
		ID: "brevo-smtp-key", Title: "Brevo SMTP key", Severity: scan.High,
		Source:   "https://developers.brevo.com/docs/getting-started",
		Keywords: []string{"xsmtpsib-"}, Pattern: `xsmtpsib-[0-9a-f]{64}-[0-9A-Za-z]{16}`,
	},
}
