package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
)

var mapbox = []scan.Rule{{
	ID: "mapbox-secret-token", Title: "Mapbox secret access token", Severity: scan.High,
	Source:   "https://docs.mapbox.com/help/getting-started/access-tokens/",
	Keywords: []string{"sk.eyj"}, Pattern: `sk\.eyJ[0-9A-Za-z_-]{20,400}\.[0-9A-Za-z_-]{20,24}`, Check: mapboxToken,
}}

// mapboxToken decodes an object with the user's name.
func mapboxToken(token []byte) (scan.Validity, string) {
	body, _, _ := bytes.Cut(token[len("sk."):], []byte("."))
	object, ok := base64Object(body)
	return structured(ok && object["u"] != nil, "")
}
