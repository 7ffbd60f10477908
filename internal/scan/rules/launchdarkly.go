package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var launchDarkly = []scan.Rule{
	{
		ID: "launchdarkly-sdk-key", Title: "LaunchDarkly SDK key", Severity: scan.High,
		Source:   "https://launchdarkly.com/docs/home/account/api",
		Keywords: []string{"launchdarkly", "launch_darkly", "ld_sdk", "ldsdk"}, Value: `sdk-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, Entropy: 3,
	},
	{
		ID: "launchdarkly-access-token", Title: "LaunchDarkly API access token", Severity: scan.Critical,
		Source:   "https://launchdarkly.com/docs/home/account/api",
		Keywords: []string{"launchdarkly", "launch_darkly", "ld_api", "ld_access"},
		Value:    `api-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, Entropy: 3,
	},
}
