package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var meraki = []scan.Rule{
	{
		ID: "meraki-api-key", Title: "Cisco Meraki API key", Severity: scan.Critical,
		Source:   "https://developer.cisco.com/meraki/api-v1/authorization/",
		Keywords: []string{"meraki"}, Value: `[0-9a-f]{40}`, Entropy: 3,
	},
}
