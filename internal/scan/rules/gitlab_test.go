package rules

import (
	"math/rand/v2"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const base64URL = base62Digits + "-_"

func init() {
	for _, r := range gitlab {
		if r.Check != nil {
			makers[r.ID] = func(rnd *rand.Rand) string { return gitlabMade(rnd, r.Keywords[0]) }
		}
	}
}

// gitlabMade makes a token of the older form or a routable one.
func gitlabMade(r *rand.Rand, prefix string) string {
	if r.IntN(2) == 0 {
		return prefix + chars(r, base62Digits, 20+r.IntN(30))
	}
	return gitlabRoutable(r, prefix)
}

func gitlabRoutable(r *rand.Rand, prefix string) string {
	body := chars(r, base64URL, 27+r.IntN(60))
	token := prefix + body + ".01." + base36(uint32(len(body)), 2)
	return token + base36(crc(token), 7)
}

func TestGitLabChecksum(t *testing.T) {
	token := []byte(gitlabRoutable(rand.New(rand.NewPCG(seed, 2)), "glpat-"))
	if v, _ := gitlabChecksum(token); v != scan.Verified {
		t.Errorf("a sound token is %v", v)
	}
	token[8] ^= 1
	if v, _ := gitlabChecksum(token); v != scan.Invalid {
		t.Errorf("a token with another body is %v", v)
	}
}
