package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var imgur = []scan.Rule{
	{
		ID: "imgur-client-secret", Title: "Imgur client secret", Severity: scan.Medium,
		Source:   "https://apidocs.imgur.com/",
		Keywords: []string{"imgur"}, Value: `[0-9a-f]{40}`, Entropy: 3,
	},
}
