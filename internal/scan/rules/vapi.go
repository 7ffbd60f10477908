package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var vapi = []scan.Rule{{
	ID: "vapi-private-key", Title: "Vapi private key", Severity: scan.High, Source: "https://docs.vapi.ai/api-reference",
	Keywords: names("vapi"), Value: uuid,
}}
