package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var elevenlabs = []scan.Rule{
	{
		ID: "elevenlabs-api-key", Title: "ElevenLabs API key", Severity: scan.High,
		Source:   "https://elevenlabs.io/docs/api-reference/authentication",
		Keywords: []string{"elevenlabs", "eleven_labs", "eleven_api", "xi-api-key", "xi_api_key"}, Value: `sk_[0-9a-f]{48}|[0-9a-f]{32}`, Entropy: 3,
	},
}
