package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var aiven = []scan.Rule{
	{
		ID: "aiven-service-password", Title: "Aiven service password", Severity: scan.Critical,
		Source:   "https://aiven.io/docs/platform/howto/create_authentication_token",
		Keywords: []string{"avns_"}, Pattern: `AVNS_[0-9A-Za-z_-]{19}`,
	},
	{
		ID: "aiven-token", Title: "Aiven authentication token", Severity: scan.Critical,
		Source:   "https://aiven.io/docs/platform/howto/create_authentication_token",
		Keywords: []string{"aiven"}, Value: `[0-9A-Za-z+/]{60,372}={0,2}`, Entropy: 4,
	},
}
