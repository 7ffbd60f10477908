package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var stability = []scan.Rule{{
	ID: "stability-api-key", Title: "Stability AI API key", Severity: scan.Medium, Source: "https://platform.stability.ai/docs/getting-started/authentication",
	Keywords: append(names("stability"), names("stability_ai")...), Value: `sk-[0-9A-Za-z]{48}`,
}}
