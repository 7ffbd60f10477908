package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var prefect = []scan.Rule{{
	ID: "prefect-api-key", Title: "Prefect Cloud API key", Severity: scan.High, Source: "https://docs.prefect.io/v3/how-to-guides/cloud/manage-users/api-keys",
	Keywords: []string{"pnu_", "pnb_"}, Pattern: `pn[bu]_[0-9A-Za-z]{36}`,
}}
