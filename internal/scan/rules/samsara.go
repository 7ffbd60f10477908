package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var samsara = []scan.Rule{{
	ID: "samsara-api-token", Title: "Samsara API token", Severity: scan.High, Source: "https://developers.samsara.com/docs/authentication",
	Keywords: []string{"samsara_api_"}, Pattern: `samsara_api_[0-9A-Za-z]{30}`,
}}
