package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var definedNetworking = []scan.Rule{
	{
		ID: "defined-networking-key", Title: "Defined Networking API key", Severity: scan.Critical,
		Source:   "https://docs.defined.net/guides/automating-host-creation/",
		Keywords: []string{"dnkey-"}, Pattern: `dnkey-[0-9A-Za-z=_-]{26}-[0-9A-Za-z=_-]{52}`,
	},
}
