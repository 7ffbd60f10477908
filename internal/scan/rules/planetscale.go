package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const planetScaleTokens = "https://planetscale.com/docs/api/reference/service-tokens"

var planetScale = []scan.Rule{
	{
		ID: "planetscale-token", Title: "PlanetScale service or OAuth token", Severity: scan.Critical, Source: planetScaleTokens,
		Keywords: []string{"pscale_tkn_", "pscale_oauth_"}, Pattern: `pscale_(?:tkn|oauth)_[0-9A-Za-z_.=-]{32,64}`,
	},
	{
		ID: "planetscale-password", Title: "PlanetScale database password", Severity: scan.Critical, Source: "https://planetscale.com/docs/concepts/connection-strings",
		Keywords: []string{"pscale_pw_"}, Pattern: `pscale_pw_[0-9A-Za-z_.=-]{32,64}`,
	},
}
