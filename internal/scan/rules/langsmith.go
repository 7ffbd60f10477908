package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var langSmith = []scan.Rule{
	{
		ID: "langsmith-personal-token", Title: "LangSmith personal access token", Severity: scan.High,
		Source:   "https://docs.smith.langchain.com/administration/how_to_guides/organization_management/create_account_api_key",
		Keywords: []string{"lsv2_pt_"}, Pattern: `lsv2_pt_[0-9a-f]{32}_[0-9a-f]{10}`,
	},
	{
		ID: "langsmith-service-key", Title: "LangSmith service key", Severity: scan.High,
		Source:   "https://docs.smith.langchain.com/administration/how_to_guides/organization_management/create_account_api_key",
		Keywords: []string{"lsv2_sk_"}, Pattern: `lsv2_sk_[0-9a-f]{32}_[0-9a-f]{10}`,
	},
	{
		ID: "langsmith-legacy-key", Title: "LangSmith API key (legacy)", Severity: scan.High,
		Source:   "https://docs.smith.langchain.com/administration/how_to_guides/organization_management/create_account_api_key",
		Keywords: []string{"ls__"}, Pattern: `ls__[0-9a-f]{32}`,
	},
}
