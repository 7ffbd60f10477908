package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var dify = []scan.Rule{
	{
		ID: "dify-api-key", Title: "Dify API key", Severity: scan.High,
		Source:   "https://docs.dify.ai/en/guides/application-publishing/developing-with-apis",
		Keywords: []string{"dify_api", "dify_key", "dify_app", "dify.ai", "dify_dataset"}, Value: `(?:app|dataset)-[0-9A-Za-z]{24}`, Entropy: 3,
	},
}
