package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var nexus = []scan.Rule{{
	ID: "nexus-nuget-key", Title: "Nexus Repository API key", Severity: scan.High, Source: "https://help.sonatype.com/en/nuget-repositories.html",
	Keywords: append(names("nexus", "api", "key", "token", "nuget"), "nuget_api_key"), Value: uuid,
}}
