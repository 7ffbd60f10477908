package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var digitalocean = []scan.Rule{
	{
		ID: "digitalocean-pat", Title: "DigitalOcean personal access token", Severity: scan.Critical,
		Source:   "https://docs.digitalocean.com/reference/api/create-personal-access-token/",
		Keywords: []string{"dop_v1_"}, Pattern: `dop_v1_[0-9a-f]{64}`,
	},
	{
		ID: "digitalocean-oauth-token", Title: "DigitalOcean OAuth access token", Severity: scan.Critical,
		Source:   "https://docs.digitalocean.com/reference/api/create-personal-access-token/",
		Keywords: []string{"doo_v1_"}, Pattern: `doo_v1_[0-9a-f]{64}`,
	},
	{
		ID: "digitalocean-refresh-token", Title: "DigitalOcean OAuth refresh token", Severity: scan.Critical,
		Source:   "https://docs.digitalocean.com/reference/api/create-personal-access-token/",
		Keywords: []string{"dor_v1_"}, Pattern: `dor_v1_[0-9a-f]{64}`,
	},
	{
		ID: "digitalocean-spaces-secret", Title: "DigitalOcean Spaces secret key", Severity: scan.Critical,
		Source:   "https://docs.digitalocean.com/products/spaces/how-to/manage-access/",
		Keywords: []string{"digitalocean", "spaces_secret", "spaces_access"}, Value: `[0-9A-Za-z+/]{43}`, Entropy: 4,
	},
}
