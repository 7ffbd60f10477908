package rules

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// jsonWebToken belongs to nobody: a rule that knows whose token it is knows
// better. The keywords are what the first member of a header looks like.
var jsonWebToken = []scan.Rule{{
	ID: "json-web-token", Title: "JSON Web Token", Severity: scan.Medium,
	Source:   "https://www.rfc-editor.org/rfc/rfc7519",
	Keywords: []string{"eyjhbgci", "eyj0exai", "eyjrawqi", "eyj4nxqi", "eyjlbmmi", "eyjqa3ui", "eyjjdhki"},
	Pattern:  `eyJ[0-9A-Za-z_-]{14,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{20,}`, Reach: 8192, Generic: true, Check: jwtHeader,
}}

// jwtParts decodes header and claims. Who signed it nobody can tell here.
func jwtParts(token []byte) (header, claims map[string]json.RawMessage, ok bool) {
	parts := bytes.SplitN(token, []byte("."), 4)
	if len(parts) != 3 {
		return nil, nil, false
	}
	header, ok = base64Object(parts[0])
	if ok {
		claims, ok = base64Object(parts[1])
	}
	return header, claims, ok
}

// jwtHeader tells how it is signed.
func jwtHeader(token []byte) (scan.Validity, string) {
	header, _, ok := jwtParts(token)
	var algorithm string
	if !ok || json.Unmarshal(header["alg"], &algorithm) != nil || !jwtAlgorithm(algorithm) {
		return scan.Invalid, ""
	}
	return scan.Plausible, "signed with " + algorithm
}

// jwtAlgorithm tells names such as RS256 from none, and from anything that must
// not be shown.
func jwtAlgorithm(name string) bool {
	marks := strings.Trim(name, base62Digits)
	return len(name) >= 5 && len(name) <= 7 && marks == ""
}
