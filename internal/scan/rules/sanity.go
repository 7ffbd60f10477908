package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var sanity = []scan.Rule{{
	ID: "sanity-api-token", Title: "Sanity API token", Severity: scan.High, Source: "https://www.sanity.io/docs/content-lake/http-auth",
	Keywords: []string{"sanity"}, Value: `sk[0-9A-Za-z]{78,250}`, Entropy: 4,
}}
