package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var dropbox = []scan.Rule{
	{
		ID: "dropbox-access-token", Title: "Dropbox access token", Severity: scan.High,
		Source:   "https://www.dropbox.com/developers/documentation/http/documentation#authorization",
		Keywords: []string{"sl.b", "sl.u."}, Pattern: `sl\.(?:B|u\.)[0-9A-Za-z_-]{120,}`, Reach: 2048,
	},
	{
		ID: "dropbox-legacy-token", Title: "Dropbox access token (long-lived)", Severity: scan.High,
		Source:   "https://www.dropbox.com/developers/documentation/http/documentation#authorization",
		Keywords: []string{"dropbox"}, Value: `[0-9A-Za-z_-]{11}A{10}[0-9A-Za-z_=-]{43}`, Entropy: 3,
	},
	{
		ID: "dropbox-app-secret", Title: "Dropbox app secret", Severity: scan.High,
		Source:   "https://www.dropbox.com/developers/documentation/http/documentation#authorization",
		Keywords: []string{"dropbox"}, Value: `[0-9a-z]{15}`, Entropy: 2.5,
	},
}
