package rules

import (
	"math/rand/v2"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

func init() {
	for id, prefix := range map[string]string{"github-app-user-token": "ghu_", "github-app-token": "ghs_", "github-refresh-token": "ghr_"} {
		makers[id] = func(r *rand.Rand) string { return githubToken(r, prefix) }
	}
}

func TestGitHubChecksum(t *testing.T) {
	token := []byte(githubToken(rand.New(rand.NewPCG(seed, 1)), "ghp_"))
	if v, _ := githubChecksum(token); v != scan.Verified {
		t.Errorf("a sound token is %v", v)
	}
	token[8] ^= 1
	if v, _ := githubChecksum(token); v != scan.Unverified {
		t.Errorf("a token with another body is %v", v)
	}
}
