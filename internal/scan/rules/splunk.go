package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var splunk = []scan.Rule{
	{
		ID: "splunk-hec-token", Title: "Splunk HTTP event collector token", Severity: scan.High, Source: "https://docs.splunk.com/Documentation/Splunk/latest/Data/UsetheHTTPEventCollector",
		Keywords: append(append(names("splunk", "token", "hec", "api", "secret"), names("hec", "token")...), "authorization: splunk"), Value: `(?:Splunk )?(?i:` + uuid + `)`,
	},
	{
		ID: "splunk-observability-token", Title: "Splunk Observability access token", Severity: scan.High, Source: "https://docs.splunk.com/observability/en/admin/authentication/authentication-tokens/manage-usage.html",
		Keywords: append(append(names("signalfx", "token", "access", "auth", "api"), names("sfx", "token", "auth")...), append(names("splunk", "access_token"), "x-sf-token")...), Value: `[0-9A-Za-z_-]{22}`, Entropy: 3,
	},
}
