package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var amplitude = []scan.Rule{
	{
		ID: "amplitude-secret-key", Title: "Amplitude secret key", Severity: scan.Medium,
		Source:   "https://amplitude.com/docs/apis/authentication",
		Keywords: []string{"amplitude_secret", "amplitudesecret"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
