package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var xata = []scan.Rule{{
	ID: "xata-api-key", Title: "Xata API key", Severity: scan.High, Source: "https://xata.io/docs/concepts/security",
	Keywords: []string{"xau_"}, Pattern: `xau_[0-9A-Za-z]{32,64}`,
}}
