package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var tigris = []scan.Rule{{
	ID: "tigris-secret-key", Title: "Tigris secret access key", Severity: scan.High, Source: "https://www.tigrisdata.com/docs/iam/manage-access-key/",
	Keywords: []string{"tsec_"}, Pattern: `tsec_[0-9A-Za-z_+/-]{60,70}`,
}}
