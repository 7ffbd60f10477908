package rules

import "github.com/git-envelope/git-envelope/internal/scan"

const facebookTokens = "https://developers.facebook.com/docs/facebook-login/guides/access-tokens"

var facebook = []scan.Rule{
	{
		ID: "facebook-access-token", Title: "Meta (Facebook, Instagram, WhatsApp) access token", Severity: scan.High, Source: facebookTokens,
		Keywords: []string{"facebook", "fb_", "instagram", "whatsapp", "access_token", "accesstoken", "meta_", "graph_"},
		Value:    `EAA[0-9A-Za-z]{80,400}`, Entropy: 4,
	},
	{
		ID: "facebook-app-token", Title: "Meta app access token", Severity: scan.High, Source: facebookTokens,
		Keywords: []string{"facebook", "fb_", "access_token", "accesstoken"}, Value: `[0-9]{13,17}\|[0-9A-Za-z_-]{27}`, Entropy: 3,
	},
	{
		ID: "facebook-app-secret", Title: "Meta app secret", Severity: scan.Critical,
		Source:   "https://developers.facebook.com/docs/facebook-login/security",
		Keywords: []string{"facebook", "fb_app", "fb_secret", "fbsecret", "instagram", "whatsapp"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
