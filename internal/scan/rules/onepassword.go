package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var onePassword = []scan.Rule{
	{
		ID: "1password-service-account-token", Title: "1Password service account token", Severity: scan.Critical,
		Source:   "https://developer.1password.com/docs/service-accounts/security/",
		Keywords: []string{"ops_eyj"}, Pattern: `ops_eyJ[0-9A-Za-z+/_-]{200,}={0,2}`, Reach: 4096,
		Check: func(secret []byte) (scan.Validity, string) {
			_, ok := base64Object(secret[len("ops_"):])
			return structured(ok, "")
		},
	},
	{
		ID: "1password-secret-key", Title: "1Password account secret key", Severity: scan.Critical,
		Source:   "https://support.1password.com/secret-key-security/",
		Keywords: []string{"a3-"}, Pattern: `A3-[2-9A-HJ-NP-TV-Z]{6}-(?:[2-9A-HJ-NP-TV-Z]{11}|[2-9A-HJ-NP-TV-Z]{6}-[2-9A-HJ-NP-TV-Z]{5})-[2-9A-HJ-NP-TV-Z]{5}-[2-9A-HJ-NP-TV-Z]{5}-[2-9A-HJ-NP-TV-Z]{5}`,
		Entropy: 3.5,
	},
}
