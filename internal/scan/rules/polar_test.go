package rules

import (
	"math/rand/v2"
)

func init() {
	makers["polar-token"] = func(r *rand.Rand) string {
		body := chars(r, alnum, 37)
		return "polar_oat_" + body + base62(crc(body), 6)
	}
}
