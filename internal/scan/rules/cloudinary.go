package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var cloudinary = []scan.Rule{
	{
		ID: "cloudinary-url", Title: "Cloudinary environment URL", Severity: scan.High,
		Source:   "https://cloudinary.com/documentation/how_to_integrate_cloudinary",
		Keywords: []string{"cloudinary://"}, Pattern: `cloudinary://([0-9]{12,18}:[0-9A-Za-z_-]{27})@[0-9A-Za-z-]{1,64}`,
		Match: []string{"CLOUDINARY_URL=cloudinary://{}@demo-cloud\n"},
	},
	{
		ID: "cloudinary-api-secret", Title: "Cloudinary API secret", Severity: scan.High,
		Source:   "https://cloudinary.com/documentation/how_to_integrate_cloudinary",
		Keywords: []string{"cloudinary"}, Value: `[0-9A-Za-z_-]{27}`, Entropy: 3.5,
	},
}
