package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var spotify = []scan.Rule{{
	ID: "spotify-client-secret", Title: "Spotify client secret", Severity: scan.Medium, Source: "https://developer.spotify.com/documentation/web-api/concepts/apps",
	Keywords: append(names("spotify", "client_secret", "secret", "api_secret"), names("spotipy", "client_secret")...), Value: `[0-9a-f]{32}`, Entropy: 2.7,
}}
