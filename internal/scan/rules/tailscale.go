package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var tailscale = []scan.Rule{{
	ID: "tailscale-key", Title: "Tailscale key", Severity: scan.Critical, Source: "https://tailscale.com/kb/1277/key-prefixes",
	Keywords: []string{"tskey-"}, Pattern: `tskey-(?:[a-z]{3,10}-)?[0-9A-Za-z]{8,24}-[0-9A-Za-z]{16,48}`,
}}
