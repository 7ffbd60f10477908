package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var vonage = []scan.Rule{{
	ID: "vonage-api-secret", Title: "Vonage API secret", Severity: scan.High, Source: "https://developer.vonage.com/en/account/secret-management",
	Keywords: append(names("vonage", "secret", "api_secret"), names("nexmo", "secret", "api_secret")...), Value: `[0-9A-Za-z]{16}|[0-9A-Za-z]{8}`, Entropy: 2.3,
}}
