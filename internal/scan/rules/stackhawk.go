package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var stackHawk = []scan.Rule{{
	ID: "stackhawk-api-key", Title: "StackHawk API key", Severity: scan.High, Source: "https://docs.stackhawk.com/hawkscan/authenticated-scanning/",
	Keywords: []string{"hawk."}, Pattern: `hawk\.[0-9A-Za-z_-]{20}\.[0-9A-Za-z_-]{20}`,
}}
