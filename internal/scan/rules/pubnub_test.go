package rules

import (
	"math/rand/v2"
)

func init() {
	makers["pubnub-secret-key"] = func(r *rand.Rand) string { return "sec-c-" + makers["onesignal-legacy-key"](r) }
}
