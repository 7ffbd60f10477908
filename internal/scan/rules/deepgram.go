package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var deepgram = []scan.Rule{
	{
		ID: "deepgram-api-key", Title: "Deepgram API key", Severity: scan.High,
		Source:   "https://developers.deepgram.com/docs/create-additional-api-keys",
		Keywords: []string{"deepgram"}, Value: `[0-9a-f]{40}`, Entropy: 3,
	},
}
