package rules

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

func init() {
	std, url := base64.StdEncoding, base64.RawURLEncoding
	for id, maker := range map[string]func(*rand.Rand) string{
		"1password-service-account-token": func(r *rand.Rand) string {
			return "ops_" + url.EncodeToString(fmt.Appendf(nil, `{"signInAddress":"my.1password.com","secretKey":"%s"}`, chars(r, base62Digits, 200)))
		},
		"artifactory-reference-token": func(r *rand.Rand) string {
			return std.EncodeToString([]byte("reftkn:01:" + chars(r, "0123456789", 10) + ":" + chars(r, base62Digits, 27)))
		},
		"discord-bot-token": func(r *rand.Rand) string {
			return url.EncodeToString([]byte("1"+chars(r, "0123456789", 17))) + "." + chars(r, base62Digits, 6) + "." + chars(r, base62Digits, 27)
		},
		"elasticsearch-api-key": func(r *rand.Rand) string {
			return std.EncodeToString([]byte(chars(r, base64URL, 20) + ":" + chars(r, base64URL, 22)))
		},
		"grafana-cloud-token": func(r *rand.Rand) string {
			return "glc_" + std.EncodeToString(fmt.Appendf(nil, `{"o":"%s","n":"stack","k":"%s","m":{"r":"eu"}}`, chars(r, "0123456789", 6), chars(r, base62Digits, 24)))
		},
		"grafana-api-key": func(r *rand.Rand) string {
			return std.EncodeToString(fmt.Appendf(nil, `{"k":"%s","n":"ci","id":1}`, chars(r, base62Digits, 32)))
		},
		"intercom-access-token": func(r *rand.Rand) string {
			return std.EncodeToString([]byte("tok:" + chars(r, "0123456789abcdef", 8) + "_" + chars(r, base62Digits, 30)))
		},
		"json-web-token": func(r *rand.Rand) string { return jwtMade(r, `{"alg":"HS256","typ":"JWT"}`) },
		"mapbox-secret-token": func(r *rand.Rand) string {
			return "sk." + url.EncodeToString(fmt.Appendf(nil, `{"u":"someone","a":"%s"}`, chars(r, base62Digits, 25))) + "." + chars(r, base62Digits, 22)
		},
	} {
		makers[id] = maker
	}
	for _, id := range []string{"atlassian-legacy-token", "betterstack-token", "looker-client-secret"} {
		makers[id] = func(r *rand.Rand) string { return chars(r, base62Digits, 22) + "a1" }
	}
}

func jwtMade(r *rand.Rand, header string) string {
	enc := base64.RawURLEncoding
	return enc.EncodeToString([]byte(header)) + "." + enc.EncodeToString(fmt.Appendf(nil, `{"sub":"%s"}`, chars(r, base62Digits, 12))) + "." + chars(r, base64URL, 43)
}

// What has the outside of a secret, but not the inside, is none.
func TestStructures(t *testing.T) {
	rnd := rand.New(rand.NewPCG(seed, 6))
	noise := chars(rnd, base62Digits, 120)
	for name, c := range map[string]struct {
		check func([]byte) (scan.Validity, string)
		text  string
	}{
		"artifactory": {referenceToken, "cmVmdGtu" + noise[:55] + "!"},
		"discord":     {discordToken, "M" + noise[:23] + ".abcdef." + noise[:27]},
		"elastic":     {elasticKey, noise[:60]},
		"grafana":     {grafanaCloud, "glc_eyJ" + noise},
		"grafana key": {grafanaKey, "eyJrIjoi" + noise},
		"intercom":    {intercomToken, noise[:60]},
		"jwt":         {jwtHeader, jwtMade(rnd, `{"typ":"JWT"}`)},
		"jwt alg":     {jwtHeader, jwtMade(rnd, `{"alg":"none"}`)},
		"jwt null":    {jwtHeader, jwtMade(rnd, `null`)},
		"jwt parts":   {jwtHeader, "a.b"},
		"words":       {drawn, "GoogleDriveConfiguration"},
		"number":      {drawn, "123456789012345678901234"},
		"mapbox":      {mapboxToken, "sk.eyJ" + noise + "." + noise[:22]},
	} {
		if v, note := c.check([]byte(c.text)); v != scan.Invalid || note != "" {
			t.Errorf("%s: %v, note %q", name, v, note)
		}
	}
}
