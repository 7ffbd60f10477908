package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var mailgun = []scan.Rule{
	{
		ID: "mailgun-api-key", Title: "Mailgun API key", Severity: scan.Critical,
		Source:   "https://documentation.mailgun.com/docs/mailgun/api-reference/authentication",
		Keywords: []string{"mailgun"}, Value: `key-[0-9a-z]{32}|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}`, Entropy: 3,
	},
	{
		ID: "mailgun-basic-auth", Title: "Mailgun API key in a command", Severity: scan.Critical,
		Source:   "https://documentation.mailgun.com/docs/mailgun/api-reference/authentication",
		Keywords: []string{"api:key-"}, Pattern: `api:(key-[0-9a-z]{32})`,
		Match: []string{"curl -s --user 'api:{}' https://api.mailgun.net/v3/x/messages\n"},
	},
	{
		ID: "mailgun-signing-key", Title: "Mailgun webhook signing key", Severity: scan.High,
		Source:   "https://documentation.mailgun.com/docs/mailgun/api-reference/authentication",
		Keywords: []string{"mailgun"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
