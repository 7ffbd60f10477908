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
}

// githubChecksum verifies the last six characters of a token: the CRC-32 of
// those between prefix and checksum, in base 62.
// https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
func githubChecksum(token []byte) (scan.Validity, string) {
	body := token[4 : len(token)-6]
	if string(token[len(token)-6:]) != base62(crc32.ChecksumIEEE(body), 6) {
		return scan.Invalid, ""
	}
	return scan.Verified, ""
}
