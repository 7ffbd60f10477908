package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var llamaCloud = []scan.Rule{
	{
		ID: "llamacloud-api-key", Title: "LlamaCloud API key", Severity: scan.High,
		Source:   "https://docs.cloud.llamaindex.ai/api_key",
		Keywords: []string{"llx-"}, Pattern: `llx-[0-9A-Za-z]{48}`,
	},
}
