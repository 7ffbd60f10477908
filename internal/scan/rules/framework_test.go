package rules

import (
	"encoding/base64"
	"math/rand/v2"
)

func base64Of(n int) func(*rand.Rand) string {
	return func(r *rand.Rand) string { return base64.StdEncoding.EncodeToString(randomBytes(r, n)) }
}

func init() {
	for _, r := range frameworks {
		makers[r.ID] = token40
	}
	makers["rails-master-key"], makers["symfony-app-secret"] = hexOf(32), hexOf(32)
	makers["aspnet-machine-key"], makers["magento-crypt-key"] = hexOf(128), hexOf(32)
	makers["laravel-app-key"] = func(r *rand.Rand) string { return "base64:" + base64Of(32)(r) }
	makers["fernet-key"], makers["gossip-key"] = base64Of(32), base64Of(32)
	for _, id := range []string{"database-password", "odoo-master-password", "grafana-admin-password", "service-secret", "java-keystore-password"} {
		makers[id] = password
	}
}
