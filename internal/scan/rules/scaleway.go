package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var scaleway = []scan.Rule{{
	ID: "scaleway-secret-key", Title: "Scaleway secret key", Severity: scan.Critical, Source: "https://www.scaleway.com/en/docs/iam/how-to/create-api-keys/",
	Keywords: append(names("scw", "secret", "token"), names("scaleway", "secret", "token", "api")...), Value: uuid,
}}
