package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var packagist = []scan.Rule{{
	ID: "packagist-token", Title: "Private Packagist token", Severity: scan.High, Source: "https://packagist.com/docs/composer-authentication",
	Keywords: []string{"packagist_"}, Pattern: `packagist_[a-z]{3}_[0-9a-f]{68}`,
}}
