package rules

import (
	"encoding/json"
	"fmt"

	"github.com/git-envelope/git-envelope/internal/scan"
)

var supabase = []scan.Rule{
	{
		ID: "supabase-access-token", Title: "Supabase personal access token", Severity: scan.Critical, Source: "https://supabase.com/docs/reference/api/introduction",
		Keywords: []string{"sbp_"}, Pattern: `sbp_(?:oauth_)?[0-9a-f]{40}`,
	},
	{
		ID: "supabase-secret-key", Title: "Supabase secret key", Severity: scan.Critical, Source: "https://supabase.com/docs/guides/api/api-keys",
		Keywords: []string{"sb_secret_"}, Pattern: `sb_secret_[0-9A-Za-z_-]{31}`,
	},
	{
		ID: "supabase-service-role-key", Title: "Supabase service_role key", Severity: scan.Critical, Source: "https://supabase.com/docs/guides/api/api-keys",
		// The claims that all keys begin with, in base64: {"iss":"supabase", and,
		// in older ones, {"role":"service_role".
		Keywords: []string{"eyjpc3mioijzdxbhymfzz", "eyjyb2xlijoic2vydmljzv9yb2xl"},
		Pattern:  `eyJ[0-9A-Za-z_-]{10,100}\.eyJ(?:pc3MiOiJzdXBhYmFzZ|yb2xlIjoic2VydmljZV9yb2xl)[0-9A-Za-z_-]{40,400}\.[0-9A-Za-z_-]{43}`, Check: supabaseRole,
	},
}

// supabaseRole leaves the keys of anonymous users alone: they are public.
func supabaseRole(key []byte) (scan.Validity, string) {
	_, claims, ok := jwtParts(key)
	var role, project string
	if !ok || json.Unmarshal(claims["role"], &role) != nil || role != "service_role" {
		return scan.Invalid, ""
	}
	_ = json.Unmarshal(claims["ref"], &project) // it says more, if it is there
	return scan.Plausible, fmt.Sprintf("project %.40q", project)
}
