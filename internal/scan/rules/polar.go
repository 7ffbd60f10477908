package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var polar = []scan.Rule{{
	ID: "polar-token", Title: "Polar access token", Severity: scan.High, Source: "https://polar.sh/docs/integrate/oat",
	Keywords: []string{"polar_oat_", "polar_pat_", "polar_at_", "polar_rt_", "polar_cs_"}, Pattern: `polar_(?:oat|pat|at_[uo]|rt_[uo]|cs)_[0-9A-Za-z]{43}`, Check: polarToken,
}}

// polarToken verifies the checksum of the 37 characters behind the prefix.
func polarToken(token []byte) (scan.Validity, string) {
	return checksum62(len(token) - 43)(token)
}
