package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var datadog = []scan.Rule{
	{
		ID: "datadog-api-key", Title: "Datadog API key", Severity: scan.High,
		Source:   "https://docs.datadoghq.com/account_management/api-app-keys/",
		Keywords: []string{"datadog", "dd_api_key", "dd-api-key", "ddapikey", "dd_apikey"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
	{
		ID: "datadog-application-key", Title: "Datadog application key", Severity: scan.Critical,
		Source:   "https://docs.datadoghq.com/account_management/api-app-keys/",
		Keywords: []string{"datadog", "dd_app_key", "dd-application-key", "dd_application_key", "ddappkey"}, Value: `[0-9a-f]{40}`, Entropy: 3,
	},
	{
		ID: "datadog-scoped-application-key", Title: "Datadog application key (prefixed)", Severity: scan.Critical,
		Source:   "https://docs.datadoghq.com/account_management/api-app-keys/",
		Keywords: []string{"ddapp_"}, Pattern: `ddapp_[0-9A-Za-z]{34}`,
	},
	{
		ID: "datadog-pat", Title: "Datadog personal access token", Severity: scan.Critical,
		Source:   "https://docs.datadoghq.com/account_management/api-app-keys/",
		Keywords: []string{"ddpat_"}, Pattern: `ddpat_[0-9A-Za-z_]{34,80}`,
	},
}
