package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var flyIO = []scan.Rule{
	{
		ID: "fly-io-macaroon", Title: "Fly.io access token", Severity: scan.Critical,
		Source:   "https://fly.io/docs/security/tokens/",
		Keywords: []string{"fm1r_", "fm1a_", "fm2_"}, Pattern: `fm(?:1[ar]|2)_[0-9A-Za-z+/]{80,}={0,3}`, Reach: 8192,
	},
	{
		ID: "fly-io-token", Title: "Fly.io personal access token", Severity: scan.Critical,
		Source:   "https://fly.io/docs/security/tokens/",
		Keywords: []string{"fo1_"}, Pattern: `fo1_[0-9A-Za-z_-]{43}`,
	},
}
