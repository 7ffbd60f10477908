package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var opsgenie = []scan.Rule{{
	ID: "opsgenie-api-key", Title: "Opsgenie API key", Severity: scan.High, Source: "https://support.atlassian.com/opsgenie/docs/api-key-management/",
	Keywords: append(names("opsgenie"), "geniekey"), Value: `(?:GenieKey )?` + uuid,
}}
