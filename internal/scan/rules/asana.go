package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var asana = []scan.Rule{
	{
		ID: "asana-pat", Title: "Asana personal access token", Severity: scan.High,
		Source:   "https://developers.asana.com/docs/personal-access-token",
		Keywords: []string{"asana"}, Value: `[0-2]/[0-9]{10,20}(?:/[0-9]{10,20})?:[0-9a-f]{32}`, Entropy: 3,
	},
	{
		ID: "asana-client-secret", Title: "Asana client secret", Severity: scan.High,
		Source:   "https://developers.asana.com/docs/oauth",
		Keywords: []string{"asana"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
