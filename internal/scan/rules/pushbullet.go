package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var pushbullet = []scan.Rule{{
	ID: "pushbullet-access-token", Title: "Pushbullet access token", Severity: scan.Medium, Source: "https://docs.pushbullet.com/#authentication",
	Keywords: []string{"pushbullet"}, Value: `o\.[0-9A-Za-z]{32}`,
}}
