package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var vultr = []scan.Rule{{
	ID: "vultr-api-key", Title: "Vultr API key", Severity: scan.Critical, Source: "https://docs.vultr.com/platform/other/api",
	Keywords: []string{"vultr"}, Value: `[0-9A-Z]{36}`, Entropy: 3.3,
}}
