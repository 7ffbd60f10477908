package rules

import (
	"encoding/base64"
	"math/rand/v2"
)

func init() {
	makers["http-basic-credentials"] = func(r *rand.Rand) string {
		return base64.StdEncoding.EncodeToString([]byte("joe:" + password(r)))
	}
	makers["http-bearer-token"], makers["http-token-header"] = token40, token40
	for _, r := range commands {
		makers[r.ID] = token40
	}
	for _, id := range []string{"curl-user-password", "wget-password", "sshpass-password", "mysql-password"} {
		makers[id] = password
	}
}
