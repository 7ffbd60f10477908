package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var cloudflare = []scan.Rule{
	{
		ID: "cloudflare-user-token", Title: "Cloudflare user API token", Severity: scan.Critical,
		Source:   "https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/",
		Keywords: []string{"cfut_"}, Pattern: `cfut_[0-9A-Za-z_-]{40}[0-9A-Za-z]{6,8}`,
	},
	{
		ID: "cloudflare-account-token", Title: "Cloudflare account API token", Severity: scan.Critical,
		Source:   "https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/",
		Keywords: []string{"cfat_"}, Pattern: `cfat_[0-9A-Za-z_-]{40}[0-9A-Za-z]{6,8}`,
	},
	{
		ID: "cloudflare-global-key", Title: "Cloudflare global API key", Severity: scan.Critical,
		Source:   "https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/",
		Keywords: []string{"cfk_"}, Pattern: `cfk_[0-9A-Za-z_-]{40}[0-9A-Za-z]{6,8}`,
	},
	{
		ID: "cloudflare-api-token", Title: "Cloudflare API token (before prefixes)", Severity: scan.Critical,
		Source:   "https://developers.cloudflare.com/fundamentals/api/get-started/create-token/",
		Keywords: []string{"cloudflare", "cf_api", "cf_token", "cf_dns"}, Value: `[0-9A-Za-z_-]{40}`, Entropy: 4,
	},
	{
		ID: "cloudflare-api-key", Title: "Cloudflare global API key (before prefixes)", Severity: scan.Critical,
		Source:   "https://developers.cloudflare.com/fundamentals/api/get-started/keys/",
		Keywords: []string{"cloudflare", "cf_api", "cf_key"}, Value: `[0-9a-f]{37}`, Entropy: 3,
	},
	{
		ID: "cloudflare-origin-ca-key", Title: "Cloudflare Origin CA key", Severity: scan.Critical,
		Source:   "https://developers.cloudflare.com/fundamentals/api/get-started/ca-keys/",
		Keywords: []string{"v1.0-"}, Pattern: `v1\.0-[0-9a-f]{24}-[0-9a-f]{146}`,
	},
	{
		ID: "cloudflare-turnstile-secret", Title: "Cloudflare Turnstile secret key", Severity: scan.Medium,
		Source:   "https://developers.cloudflare.com/turnstile/get-started/",
		Keywords: []string{"0x4aaa"}, Pattern: `0x4AAA[0-9A-Za-z_-]{29}`,
	},
}
