package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var seam = []scan.Rule{{
	ID: "seam-api-key", Title: "Seam API key", Severity: scan.High, Source: "https://docs.seam.co/latest/core-concepts/authentication/api-keys",
	Keywords: []string{"seam_"}, Pattern: `seam_[0-9A-Za-z]{5,16}_[0-9A-Za-z]{24,32}`, Entropy: 3.5,
}}
