package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var pushover = []scan.Rule{{
	ID: "pushover-token", Title: "Pushover API token", Severity: scan.Medium, Source: "https://pushover.net/api#registration",
	Keywords: names("pushover", "token", "api", "app", "user_key"), Value: `[au][0-9a-z]{29}`, Entropy: 3,
}}
