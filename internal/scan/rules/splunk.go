package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var splunk = []scan.Rule{
	{
		ID: "splunk-hec-token", Title: "Splunk HTTP event collector token", Severity: scan.High, Source: "https://docs.splunk.com/Documentation/Splunk/latest/Data/UsetheHTTPEventCollector",
		Keywords: append(names("splunk", "token", "hec", "api", "secret"), names("hec", "token")...), Value: `(?i:` + uuid + `)`,
	},
	{
		ID: "splunk-hec-header", Title: "Splunk HTTP event collector token in a header", Severity: scan.High, Source: "https://docs.splunk.com/Documentation/Splunk/latest/Data/UsetheHTTPEventCollector",
		Keywords: []string{"splunk "}, Pattern: `[Ss]plunk ((?i:` + uuid + `))`,
		Match: []string{"curl -H 'Authorization: Splunk {}' https://splunk.example.org:8088\n"}, Miss: []string{"id: {}\n"},
	},
	{
		ID: "splunk-observability-token", Title: "Splunk Observability access token", Severity: scan.High, Source: "https://docs.splunk.com/observability/en/admin/authentication/authentication-tokens/manage-usage.html",
		Keywords: append(append(names("signalfx", "token", "access", "auth", "api"), names("sfx", "token", "auth")...), append(names("splunk", "access_token"), "x-sf-token")...), Value: `[0-9A-Za-z_-]{22}`, Entropy: 3,
	},
}
