package rules

import (
	"math/rand/v2"
)

func init() {
	makers["salesforce-access-token"] = func(r *rand.Rand) string {
		return "00D" + chars(r, alnum, 12) + "!" + chars(r, alnum+"._", 95) + "a"
	}
}
