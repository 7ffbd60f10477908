package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var qdrant = []scan.Rule{{
	ID: "qdrant-api-key", Title: "Qdrant database API key", Severity: scan.High, Source: "https://qdrant.tech/documentation/cloud/authentication/",
	Keywords: names("qdrant"), Value: `[0-9A-Za-z_-]{43,60}(?:\|[0-9A-Za-z_-]{20,80})?`, Entropy: 3.5,
}}
