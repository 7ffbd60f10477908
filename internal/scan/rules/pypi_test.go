package rules

import (
	"encoding/base64"
	"math/rand/v2"
)

func init() {
	makers["pypi-api-token"] = func(r *rand.Rand) string {
		raw := []byte{2}
		field := func(kind byte, s string) { raw = append(append(raw, kind, byte(len(s))), s...) }
		field(1, "pypi.org")
		field(2, chars(r, alnum, 36))
		raw = append(raw, 0)
		field(2, `[3, "`+chars(r, alnum, 36)+`"]`)
		raw = append(raw, 0, 0)
		field(6, chars(r, alnum, 32))
		return "pypi-" + base64.RawURLEncoding.EncodeToString(raw)
	}
}
