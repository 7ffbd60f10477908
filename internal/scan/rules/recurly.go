package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var recurly = []scan.Rule{{
	ID: "recurly-api-key", Title: "Recurly private API key", Severity: scan.Critical, Source: "https://docs.recurly.com/recurly-subscriptions/docs/api-keys",
	Keywords: names("recurly", "api", "private", "key", "secret"), Value: `[0-9a-f]{32}`, Entropy: 2.7,
}}
