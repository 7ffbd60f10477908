package rules

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

func init() {
	makers["age-secret-key"] = func(r *rand.Rand) string { return bech32Made(r, "age-secret-key-", 52) }
	makers["age-post-quantum-secret-key"] = func(r *rand.Rand) string { return bech32Made(r, "age-secret-key-pq-", 52) }
	makers["age-plugin-identity"] = func(r *rand.Rand) string { return bech32Made(r, "age-plugin-card-", 20+r.IntN(60)) }
}

func bech32Made(r *rand.Rand, human string, n int) string {
	data := chars(r, bech32Digits, n)
	values, _ := bech32Values(human, data)
	sum := bech32Sum(append(values, 0, 0, 0, 0, 0, 0)) ^ 1
	for i := 5; i >= 0; i-- {
		data += string(bech32Digits[sum>>(5*i)&31])
	}
	return strings.ToUpper(human + "1" + data)
}

// The examples of BIP 173 hold, so the makers and the check can't be wrong alike.
func TestBech32(t *testing.T) {
	for text, want := range map[string]scan.Validity{
		"A12UEL5L": scan.Verified,
		"split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w": scan.Verified,
		"split1checkupstagehandshakeupstreamerranterredcaperred2y9e3x": scan.Invalid,
		"1qqqqqqqq": scan.Invalid,
		"a1b":       scan.Invalid,
	} {
		if v, _ := bech32([]byte(text)); v != want {
			t.Errorf("%s is %v, not %v", text, v, want)
		}
	}
}
