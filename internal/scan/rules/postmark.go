package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var postmark = []scan.Rule{{
	ID: "postmark-token", Title: "Postmark server or account token", Severity: scan.High, Source: "https://postmarkapp.com/developer/api/overview#authentication",
	Keywords: append(names("postmark", "token", "api", "key", "secret", "server", "account"), "x-postmark-server-token", "x-postmark-account-token"), Value: uuid,
}}
