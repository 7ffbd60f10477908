package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var statsig = []scan.Rule{{
	ID: "statsig-key", Title: "Statsig server secret or console key", Severity: scan.High, Source: "https://docs.statsig.com/sdk-keys/api-keys/",
	Keywords: []string{"statsig"}, Pattern: `((?:secret|console)-[0-9A-Za-z]{40,50})`,
	Match: []string{"STATSIG_SERVER_SECRET={}\n", "Statsig.initialize('{}') // statsig"}, Miss: []string{"KEY={}\n"},
}}
