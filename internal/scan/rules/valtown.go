package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var valTown = []scan.Rule{{
	ID: "valtown-token", Title: "Val Town API token", Severity: scan.High, Source: "https://docs.val.town/reference/api/authentication/",
	Keywords: []string{"vtwn_"}, Pattern: `vtwn_[0-9A-Za-z]{24,40}`,
}}
