package rules

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
)

func init() {
	makers["kubernetes-secret"] = func(r *rand.Rand) string { return base64.StdEncoding.EncodeToString([]byte(password(r))) }
	makers["kubernetes-secret-string"], makers["kubeconfig-credential"] = password, token40
	makers["kubeconfig-client-key"] = func(r *rand.Rand) string {
		return base64.StdEncoding.EncodeToString([]byte(pemText("RSA PRIVATE KEY", rsaDER(r), nil)))
	}
	for _, r := range cloudFiles {
		makers[r.ID] = token40
	}
	makers["terraform-random-password"], makers["cloudformation-default-secret"] = password, password
	makers["google-service-account-key"] = func(r *rand.Rand) string {
		return strings.ReplaceAll(pemText("PRIVATE KEY", anyPKCS8(r), nil), "\n", `\n`)
	}
}
