package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var rancher = []scan.Rule{{
	ID: "rancher-api-token", Title: "Rancher API token", Severity: scan.Critical, Source: "https://ranchermanager.docs.rancher.com/reference-guides/user-settings/api-keys",
	Keywords: []string{"token-", "kubeconfig-u-", "kubeconfig-user-"}, Pattern: `(?:token|kubeconfig-u(?:ser)?)-[0-9a-z]{5,10}:[2-9b-df-hj-np-tv-xz]{54}`,
}}
