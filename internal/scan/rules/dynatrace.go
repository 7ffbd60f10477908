package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var dynatrace = []scan.Rule{
	{
		ID: "dynatrace-api-token", Title: "Dynatrace API token", Severity: scan.Critical,
		Source:   "https://docs.dynatrace.com/docs/discover-dynatrace/references/dynatrace-api/basics/dynatrace-api-authentication",
		Keywords: []string{"dt0c01.", "dt0s01.", "dt0s02.", "dt0s03.", "dt0s04.", "dt0s06.", "dt0s08.", "dt0s09.", "dt0s16."},
		Pattern:  `dt0(?:c01|s(?:0[123468]|09|16))\.[0-9A-Z]{8,24}\.[0-9A-Z]{64}`,
	},
}
