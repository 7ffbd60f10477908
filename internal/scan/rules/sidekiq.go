package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var sidekiq = []scan.Rule{{
	ID: "sidekiq-credentials", Title: "Sidekiq Pro or Enterprise credentials", Severity: scan.Medium, Source: "https://github.com/sidekiq/sidekiq/wiki/Commercial-FAQ",
	Keywords: []string{"contribsys"}, Pattern: `([0-9a-f]{8}:[0-9a-f]{8})`,
	Match: []string{"BUNDLE_ENTERPRISE__CONTRIBSYS__COM={}\n", "source 'https://{}@gems.contribsys.com/'\n"}, Miss: []string{"KEY={}\n"},
}}
