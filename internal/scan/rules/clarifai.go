package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var clarifai = []scan.Rule{
	{
		ID: "clarifai-pat", Title: "Clarifai personal access token", Severity: scan.High,
		Source:   "https://docs.clarifai.com/control/authentication/pat/",
		Keywords: []string{"clarifai"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
