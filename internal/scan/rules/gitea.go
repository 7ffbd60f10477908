package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var gitea = []scan.Rule{
	{
		ID: "gitea-token", Title: "Gitea or Forgejo access token", Severity: scan.Critical,
		Source:   "https://docs.gitea.com/development/api-usage",
		Keywords: []string{"gitea", "forgejo", "codeberg"}, Value: `[0-9a-f]{40}`, Entropy: 3,
	},
}
