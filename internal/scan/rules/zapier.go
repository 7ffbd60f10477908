package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var zapier = []scan.Rule{{
	ID: "zapier-webhook", Title: "Zapier webhook", Severity: scan.Medium, Source: "https://help.zapier.com/hc/en-us/articles/8496288690317-Trigger-Zaps-from-webhooks",
	Keywords: []string{"hooks.zapier.com/hooks/"}, Pattern: `hooks\.zapier\.com/hooks/(?:catch|standard)/[0-9]{4,10}/[0-9A-Za-z]{6,36}`,
}}
