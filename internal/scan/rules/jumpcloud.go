package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var jumpCloud = []scan.Rule{
	{
		ID: "jumpcloud-api-key", Title: "JumpCloud API key", Severity: scan.Critical,
		Source:   "https://docs.jumpcloud.com/api/2.0/index.html#section/API-Key",
		Keywords: []string{"jumpcloud"}, Value: `jca_[0-9A-Za-z]{36}|[0-9a-f]{40}`, Entropy: 3,
	},
}
