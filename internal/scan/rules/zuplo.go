package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var zuplo = []scan.Rule{{
	ID: "zuplo-api-key", Title: "Zuplo API key", Severity: scan.High, Source: "https://zuplo.com/docs/articles/api-key-leak-detection",
	Keywords: []string{"zpka_"}, Pattern: `zpka_[0-9a-z]{32}_[0-9a-f]{8}`,
}}
