package rules

import (
	"encoding/base64"
	"math/rand/v2"
)

func init() {
	makers["sentry-org-token"] = func(r *rand.Rand) string {
		claims := `{"iat":1687336543.69859,"url":"https://sentry.io","region_url":"https://us.sentry.io","org":"` + chars(r, alnum, 8) + `"}`
		return "sntrys_" + base64.StdEncoding.EncodeToString([]byte(claims)) + "_" + chars(r, alnum, 43)
	}
}
