package rules

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

func init() {
	makers["atlassian-api-token"] = func(r *rand.Rand) string { return atlassianMade(r, "ATATT3xFf") }
	makers["atlassian-access-token"] = func(r *rand.Rand) string { return atlassianMade(r, "ATCTT3xFf") }
	makers["atlassian-data-center-pat"] = dataCenterMade
	makers["bitbucket-data-center-token"] = func(r *rand.Rand) string { return "BBDC-" + dataCenterMade(r) }
	makers["bitbucket-app-password"] = func(r *rand.Rand) string {
		body := "ATBB" + chars(r, base62Digits, 24)
		return body + fmt.Sprintf("%08X", crc(body))
	}
}

func atlassianMade(r *rand.Rand, prefix string) string {
	body := prefix + chars(r, base64URL, 170)
	return body + fmt.Sprintf("=%08X", crc(body))
}

func dataCenterMade(r *rand.Rand) string {
	return base64.StdEncoding.EncodeToString([]byte(chars(r, "123456789", 12) + ":" + chars(r, base62Digits, 20)))
}

func TestAtlassianChecks(t *testing.T) {
	rnd := rand.New(rand.NewPCG(seed, 3))
	if v, _ := atlassianChecksum([]byte(atlassianMade(rnd, "ATATT3"))); v != scan.Verified {
		t.Errorf("a sound token is %v", v)
	}
	if v, _ := atlassianChecksum([]byte("ATATT3" + strings.Repeat("a", 180) + "=00000000")); v != scan.Unverified {
		t.Errorf("a token with a wrong checksum is %v", v)
	}
	if v, _ := dataCenterToken([]byte("M" + chars(rnd, base62Digits, 43))); v != scan.Invalid {
		t.Errorf("44 characters of anything are %v", v)
	}
}
