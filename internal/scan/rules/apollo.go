package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var apollo = []scan.Rule{
	{
		ID: "apollo-graph-key", Title: "Apollo GraphOS API key", Severity: scan.High,
		Source:   "https://www.apollographql.com/docs/graphos/platform/access-management/api-keys",
		Keywords: []string{"apollo"}, Value: `(?:service|user):[0-9A-Za-z_.-]{1,64}:[0-9A-Za-z_-]{22}`, Entropy: 3,
	},
}
