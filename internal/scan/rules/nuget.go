package rules

import (
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

var nuget = []scan.Rule{
	{
		ID: "nuget-api-key", Title: "NuGet API key", Severity: scan.Critical, Source: "https://learn.microsoft.com/en-us/nuget/nuget-org/publish-a-package#create-an-api-key",
		// In base32, v4 begins oy2, and the bit that is left makes a to p next.
		Keywords: strings.Fields("oy2a oy2b oy2c oy2d oy2e oy2f oy2g oy2h oy2i oy2j oy2k oy2l oy2m oy2n oy2o oy2p"), Pattern: `oy2[a-p][2-7a-z]{42}`,
	},
	{
		ID: "nuget-clear-password", Title: "password in NuGet.config", Severity: scan.High, Source: "https://learn.microsoft.com/en-us/nuget/reference/nuget-config-file#packagesourcecredentials",
		Keywords: []string{"cleartextpassword"}, Pattern: `(?i)key="ClearTextPassword"\s+value="([^"%$\s]{4,200})"`,
		Match: []string{`<add key="ClearTextPassword" value="{}" />`}, Miss: []string{`<add key="ClearTextPassword" value="%NUGET_TOKEN%" />`},
	},
}
