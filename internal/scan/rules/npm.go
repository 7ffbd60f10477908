package rules

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

var npm = []scan.Rule{
	{
		ID: "npm-access-token", Title: "npm access token", Severity: scan.Critical, Source: "https://github.blog/2021-09-23-announcing-npms-new-access-token-format/",
		Keywords: []string{"npm_"}, Pattern: `npm_[0-9A-Za-z]{36}`, Check: checksum62(4),
	},
	{
		ID: "npm-legacy-token", Title: "npm registry token in .npmrc", Severity: scan.Critical, Source: "https://docs.npmjs.com/cli/v11/configuring-npm/npmrc#auth-related-configuration",
		Keywords: []string{":_authtoken"}, Pattern: `:_authToken[ \t]*=[ \t]*["']?(` + uuid + `)`,
		Match: []string{"//registry.npmjs.org/:_authToken={}\n", "//npm.example.org/:_authToken = \"{}\"\n"},
		Miss:  []string{"//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n", "id={}\n"},
	},
	{
		ID: "npm-basic-auth", Title: "npm registry user and password in .npmrc", Severity: scan.Critical, Source: "https://docs.npmjs.com/cli/v11/configuring-npm/npmrc#auth-related-configuration",
		Keywords: []string{"_auth=", "_auth =", "_auth\"", "_auth:"}, Pattern: `(?m)\b_auth"?[ \t]*[=:][ \t]*["']?([0-9A-Za-z+/]{8,200}={0,2})(?:["'\s]|$)`, Check: userPassword,
		Match: []string{"//registry.example.org/:_auth={}\n", "_auth = \"{}\"\n", "_auth={}"},
		Miss:  []string{"_auth=${NPM_AUTH}\n", "client_auth={}\n"},
	},
}

// userPassword holds a secret to be base64 of user:password.
func userPassword(secret []byte) (scan.Validity, string) {
	pair, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(string(secret), "="))
	user, password, ok := bytes.Cut(pair, []byte{':'})
	if err != nil || !ok || len(user) == 0 || len(password) == 0 {
		return scan.Invalid, ""
	}
	for _, c := range pair {
		if c < ' ' || c == 0x7f {
			return scan.Invalid, ""
		}
	}
	return scan.Plausible, ""
}
