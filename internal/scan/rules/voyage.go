package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var voyage = []scan.Rule{{
	ID: "voyage-api-key", Title: "Voyage AI API key", Severity: scan.Medium, Source: "https://docs.voyageai.com/docs/api-key-and-installation",
	Keywords: []string{"voyage"}, Pattern: `(pa-[0-9A-Za-z_-]{43})`, Entropy: 3.5,
	Match: []string{"VOYAGE_API_KEY={}\n", "voyageai.Client(api_key='{}')"}, Miss: []string{"KEY={}\n"},
}}
