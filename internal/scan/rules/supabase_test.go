package rules

import (
	"encoding/base64"
	"math/rand/v2"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

func supabaseKey(r *rand.Rand, role string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	claims := `{"iss":"supabase","ref":"` + chars(r, "abcdefghijklmnopqrstuvwxyz", 20) + `","role":"` + role + `","iat":1700000000,"exp":2015576000}`
	return b64([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + b64([]byte(claims)) + "." + b64([]byte(chars(r, alnum, 32)))
}

func init() {
	makers["supabase-service-role-key"] = func(r *rand.Rand) string { return supabaseKey(r, "service_role") }
}

// TestSupabaseAnon: the key that every visitor of a site gets is no secret.
func TestSupabaseAnon(t *testing.T) {
	r := rand.New(rand.NewPCG(seed, 1))
	if got, _ := supabaseRole([]byte(supabaseKey(r, "anon"))); got != scan.Invalid {
		t.Errorf("a public key is %v", got)
	}
}
