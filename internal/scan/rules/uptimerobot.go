package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var uptimeRobot = []scan.Rule{{
	ID: "uptimerobot-api-key", Title: "UptimeRobot API key", Severity: scan.Medium, Source: "https://uptimerobot.com/api/",
	Keywords: []string{"uptimerobot", "uptime_robot", "uptime-robot"}, Pattern: `((?:u[0-9]{5,10}|m[0-9]{6,12})-[0-9a-f]{24})`,
	Match: []string{"UPTIMEROBOT_API_KEY={}\n"}, Miss: []string{"KEY={}\n"},
}}
