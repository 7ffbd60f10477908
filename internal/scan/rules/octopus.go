package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var octopus = []scan.Rule{{
	ID: "octopus-api-key", Title: "Octopus Deploy API key", Severity: scan.Critical, Source: "https://octopus.com/docs/octopus-rest-api/how-to-create-an-api-key",
	Keywords: []string{"octopus", "octo "}, Pattern: `(API-[0-9A-Z]{25,32})`,
	Match: []string{"OCTOPUS_API_KEY={}\n", "octo push --apiKey {} --server https://deploy.example.org\n"}, Miss: []string{"KEY={}\n"},
}}
