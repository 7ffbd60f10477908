package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var nuget = []scan.Rule{
	{
		ID: "nuget-api-key", Title: "NuGet API key", Severity: scan.Critical, Source: "https://learn.microsoft.com/en-us/nuget/nuget-org/publish-a-package#create-an-api-key",
		Keywords: []string{"oy2"}, Pattern: `oy2[2-7a-z]{43}`,
	},
	{
		ID: "nuget-clear-password", Title: "password in NuGet.config", Severity: scan.High, Source: "https://learn.microsoft.com/en-us/nuget/reference/nuget-config-file#packagesourcecredentials",
		Keywords: []string{"cleartextpassword"}, Pattern: `(?i)key="ClearTextPassword"\s+value="([^"%$\s]{4,200})"`,
		Match: []string{`<add key="ClearTextPassword" value="{}" />`}, Miss: []string{`<add key="ClearTextPassword" value="%NUGET_TOKEN%" />`},
	},
}
