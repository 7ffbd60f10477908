package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var render = []scan.Rule{
	{
		ID: "render-api-key", Title: "Render API key", Severity: scan.Critical, Source: "https://render.com/docs/api#1-create-an-api-key",
		Keywords: []string{"rnd_"}, Pattern: `rnd_[0-9A-Za-z]{28,32}`,
	},
	{
		ID: "render-deploy-hook", Title: "Render deploy hook", Severity: scan.Medium, Source: "https://render.com/docs/deploy-hooks",
		Keywords: []string{"api.render.com/deploy/"}, Pattern: `api\.render\.com/deploy/(?:srv|crn)-[0-9a-z]{20}\?key=[0-9A-Za-z_-]{11}`,
	},
}
