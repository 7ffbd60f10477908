package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const artifactoryDocs = "https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens"

var artifactory = []scan.Rule{
	{
		ID: "artifactory-api-key", Title: "JFrog Artifactory API key", Severity: scan.Critical, Source: artifactoryDocs,
		Keywords: []string{"akcp"}, Pattern: `AKCp[0-9A-Za-z]{59,80}`, Entropy: 4,
	},
	{
		ID: "artifactory-reference-token", Title: "JFrog reference token", Severity: scan.Critical, Source: artifactoryDocs,
		Keywords: []string{"cmvmdgtu"}, Pattern: `cmVmdGtu[0-9A-Za-z_-]{56}`, Check: referenceToken,
	},
}

// referenceToken decodes "reftkn:", version, expiry and random characters.
func referenceToken(token []byte) (scan.Validity, string) {
	plain, ok := unbase64(token)
	return structured(ok && bytes.HasPrefix(plain, []byte("reftkn:")), "")
}
