package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var postman = []scan.Rule{
	{
		ID: "postman-api-key", Title: "Postman API key", Severity: scan.High, Source: "https://learning.postman.com/docs/developer/postman-api/authentication/",
		Keywords: []string{"pmak-"}, Pattern: `PMAK-[0-9a-f]{24}-[0-9a-f]{34}`,
	},
	{
		ID: "postman-collection-key", Title: "Postman collection access key", Severity: scan.Medium, Source: "https://learning.postman.com/docs/collaborating-in-postman/sharing/",
		Keywords: []string{"pmat-"}, Pattern: `PMAT-[0-9A-Z]{26}`,
	},
}
