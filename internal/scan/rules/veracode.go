package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var veracode = []scan.Rule{{
	ID: "veracode-api-key", Title: "Veracode API secret key", Severity: scan.High, Source: "https://docs.veracode.com/r/c_api_credentials3",
	Keywords: names("veracode", "api_key", "secret", "key_secret"), Value: `(?:vera01e[ip]-)?[0-9a-f]{128}`, Entropy: 3,
}}
