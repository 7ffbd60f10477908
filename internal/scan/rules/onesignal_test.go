package rules

import (
	"encoding/base32"
	"encoding/base64"
	"math/rand/v2"
	"strings"
)

func init() {
	makers["onesignal-api-key"] = func(r *rand.Rand) string {
		key := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte(chars(r, alnum, 64)))
		return "os_v2_app_" + strings.ToLower(key)
	}
	makers["onesignal-legacy-key"] = func(r *rand.Rand) string {
		var id []string
		for _, n := range []int{8, 4, 4, 4, 12} {
			id = append(id, chars(r, "0123456789abcdef", n))
		}
		return base64.StdEncoding.EncodeToString([]byte(strings.Join(id, "-")))
	}
}
