package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var airtable = []scan.Rule{
	{
		ID: "airtable-pat", Title: "Airtable personal access token", Severity: scan.High,
		Source:   "https://airtable.com/developers/web/api/authentication",
		Keywords: []string{"airtable"}, Pattern: `(pat[0-9A-Za-z]{14}\.[0-9a-f]{64})`,
		Match: []string{"AIRTABLE_TOKEN={}\n", "new Airtable({ apiKey: '{}' })\n", "curl https://api.airtable.com/v0/x -H \"Authorization: Bearer {}\"\n"},
	},
	{
		ID: "airtable-api-key", Title: "Airtable API key (legacy)", Severity: scan.Medium,
		Source:   "https://airtable.com/developers/web/api/authentication",
		Keywords: []string{"airtable"}, Value: `key[0-9A-Za-z]{14}`, Entropy: 2.5,
	},
}
