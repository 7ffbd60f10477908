package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const pagerDutyKeys = "https://support.pagerduty.com/main/docs/api-access-keys"

var pagerDuty = []scan.Rule{
	{
		ID: "pagerduty-api-key", Title: "PagerDuty API key", Severity: scan.High, Source: pagerDutyKeys,
		Keywords: append(names("pagerduty"), names("pager_duty")...), Value: `(?:[uy]\+|[uey])?[0-9A-Za-z_+-]{18,20}`, Entropy: 3,
	},
	{
		ID: "pagerduty-oauth-token", Title: "PagerDuty OAuth token", Severity: scan.High, Source: "https://developer.pagerduty.com/docs/oauth-functionality",
		Keywords: []string{"pdus+_", "pdeu+_"}, Pattern: `pd(?:us|eu)\+_[0-9A-Z]{4,16}_` + uuid,
	},
	{
		ID: "pagerduty-integration-key", Title: "PagerDuty integration key", Severity: scan.Medium, Source: "https://support.pagerduty.com/main/docs/services-and-integrations",
		Keywords: append(names("pagerduty", "integration", "routing", "service_key", "events"), "routing_key", "pd_routing"), Value: `[0-9a-f]{32}|R[0-9A-Z]{31}`, Entropy: 2.7,
	},
}
