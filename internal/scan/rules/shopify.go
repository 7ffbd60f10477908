package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var shopify = []scan.Rule{
	{
		ID: "shopify-access-token", Title: "Shopify access token", Severity: scan.Critical, Source: "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens",
		Keywords: []string{"shpat_", "shpca_", "shppa_", "shpua_", "shptka_"}, Pattern: `shp(?:at|ca|pa|ua|tka)_[0-9A-Fa-f]{32}`,
	},
	{
		ID: "shopify-shared-secret", Title: "Shopify shared secret", Severity: scan.Critical, Source: "https://shopify.dev/docs/apps/build/authentication-authorization/client-secrets",
		Keywords: []string{"shpss_"}, Pattern: `shpss_[0-9A-Fa-f]{32}`,
	},
}
