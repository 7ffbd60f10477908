package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const newRelicKeys = "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/"

var newRelic = []scan.Rule{
	{
		ID: "newrelic-user-key", Title: "New Relic user key", Severity: scan.High, Source: newRelicKeys,
		Keywords: []string{"nrak-"}, Pattern: `NRAK-[0-9A-Z]{27}`,
	},
	{
		ID: "newrelic-insert-key", Title: "New Relic insights insert key", Severity: scan.High, Source: newRelicKeys,
		Keywords: []string{"nrii-"}, Pattern: `NRII-[0-9A-Za-z_-]{32}`,
	},
	{
		ID: "newrelic-query-key", Title: "New Relic insights query key", Severity: scan.High, Source: newRelicKeys,
		Keywords: []string{"nriq-"}, Pattern: `NRIQ-[0-9A-Za-z_-]{32}`,
	},
	{
		ID: "newrelic-rest-key", Title: "New Relic REST API key", Severity: scan.High, Source: newRelicKeys,
		Keywords: []string{"nrra-"}, Pattern: `NRRA-[0-9a-f]{42}`,
	},
	{
		ID: "newrelic-admin-key", Title: "New Relic admin key", Severity: scan.Critical, Source: newRelicKeys,
		Keywords: []string{"nraa-"}, Pattern: `NRAA-[0-9a-f]{27}`,
	},
	{
		ID: "newrelic-license-key", Title: "New Relic license key", Severity: scan.High, Source: newRelicKeys,
		Keywords: []string{"ffffnral"}, Pattern: `[0-9a-z]{32}FFFFNRAL`,
	},
	{
		ID: "newrelic-browser-key", Title: "New Relic browser key", Severity: scan.Low, Source: newRelicKeys,
		Keywords: []string{"nrjs-"}, Pattern: `NRJS-[0-9a-f]{19}`,
	},
}
