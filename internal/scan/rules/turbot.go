package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var turbot = []scan.Rule{{
	ID: "turbot-pipes-token", Title: "Turbot Pipes token", Severity: scan.High, Source: "https://turbot.com/pipes/docs/da-settings",
	Keywords: []string{"tpt_"}, Pattern: `tpt_[0-9a-z]{20}_[0-9a-z]{25}`,
}}
