package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var rapidAPI = []scan.Rule{{
	ID: "rapidapi-key", Title: "RapidAPI key", Severity: scan.Medium, Source: "https://docs.rapidapi.com/docs/keys",
	Keywords: []string{"rapidapi", "rapid-api", "rapid_api"}, Pattern: `([0-9a-f]{10}msh[0-9a-f]{15}p[0-9a-f]{6}jsn[0-9a-f]{12})`,
	Match: []string{"x-rapidapi-key: {}\n", "RAPIDAPI_KEY=\"{}\"\n"},
}}
