package rules

import (
	"math/rand/v2"
)

func init() {
	for id, prefix := range map[string]string{"stripe-live-key": "sk_live_", "stripe-test-key": "rk_test_"} {
		makers[id] = func(r *rand.Rand) string {
			return prefix + chars(r, alnum, []int{24, 34, 99}[r.IntN(3)])
		}
	}
}
