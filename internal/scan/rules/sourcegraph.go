package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const sourcegraphTokens = "https://sourcegraph.com/docs/cli/how-tos/creating-an-access-token"

var sourcegraph = []scan.Rule{{
	ID: "sourcegraph-access-token", Title: "Sourcegraph access token", Severity: scan.High, Source: sourcegraphTokens,
	Keywords: []string{"sgp_"}, Pattern: `sgp_(?:(?:[0-9a-f]{16}|local)_)?[0-9a-f]{40}`,
}, {
	ID: "sourcegraph-license-token", Title: "Sourcegraph gateway or license token", Severity: scan.Medium, Source: sourcegraphTokens,
	Keywords: []string{"sgd_", "slk_"}, Pattern: `(?:sgd|slk)_[0-9a-f]{64}`,
}}
