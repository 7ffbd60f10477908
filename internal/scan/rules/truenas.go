package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var trueNAS = []scan.Rule{{
	ID: "truenas-api-key", Title: "TrueNAS API key", Severity: scan.Critical, Source: "https://www.truenas.com/docs/scale/scaletutorials/toptoolbar/managingapikeys/",
	Keywords: []string{"truenas", "freenas"}, Value: `[0-9]{1,4}-[0-9A-Za-z]{64}`,
}}
