package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var kraken = []scan.Rule{
	{
		ID: "kraken-private-key", Title: "Kraken private API key", Severity: scan.Critical,
		Source:   "https://docs.kraken.com/api/docs/guides/spot-rest-auth",
		Keywords: []string{"kraken"}, Value: `[0-9A-Za-z+/]{86}==`, Entropy: 4.5,
	},
	{
		ID: "kraken-api-key", Title: "Kraken API key id", Severity: scan.Medium,
		Source:   "https://docs.kraken.com/api/docs/guides/spot-rest-auth",
		Keywords: []string{"kraken"}, Value: `[0-9A-Za-z+/]{56}`, Entropy: 4.2,
	},
}
