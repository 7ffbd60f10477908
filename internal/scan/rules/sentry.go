package rules

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const sentryTokens = "https://docs.sentry.io/account/auth-tokens/"

var sentry = []scan.Rule{
	{
		ID: "sentry-org-token", Title: "Sentry organisation token", Severity: scan.High, Source: sentryTokens,
		Keywords: []string{"sntrys_eyj"}, Pattern: `sntrys_eyJ[0-9A-Za-z+/_-]{20,500}={0,2}_[0-9A-Za-z+/_-]{42,44}`, Reach: 1024, Check: sentryOrg,
	},
	{
		ID: "sentry-user-token", Title: "Sentry user or integration token", Severity: scan.High, Source: sentryTokens,
		Keywords: []string{"sntryu_", "sntryi_", "sntrya_"}, Pattern: `sntry[aiu]_[0-9a-f]{64}`,
	},
	{
		ID: "sentry-legacy-token", Title: "Sentry token of the older form", Severity: scan.High, Source: sentryTokens,
		Keywords: names("sentry", "auth_token", "token", "api"), Value: `[0-9a-f]{64}`, Entropy: 2.9,
	},
	{
		ID: "sentry-dsn-secret", Title: "secret part of a Sentry DSN", Severity: scan.Medium, Source: "https://docs.sentry.io/concepts/key-terms/dsn-explainer/",
		Keywords: []string{"sentry"}, Pattern: `https?://[0-9a-f]{32}:([0-9a-f]{32})@[0-9A-Za-z.:-]{4,200}/[0-9]`,
		Match: []string{"SENTRY_DSN=https://" + strings.Repeat("0a1b", 8) + ":{}@sentry.io/1234\n"}, Miss: []string{"sentry={}\n"},
	},
}

// sentryOrg reads the claims in a token: where it was made, and for whom.
func sentryOrg(token []byte) (scan.Validity, string) {
	body := token[len("sntrys_"):]
	end := bytes.IndexAny(body, "=_")
	if end < 0 {
		return scan.Unverified, ""
	}
	var claims struct{ URL, Org string }
	raw, err := base64.RawStdEncoding.DecodeString(string(body[:end]))
	if err != nil || json.Unmarshal(raw, &claims) != nil || claims.Org == "" {
		return scan.Unverified, ""
	}
	return scan.Plausible, fmt.Sprintf("organization %.64q", claims.Org)
}
