package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var doppler = []scan.Rule{
	{
		ID: "doppler-token", Title: "Doppler personal, CLI or SCIM token", Severity: scan.Critical,
		Source:   "https://docs.doppler.com/reference/auth-token-formats",
		Keywords: []string{"dp.pt.", "dp.ct.", "dp.scim.", "dp.audit."}, Pattern: `dp\.(?:pt|ct|scim|audit)\.[0-9A-Za-z]{40,44}`,
	},
	{
		ID: "doppler-service-token", Title: "Doppler service token", Severity: scan.Critical,
		Source:   "https://docs.doppler.com/reference/auth-token-formats",
		Keywords: []string{"dp.st.", "dp.sa.", "dp.said."}, Pattern: `dp\.(?:st|sa|said)\.(?:[0-9a-z_-]{2,35}\.)?[0-9A-Za-z]{40,44}`,
	},
}
