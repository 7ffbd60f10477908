package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var teamCity = []scan.Rule{{
	ID: "teamcity-token", Title: "TeamCity access token", Severity: scan.Critical, Source: "https://www.jetbrains.com/help/teamcity/configuring-your-user-profile.html#Managing+Access+Tokens",
	// The header says {"typ": "TCV2"}, in base64.
	Keywords: []string{"eyj0exaioiaivenwmij9"}, Pattern: `eyJ0eXAiOiAiVENWMiJ9\.[0-9A-Za-z_-]{36}\.[0-9A-Za-z_-]{48}`,
}}
