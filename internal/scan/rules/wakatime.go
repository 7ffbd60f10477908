package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var wakaTime = []scan.Rule{{
	ID: "wakatime-api-key", Title: "WakaTime API key", Severity: scan.Medium, Source: "https://wakatime.com/developers#authentication",
	Keywords: []string{"waka_"}, Pattern: `waka_` + uuid,
}}
