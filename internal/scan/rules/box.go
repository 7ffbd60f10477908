package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var box = []scan.Rule{
	{
		ID: "box-client-secret", Title: "Box client secret", Severity: scan.High,
		Source:   "https://developer.box.com/guides/authentication/client-credentials/",
		Keywords: []string{"box_client_secret", "boxclientsecret", "boxappsettings", "box_secret", "api.box.com"}, Value: `[0-9A-Za-z]{32}`, Entropy: 3.5,
	},
}
