package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var vercel = []scan.Rule{
	{
		ID: "vercel-token", Title: "Vercel token", Severity: scan.Critical, Source: "https://vercel.com/docs/cli/tokens",
		Keywords: []string{"vcp_", "vci_", "vca_", "vcr_", "vck_"}, Pattern: `vc[aikpr]_[0-9A-Za-z]{24,64}`, Entropy: 3.5,
	},
	{
		ID: "vercel-blob-token", Title: "Vercel Blob read-write token", Severity: scan.High, Source: "https://vercel.com/docs/vercel-blob/using-blob-sdk",
		Keywords: []string{"vercel_blob_rw_"}, Pattern: `vercel_blob_rw_[0-9A-Za-z]{12,20}_[0-9A-Za-z]{24,36}`,
	},
	{
		ID: "vercel-legacy-token", Title: "Vercel token of the older form", Severity: scan.Critical, Source: "https://vercel.com/docs/cli/tokens",
		Keywords: append(names("vercel", "token", "api", "access", "auth", "key", "secret"), names("zeit", "token")...), Value: `[0-9A-Za-z]{24}`, Entropy: 3.3,
	},
}
