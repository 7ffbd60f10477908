package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const netlifyFormat = "https://answers.netlify.com/t/change-to-the-netlify-authentication-token-format/106146"

var netlify = []scan.Rule{
	{
		ID: "netlify-token", Title: "Netlify access token", Severity: scan.Critical, Source: netlifyFormat,
		Keywords: []string{"nfp_", "nfc_", "nfo_", "nfu_", "nfb_"}, Pattern: `nf[bcopu]_[0-9A-Za-z]{36}`,
	},
	{
		ID: "netlify-legacy-token", Title: "Netlify access token of the older form", Severity: scan.Critical, Source: netlifyFormat,
		Keywords: names("netlify", "token", "auth", "access", "api", "key"), Value: `[0-9A-Za-z_-]{43,46}`, Entropy: 3.5,
	},
	{
		ID: "netlify-build-hook", Title: "Netlify build hook", Severity: scan.Low, Source: "https://docs.netlify.com/build/configure-builds/build-hooks/",
		Keywords: []string{"api.netlify.com/build_hooks/"}, Pattern: `api\.netlify\.com/build_hooks/[0-9a-f]{24}`,
	},
}
