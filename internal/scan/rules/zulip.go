package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var zulip = []scan.Rule{{
	ID: "zulip-api-key", Title: "Zulip API key", Severity: scan.High, Source: "https://zulip.com/api/configuring-python-bindings",
	Keywords: []string{"zulip"}, Value: `[0-9A-Za-z]{32}`, Entropy: 3.3,
}}
