package rules

import (
	"math/rand/v2"
	"strings"
)

func init() {
	for _, id := range []string{"url-password", "connection-string-password", "go-mysql-dsn", "oracle-connect-password"} {
		makers[id] = password
	}
	for _, id := range []string{"url-token", "url-query-secret"} {
		makers[id] = token40
	}
}

const letters = "abcdefghijkmnopqrstuvwyzABCDEFGHJKLMNPQRSTUVWYZ"

// password makes one as people and generators do: letters, digits, marks.
func password(r *rand.Rand) string {
	if r.IntN(3) == 0 {
		return strings.Join([]string{chars(r, "bcdfgklmnprtvz", 3), "o", chars(r, "bdfgklmnprt", 2), "a", chars(r, "23456789", 2), "!"}, "")
	}
	return chars(r, letters, 5) + chars(r, "-_.~!", 1) + chars(r, letters+"23456789", 10) + chars(r, "2345", 1)
}

// token40 makes an opaque one.
func token40(r *rand.Rand) string {
	return chars(r, letters, 3) + chars(r, letters+"0123456789", 36) + "7"
}

func hexOf(n int) func(*rand.Rand) string {
	return func(r *rand.Rand) string { return chars(r, "0123456789abcdef", n) }
}
