package rules

import (
	"encoding/base64"
	"math/rand/v2"
)

func init() {
	makers["portainer-api-key"] = func(r *rand.Rand) string {
		return "ptr_" + base64.StdEncoding.EncodeToString([]byte(chars(r, alnum, 32)))
	}
}
