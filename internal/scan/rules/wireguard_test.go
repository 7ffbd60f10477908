package rules

import (
	"encoding/base64"
	"math/rand/v2"
)

func init() {
	makers["wireguard-key"] = func(r *rand.Rand) string {
		return base64.StdEncoding.EncodeToString([]byte(chars(r, alnum, 32)))
	}
}
