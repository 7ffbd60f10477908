package rules

import (
	"hash/crc32"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const githubTokens = "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats"

var github = []scan.Rule{
	{
		ID: "github-pat", Title: "GitHub personal access token (classic)", Severity: scan.Critical, Source: githubTokens,
		Keywords: []string{"ghp_"}, Pattern: `ghp_[0-9A-Za-z]{36}`, Check: githubChecksum,
	},
	{
		ID: "github-oauth-token", Title: "GitHub OAuth access token", Severity: scan.Critical, Source: githubTokens,
		Keywords: []string{"gho_"}, Pattern: `gho_[0-9A-Za-z]{36}`, Check: githubChecksum,
	},
	{
		ID: "github-app-user-token", Title: "GitHub App user access token", Severity: scan.Critical, Source: githubTokens,
		Keywords: []string{"ghu_"}, Pattern: `ghu_[0-9A-Za-z]{36}`, Check: githubChecksum,
	},
	{
		ID: "github-app-token", Title: "GitHub App installation access token", Severity: scan.Critical, Source: githubTokens,
		Keywords: []string{"ghs_"}, Pattern: `ghs_[0-9A-Za-z]{36}`, Check: githubChecksum,
	},
	{
		ID: "github-app-stateless-token", Title: "GitHub App installation access token (JWT)", Severity: scan.Critical, Source: githubTokens,
		Keywords: []string{"ghs_"}, Pattern: `ghs_[0-9]{1,12}_eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}`, Reach: 4096,
	},
	{
		ID: "github-refresh-token", Title: "GitHub App refresh token", Severity: scan.Critical, Source: githubTokens,
		Keywords: []string{"ghr_"}, Pattern: `ghr_[0-9A-Za-z]{36,76}`, Check: githubChecksum,
	},
	{
		ID: "github-fine-grained-pat", Title: "GitHub personal access token (fine-grained)", Severity: scan.Critical, Source: githubTokens,
		Keywords: []string{"github_pat_"}, Pattern: `github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}`,
	},
	{
		ID: "github-legacy-token", Title: "GitHub token or client secret (hexadecimal)", Severity: scan.High, Source: githubTokens,
		Keywords: []string{
			"github_token", "github_access_token", "github_api_token", "github_oauth", "github_client_secret", "github_secret",
			"githubtoken", "githubclientsecret", "gh_token",
		},
		Value: `[0-9a-f]{40}`, Entropy: 3,
	},
}

// githubChecksum looks at the last six characters of a token: the CRC-32 of
// those between prefix and checksum, in base 62. GitHub says that much, not of
// which bytes nor with which digits, so what fails is not called invalid.
// https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
func githubChecksum(token []byte) (scan.Validity, string) {
	body := token[4 : len(token)-6]
	return supported(string(token[len(token)-6:]) == base62(crc32.ChecksumIEEE(body), 6))
}
