package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const atlassianTokens = "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/"

var atlassian = []scan.Rule{
	{
		ID: "atlassian-api-token", Title: "Atlassian API token", Severity: scan.Critical, Source: atlassianTokens,
		Keywords: []string{"atatt3"}, Pattern: `ATATT3[0-9A-Za-z_=-]{100,250}`, Check: atlassianChecksum,
	},
	{
		ID: "atlassian-access-token", Title: "Bitbucket repository, project or workspace access token", Severity: scan.Critical,
		Source:   "https://support.atlassian.com/bitbucket-cloud/docs/access-tokens/",
		Keywords: []string{"atctt3"}, Pattern: `ATCTT3[0-9A-Za-z_=-]{100,250}`, Check: atlassianChecksum,
	},
	{
		ID: "atlassian-legacy-token", Title: "Atlassian API token (before prefixes)", Severity: scan.High, Source: atlassianTokens,
		Keywords: []string{"atlassian", "jira", "confluence"}, Value: `[0-9A-Za-z]{24}`, Entropy: 3.5, Check: drawn,
	},
	{
		ID: "atlassian-data-center-pat", Title: "Jira or Confluence Data Center personal access token", Severity: scan.Critical,
		Source:   "https://confluence.atlassian.com/enterprise/using-personal-access-tokens-1026032365.html",
		Keywords: []string{"jira", "confluence", "atlassian"}, Value: `[MNO][0-9A-Za-z+/]{43}`, Check: dataCenterToken,
	},
}

// atlassianChecksum tries the eight digits behind the last equals sign as the
// CRC-32 of what is before it.
func atlassianChecksum(token []byte) (scan.Validity, string) {
	return supported(len(token) > 9 && token[len(token)-9] == '=' && crc32Hex(token, 1))
}

// dataCenterToken decodes a token of the self-hosted products: a decimal number,
// a colon and random bytes.
func dataCenterToken(token []byte) (scan.Validity, string) {
	plain, ok := unbase64(token)
	number, _, colon := bytes.Cut(plain, []byte(":"))
	return structured(ok && colon && len(number) > 0 && onlyDigits(number), "")
}

func onlyDigits(b []byte) bool {
	return len(bytes.Trim(b, "0123456789")) == 0
}
