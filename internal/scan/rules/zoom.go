package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var zoom = []scan.Rule{{
	ID: "zoom-client-secret", Title: "Zoom client secret", Severity: scan.High, Source: "https://developers.zoom.us/docs/internal-apps/s2s-oauth/",
	Keywords: names("zoom", "client_secret", "secret", "api_secret", "sdk_secret", "app_secret"), Value: `[0-9A-Za-z]{32,36}`, Entropy: 3.5,
}}
