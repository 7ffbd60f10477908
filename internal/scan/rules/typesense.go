package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var typesense = []scan.Rule{{
	ID: "typesense-api-key", Title: "Typesense API key", Severity: scan.High, Source: "https://typesense.org/docs/guide/configure-typesense.html",
	Keywords: append(names("typesense", "api_key", "admin", "key"), "x-typesense-api-key"), Value: `[0-9A-Za-z]{32}`, Entropy: 3.5,
}}
