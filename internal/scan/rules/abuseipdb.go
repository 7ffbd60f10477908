package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var abuseipdb = []scan.Rule{
	{
		ID: "abuseipdb-api-key", Title: "AbuseIPDB API key", Severity: scan.Medium,
		Source:   "https://docs.abuseipdb.com/#introduction",
		Keywords: []string{"abuseipdb"}, Value: `[0-9a-f]{80}`, Entropy: 3,
	},
}
