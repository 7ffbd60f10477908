package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var resend = []scan.Rule{{
	ID: "resend-api-key", Title: "Resend API key", Severity: scan.High, Source: "https://resend.com/docs/dashboard/api-keys/introduction",
	Keywords: []string{"resend"}, Pattern: `(re_[0-9A-Za-z]{8}_[0-9A-Za-z]{24})`,
	Match: []string{"RESEND_API_KEY={}\n", "const resend = new Resend('{}');\n"}, Miss: []string{"RESEND_API_KEY=x{}\n"},
}}
