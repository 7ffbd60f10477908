package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var frameIO = []scan.Rule{
	{
		ID: "frame-io-token", Title: "Frame.io developer token", Severity: scan.High,
		Source:   "https://developer.adobe.com/frameio/guides/",
		Keywords: []string{"fio-u-"}, Pattern: `fio-u-[0-9A-Za-z=_-]{64}`,
	},
}
