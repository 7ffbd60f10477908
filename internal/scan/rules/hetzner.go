package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var hetzner = []scan.Rule{
	{
		ID: "hetzner-api-token", Title: "Hetzner Cloud API token", Severity: scan.Critical,
		Source:   "https://docs.hetzner.cloud/reference/cloud#authentication",
		Keywords: []string{"hetzner", "hcloud"}, Value: `[0-9A-Za-z]{64}`, Entropy: 4,
	},
}
