package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var travis = []scan.Rule{{
	ID: "travis-api-token", Title: "Travis CI API token", Severity: scan.High, Source: "https://docs.travis-ci.com/user/triggering-builds/",
	Keywords: names("travis"), Value: `[0-9A-Za-z_-]{20,22}`, Entropy: 3.2,
}}
