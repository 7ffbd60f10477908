package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
)

var intercom = []scan.Rule{{
	ID: "intercom-access-token", Title: "Intercom access token", Severity: scan.High,
	Source:   "https://developers.intercom.com/docs/build-an-integration/learn-more/authentication",
	Keywords: []string{"dg9ro"}, Pattern: `dG9rO[0-9A-Za-z+/]{50,60}={0,2}`, Check: intercomToken,
}}

// intercomToken decodes "tok:" and more.
func intercomToken(token []byte) (scan.Validity, string) {
	plain, ok := unbase64(token)
	return structured(ok && bytes.HasPrefix(plain, []byte("tok:")), "")
}
