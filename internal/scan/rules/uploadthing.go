package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var uploadThing = []scan.Rule{{
	ID: "uploadthing-secret", Title: "UploadThing secret key", Severity: scan.High, Source: "https://docs.uploadthing.com/backend-adapters/nuxt#add-env-variables",
	Keywords: []string{"sk_live_"}, Pattern: `sk_live_[0-9a-f]{64}`,
}, {
	ID: "uploadthing-token", Title: "UploadThing token", Severity: scan.High, Source: "https://docs.uploadthing.com/getting-started/appdir#add-env-variables",
	// {"apiKey":"sk_ in base64.
	Keywords: []string{"eyjhcgllzxkioijza19"}, Pattern: `eyJhcGlLZXkiOiJza19[0-9A-Za-z+/]{60,400}={0,2}`,
}}
