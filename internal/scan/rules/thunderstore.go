package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var thunderstore = []scan.Rule{{
	ID: "thunderstore-token", Title: "Thunderstore API token", Severity: scan.High, Source: "https://thunderstore.io/api/docs/",
	Keywords: []string{"tss_"}, Pattern: `tss_[0-9A-Za-z]{20,40}`, Entropy: 3.5,
}}
