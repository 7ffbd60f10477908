package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var trigger = []scan.Rule{{
	ID: "trigger-dev-key", Title: "Trigger.dev key", Severity: scan.High, Source: "https://trigger.dev/docs/apikeys",
	Keywords: []string{"tr_dev_", "tr_prod_", "tr_stg_", "tr_preview_", "tr_pat_"}, Pattern: `tr_(?:dev|prod|stg|preview|pat)_[0-9A-Za-z]{20,64}`, Entropy: 3.3,
}}
