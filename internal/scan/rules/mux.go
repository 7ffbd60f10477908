package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var mux = []scan.Rule{
	{
		ID: "mux-token-secret", Title: "Mux token secret", Severity: scan.High,
		Source:   "https://www.mux.com/docs/core/make-api-requests",
		Keywords: []string{"mux_token", "mux_secret", "muxtoken", "mux.com"}, Value: `[0-9A-Za-z+/]{75}`, Entropy: 4,
	},
}
