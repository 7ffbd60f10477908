package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const squareTokens = "https://developer.squareup.com/docs/build-basics/access-tokens"

var square = []scan.Rule{
	{
		ID: "square-access-token", Title: "Square access token", Severity: scan.Critical, Source: squareTokens,
		Keywords: []string{"sq0atp-"}, Pattern: `sq0atp-[0-9A-Za-z_-]{22}`,
	},
	{
		ID: "square-application-secret", Title: "Square application secret", Severity: scan.Critical, Source: squareTokens,
		Keywords: []string{"sq0csp-"}, Pattern: `sq0csp-[0-9A-Za-z_-]{43}`,
	},
	{
		ID: "square-oauth-token", Title: "Square access token of the newer form", Severity: scan.Critical, Source: squareTokens,
		Keywords: []string{"square"}, Pattern: `(EAAA[0-9A-Za-z_-]{60})`,
		Match: []string{"SQUARE_ACCESS_TOKEN={}\n", "square: { token: '{}' }"}, Miss: []string{"KEY={}\n"},
	},
}
