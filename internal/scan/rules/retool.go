package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var retool = []scan.Rule{{
	ID: "retool-api-token", Title: "Retool API access token", Severity: scan.High, Source: "https://docs.retool.com/org-users/guides/retool-api/authentication",
	Keywords: []string{"retool_"}, Pattern: `retool_[0-9a-z]{26}`,
}}
