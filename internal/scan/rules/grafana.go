package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var grafana = []scan.Rule{
	{
		ID: "grafana-service-account-token", Title: "Grafana service account token", Severity: scan.Critical,
		Source:   "https://grafana.com/docs/grafana/latest/administration/service-accounts/",
		Keywords: []string{"glsa_"}, Pattern: `glsa_[0-9A-Za-z]{32}_[0-9A-Fa-f]{8}`,
	},
	{
		ID: "grafana-cloud-token", Title: "Grafana Cloud access policy token", Severity: scan.Critical,
		Source:   "https://grafana.com/docs/grafana-cloud/security-and-account-management/authentication-and-permissions/access-policies/",
		Keywords: []string{"glc_eyj"}, Pattern: `glc_eyJ[0-9A-Za-z+/]{30,400}={0,2}`, Check: grafanaCloud,
	},
	{
		ID: "grafana-api-key", Title: "Grafana API key", Severity: scan.Critical,
		Source:   "https://grafana.com/docs/grafana/latest/developers/http_api/authentication/",
		Keywords: []string{"eyjrijoi"}, Pattern: `eyJrIjoi[0-9A-Za-z+/]{60,400}={0,2}`, Check: grafanaKey,
	},
}

// grafanaCloud decodes an object whose o is the organization.
func grafanaCloud(token []byte) (scan.Validity, string) {
	object, ok := base64Object(token[len("glc_"):])
	return structured(ok && object["o"] != nil && object["k"] != nil, "")
}

// grafanaKey decodes an object of key, name and organization.
func grafanaKey(key []byte) (scan.Validity, string) {
	object, ok := base64Object(key)
	return structured(ok && object["k"] != nil && object["n"] != nil && object["id"] != nil, "")
}
