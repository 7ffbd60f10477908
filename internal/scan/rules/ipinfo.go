package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var ipinfo = []scan.Rule{
	{
		ID: "ipinfo-token", Title: "IPinfo access token", Severity: scan.Low,
		Source:   "https://ipinfo.io/developers#authentication",
		Keywords: []string{"ipinfo"}, Value: `[0-9a-f]{14}`, Entropy: 2.2,
	},
}
