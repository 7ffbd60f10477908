package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var confluent = []scan.Rule{
	{
		ID: "confluent-api-secret", Title: "Confluent Cloud API secret", Severity: scan.Critical,
		Source:   "https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/api-keys/overview.html",
		Keywords: []string{"cflt"}, Pattern: `cflt[0-9A-Za-z+/]{60}`, Entropy: 4,
	},
	{
		ID: "confluent-legacy-secret", Title: "Confluent Cloud API secret (before prefixes)", Severity: scan.Critical,
		Source:   "https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/api-keys/overview.html",
		Keywords: []string{"confluent", "ccloud"}, Value: `[0-9A-Za-z+/]{64}`, Entropy: 4,
	},
	{
		ID: "confluent-api-key", Title: "Confluent Cloud API key id", Severity: scan.Medium,
		Source:   "https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/api-keys/overview.html",
		Keywords: []string{"confluent", "ccloud"}, Value: `[0-9A-Z]{16}`, Entropy: 2.8,
	},
}
