package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var readMe = []scan.Rule{{
	ID: "readme-api-key", Title: "ReadMe API key", Severity: scan.High, Source: "https://docs.readme.com/main/reference/intro/authentication",
	Keywords: []string{"rdme_"}, Pattern: `rdme_[0-9a-z]{70}`,
}}
