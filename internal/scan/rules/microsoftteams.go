package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var microsoftTeams = []scan.Rule{
	{
		ID: "microsoft-teams-webhook", Title: "Microsoft Teams incoming webhook", Severity: scan.Medium,
		Source:   "https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook",
		Keywords: []string{".webhook.office.com/"},
		Pattern:  `https://[0-9A-Za-z-]{1,64}\.webhook\.office\.com/webhookb2/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}@[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/IncomingWebhook/[0-9a-f]{32}/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`,
	},
}
