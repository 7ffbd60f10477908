package rules

import (
	"encoding/base64"
	"math/rand/v2"
)

func init() {
	makers["openshift-token"] = func(r *rand.Rand) string {
		return "sha256~" + base64.RawURLEncoding.EncodeToString([]byte(chars(r, alnum, 32)))
	}
}
