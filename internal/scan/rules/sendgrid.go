package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var sendGrid = []scan.Rule{{
	ID: "sendgrid-api-key", Title: "SendGrid API key", Severity: scan.Critical, Source: "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys",
	Keywords: []string{"sg."}, Pattern: `SG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}`,
}}
