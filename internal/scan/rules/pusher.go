package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var pusher = []scan.Rule{{
	ID: "pusher-secret", Title: "Pusher Channels secret", Severity: scan.High, Source: "https://pusher.com/docs/channels/channels_libraries/libraries/",
	Keywords: names("pusher", "secret", "app_secret"), Value: `[0-9a-f]{20}`, Entropy: 2.5,
}}
