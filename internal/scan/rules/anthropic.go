package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var anthropic = []scan.Rule{
	{
		ID: "anthropic-api-key", Title: "Anthropic API key", Severity: scan.Critical,
		Source:   "https://docs.anthropic.com/en/api/admin-api/apikeys/get-api-key",
		Keywords: []string{"sk-ant-api"}, Pattern: `sk-ant-api[0-9]{2}-[0-9A-Za-z_-]{80,120}`,
	},
	{
		ID: "anthropic-admin-key", Title: "Anthropic admin API key", Severity: scan.Critical,
		Source:   "https://docs.anthropic.com/en/api/admin-api/apikeys/get-api-key",
		Keywords: []string{"sk-ant-admin"}, Pattern: `sk-ant-admin[0-9]{2}-[0-9A-Za-z_-]{80,120}`,
	},
	{
		ID: "anthropic-oauth-token", Title: "Anthropic OAuth token", Severity: scan.Critical,
		Source:   "https://docs.anthropic.com/en/api/admin-api/apikeys/get-api-key",
		Keywords: []string{"sk-ant-oat", "sk-ant-ort"}, Pattern: `sk-ant-o[ar]t[0-9]{2}-[0-9A-Za-z_-]{80,120}`,
	},
	{
		ID: "anthropic-session-key", Title: "Anthropic session key", Severity: scan.High,
		Source:   "https://docs.anthropic.com/en/api/admin-api/apikeys/get-api-key",
		Keywords: []string{"sk-ant-sid"}, Pattern: `sk-ant-sid[0-9]{2}-[0-9A-Za-z_-]{80,140}`,
	},
}
