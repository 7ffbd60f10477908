package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var heroku = []scan.Rule{
	{
		ID: "heroku-api-token", Title: "Heroku API token", Severity: scan.Critical,
		Source:   "https://devcenter.heroku.com/articles/authentication",
		Keywords: []string{"hrku-"}, Pattern: `HRKU-[0-9A-Za-z_-]{36,60}`,
	},
	{
		ID: "heroku-api-key", Title: "Heroku API key (before prefixes)", Severity: scan.Critical,
		Source:   "https://devcenter.heroku.com/articles/authentication",
		Keywords: []string{"heroku"}, Value: `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, Entropy: 3,
	},
}
