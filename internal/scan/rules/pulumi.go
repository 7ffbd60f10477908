package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var pulumi = []scan.Rule{{
	ID: "pulumi-access-token", Title: "Pulumi access token", Severity: scan.Critical, Source: "https://www.pulumi.com/docs/pulumi-cloud/access-management/access-tokens/",
	Keywords: []string{"pul-"}, Pattern: `pul-[0-9a-f]{40}`,
}}
