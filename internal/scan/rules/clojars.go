package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var clojars = []scan.Rule{
	{
		ID: "clojars-deploy-token", Title: "Clojars deploy token", Severity: scan.Critical,
		Source:   "https://github.com/clojars/clojars-web/wiki/Deploy-Tokens",
		Keywords: []string{"clojars_"}, Pattern: `CLOJARS_[0-9a-z]{60}`,
	},
}
