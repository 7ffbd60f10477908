package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var cypress = []scan.Rule{
	{
		ID: "cypress-record-key", Title: "Cypress record key", Severity: scan.Medium,
		Source:   "https://docs.cypress.io/cloud/account-management/projects#Record-key",
		Keywords: []string{"cypress_record", "cypressrecord"}, Value: `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, Entropy: 3,
	},
}
