package rules

import "github.com/git-envelope/git-envelope/internal/scan"

const dockerTokens = "https://docs.docker.com/security/access-tokens/"

var docker = []scan.Rule{
	{
		ID: "docker-pat", Title: "Docker personal access token", Severity: scan.Critical, Source: dockerTokens,
		Keywords: []string{"dckr_pat_"}, Pattern: `dckr_pat_[0-9A-Za-z_-]{27}`,
	},
	{
		ID: "docker-oat", Title: "Docker organization access token", Severity: scan.Critical,
		Source:   "https://docs.docker.com/enterprise/security/access-tokens/",
		Keywords: []string{"dckr_oat_"}, Pattern: `dckr_oat_[0-9A-Za-z_-]{32}`,
	},
	{
		ID: "docker-legacy-token", Title: "Docker Hub access token (before prefixes)", Severity: scan.Critical, Source: dockerTokens,
		Keywords: []string{"dockerhub", "docker_hub", "docker_token", "docker_password"},
		Value:    `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, Entropy: 3,
	},
}
