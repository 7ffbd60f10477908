package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var klaviyo = []scan.Rule{
	{
		ID: "klaviyo-private-key", Title: "Klaviyo private API key", Severity: scan.High,
		Source:   "https://developers.klaviyo.com/en/docs/authenticate_",
		Keywords: []string{"klaviyo"}, Value: `pk_[0-9A-Za-z_]{34,44}`, Entropy: 3,
	},
}
