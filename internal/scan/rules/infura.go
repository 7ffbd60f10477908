package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var infura = []scan.Rule{
	{
		ID: "infura-endpoint-key", Title: "Infura API key in an endpoint", Severity: scan.Medium,
		Source:   "https://docs.metamask.io/services/how-to/use-an-api-key/",
		Keywords: []string{"infura.io/"}, Pattern: `infura\.io/(?:ws/)?v3/([0-9a-f]{32})`,
		Match: []string{"url = 'https://mainnet.infura.io/v3/{}'\n", "wss://goerli.infura.io/ws/v3/{}\n"},
	},
	{
		ID: "infura-api-key", Title: "Infura API key or secret", Severity: scan.High,
		Source:   "https://docs.metamask.io/services/how-to/use-an-api-key/",
		Keywords: []string{"infura"}, Value: `[0-9a-f]{32}|[0-9A-Za-z+/]{52}`, Entropy: 3,
	},
}
