package rules

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
)

func init() {
	b64 := func(prefix string) func(*rand.Rand) string {
		return func(r *rand.Rand) string { return base64.StdEncoding.EncodeToString([]byte(prefix + password(r))) }
	}
	for _, r := range clientFiles {
		if r.Detect != nil {
			makers[r.ID] = password
		}
	}
	makers["docker-config-auth"], makers["npm-password"], makers["filezilla-password"] = b64("joe:"), b64(""), b64("")
	makers["npm-auth-token"] = token40
	makers["group-policy-password"] = base64Of(32)
	makers["cisco-type7-password"] = func(r *rand.Rand) string {
		offset := r.IntN(16)
		out := fmt.Sprintf("%02d", offset)
		for i, c := range []byte(password(r)) {
			out += fmt.Sprintf("%02X", c^type7[(offset+i)%len(type7)])
		}
		return out
	}
}
