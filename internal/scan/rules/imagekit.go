package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var imageKit = []scan.Rule{
	{
		ID: "imagekit-private-key", Title: "ImageKit private key", Severity: scan.High,
		Source:   "https://imagekit.io/docs/api-keys",
		Keywords: []string{"imagekit"}, Value: `private_[0-9A-Za-z+/=]{24,44}`, Entropy: 3,
	},
}
