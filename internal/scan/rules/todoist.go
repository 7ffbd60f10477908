package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var todoist = []scan.Rule{{
	ID: "todoist-api-token", Title: "Todoist API token", Severity: scan.Medium, Source: "https://developer.todoist.com/api/v1/#tag/Authorization",
	Keywords: []string{"todoist"}, Value: `[0-9a-f]{40}`, Entropy: 2.7,
}}
