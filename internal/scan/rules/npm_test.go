package rules

import (
	"encoding/base64"
	"math/rand/v2"
)

func init() {
	makers["npm-access-token"] = func(r *rand.Rand) string {
		body := chars(r, alnum, 30)
		return "npm_" + body + base62(crc(body), 6)
	}
	makers["npm-basic-auth"] = func(r *rand.Rand) string {
		return base64.StdEncoding.EncodeToString([]byte("deploy:" + chars(r, alnum, 8+r.IntN(20))))
	}
}
