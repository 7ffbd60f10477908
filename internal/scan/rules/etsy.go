package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var etsy = []scan.Rule{
	{
		ID: "etsy-keystring", Title: "Etsy API keystring", Severity: scan.Medium,
		Source:   "https://developers.etsy.com/documentation/essentials/authentication",
		Keywords: []string{"etsy_", "etsykey", "etsyapi", "etsy.com"}, Value: `[0-9a-z]{24}`, Entropy: 3,
	},
}
