package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var modalLabs = []scan.Rule{
	{
		ID: "modal-token-secret", Title: "Modal token secret", Severity: scan.High,
		Source:   "https://modal.com/docs/reference/modal.config",
		Keywords: []string{"modal_token", "modal.com"}, Value: `a[ks]-[0-9A-Za-z]{22}`, Entropy: 3,
	},
}
