package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var openVSX = []scan.Rule{{
	ID: "openvsx-token", Title: "Open VSX access token", Severity: scan.Critical, Source: "https://github.com/eclipse/openvsx/wiki/Publishing-Extensions#3-create-an-access-token",
	Keywords: []string{"ovsxp_", "ovsxat_"}, Pattern: `ovsx(?:p|at)_` + uuid,
}}
