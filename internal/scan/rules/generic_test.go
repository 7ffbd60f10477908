package rules

import (
	"fmt"
	"math/rand/v2"
)

func init() {
	makers["generic-password"] = func(r *rand.Rand) string { return chars(r, base62Digits, 14) + "7aX" }
	makers["call-secret"] = hexOf(40)
	makers["piped-password"], makers["chpasswd-password"] = weakPassword, weakPassword
	makers["call-password"], makers["code-password"] = weakPassword, weakPassword
	makers["generic-secret"] = func(r *rand.Rand) string { return chars(r, base62Digits, 32) }
	makers["jwt-section-key"] = hexOf(40)
	makers["config-password"] = weakPassword
	makers["config-secret"] = weakPassword
}

// weakPassword makes one as people do: a word and a year.
func weakPassword(r *rand.Rand) string {
	words := []string{"winter", "Dragon", "monkey", "Arsenal", "sunshine"}
	return fmt.Sprintf("%s%d", words[r.IntN(len(words))], 1950+r.IntN(70))
}
