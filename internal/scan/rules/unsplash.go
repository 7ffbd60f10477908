package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var unsplash = []scan.Rule{{
	ID: "unsplash-key", Title: "Unsplash access or secret key", Severity: scan.Low, Source: "https://unsplash.com/documentation#authorization",
	Keywords: names("unsplash"), Value: `[0-9A-Za-z_-]{43}`, Entropy: 3.8,
}}
