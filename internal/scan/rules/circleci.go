package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var circleci = []scan.Rule{
	{
		ID: "circleci-pat", Title: "CircleCI personal API token", Severity: scan.Critical,
		Source:   "https://circleci.com/docs/managing-api-tokens/",
		Keywords: []string{"ccipat_"}, Pattern: `CCIPAT_[0-9A-Za-z]{20,24}_[0-9a-f]{40}`,
	},
	{
		ID: "circleci-project-token", Title: "CircleCI project API token", Severity: scan.High,
		Source:   "https://circleci.com/docs/managing-api-tokens/",
		Keywords: []string{"cciprj_"}, Pattern: `CCIPRJ_[0-9A-Za-z]{20,24}_[0-9a-f]{40}`,
	},
	{
		ID: "circleci-legacy-token", Title: "CircleCI API token (legacy)", Severity: scan.High,
		Source:   "https://circleci.com/docs/managing-api-tokens/",
		Keywords: []string{"circleci", "circle_ci", "circle_token", "circle_api"}, Value: `[0-9a-f]{40}`, Entropy: 3,
	},
}
