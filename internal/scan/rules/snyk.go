package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var snyk = []scan.Rule{
	{
		ID: "snyk-api-token", Title: "Snyk API token", Severity: scan.High, Source: "https://docs.snyk.io/snyk-api/authentication-for-api",
		Keywords: names("snyk"), Value: uuid,
	},
	{
		ID: "snyk-access-token", Title: "Snyk personal or service account token", Severity: scan.High, Source: "https://docs.snyk.io/snyk-api/authentication-for-api",
		Keywords: []string{"snyk_uat.", "snyk_sat."}, Pattern: `snyk_[su]at\.[0-9a-f]{8}\.[0-9A-Za-z_.-]{40,400}`, Reach: 1024,
	},
}
