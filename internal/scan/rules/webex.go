package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var webex = []scan.Rule{{
	ID: "webex-token", Title: "Webex bot or access token", Severity: scan.High, Source: "https://developer.webex.com/docs/bots",
	Keywords: []string{"webex", "ciscospark", "_pf84_", "_p0a1_"}, Pattern: `([0-9A-Za-z]{64}_[0-9A-Za-z]{4}_` + uuid + `)`,
	Match: []string{"WEBEX_BOT_TOKEN={}\n"},
}}
