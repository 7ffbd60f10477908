package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var opsgenie = []scan.Rule{{
	ID: "opsgenie-api-key", Title: "Opsgenie API key", Severity: scan.High, Source: "https://support.atlassian.com/opsgenie/docs/api-key-management/",
	Keywords: names("opsgenie"), Value: uuid,
}, {
	ID: "opsgenie-header", Title: "Opsgenie API key in a header", Severity: scan.High, Source: "https://docs.opsgenie.com/docs/authentication",
	Keywords: []string{"geniekey"}, Pattern: `GenieKey[ :]{1,2}(` + uuid + `)`,
	Match: []string{"Authorization: GenieKey {}\n"}, Miss: []string{"id: {}\n"},
}}
