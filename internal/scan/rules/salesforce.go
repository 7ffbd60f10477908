package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const salesforceTokens = "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/intro_oauth_and_connected_apps.htm"

var salesforce = []scan.Rule{
	{
		ID: "salesforce-access-token", Title: "Salesforce access token", Severity: scan.High, Source: salesforceTokens,
		Keywords: []string{"salesforce", "sfdx", "force.com", "accesstoken", "access_token", "sessionid", "session_id", "bearer 00d"},
		Pattern:  `(00D[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?![0-9A-Za-z._]{80,130})`, Check: salesforceOrg,
		Match: []string{"access_token={}\n", "Authorization: Bearer {}\n", "<sessionId>{}</sessionId>"}, Miss: []string{"KEY={}\n"},
	},
	{
		ID: "salesforce-refresh-token", Title: "Salesforce refresh token", Severity: scan.Critical, Source: salesforceTokens,
		Keywords: []string{"5aep861"}, Pattern: `5Aep861[0-9A-Za-z._=]{70,100}`,
	},
	{
		ID: "salesforce-consumer-key", Title: "Salesforce consumer key", Severity: scan.Medium, Source: salesforceTokens,
		Keywords: []string{"3mvg9"}, Pattern: `3MVG9[0-9A-Za-z._]{80,120}`,
	},
	{
		ID: "salesforce-auth-url", Title: "Salesforce CLI authorisation URL", Severity: scan.Critical, Source: "https://developer.salesforce.com/docs/atlas.en-us.sfdx_cli_reference.meta/sfdx_cli_reference/cli_reference_org_commands_unified.htm",
		Keywords: []string{"force://"}, Pattern: `force://[0-9A-Za-z._=-]{2,200}:[0-9A-Za-z._=-]{0,200}:[0-9A-Za-z._=]{40,200}@[0-9A-Za-z.-]{4,200}`, Reach: 1024,
	},
}

// salesforceOrg tells the organisation, which a token begins with.
func salesforceOrg(token []byte) (scan.Validity, string) {
	org, _, _ := bytes.Cut(token, []byte{'!'})
	return scan.Plausible, "organization " + string(org)
}
