package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var pipedrive = []scan.Rule{{
	ID: "pipedrive-api-token", Title: "Pipedrive API token", Severity: scan.High, Source: "https://pipedrive.readme.io/docs/core-api-concepts-authentication",
	Keywords: names("pipedrive"), Value: `[0-9a-f]{40}`, Entropy: 2.7,
}}
