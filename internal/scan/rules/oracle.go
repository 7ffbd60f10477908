package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var oracle = []scan.Rule{{
	ID: "oracle-cloud-auth-token", Title: "Oracle Cloud customer secret key", Severity: scan.High, Source: "https://docs.oracle.com/en-us/iaas/Content/Identity/access/managing-user-credentials.htm",
	Keywords: append(names("oci", "auth_token", "secret_key", "customer_secret", "secret_access"), names("oracle_cloud", "secret", "token")...), Value: `[0-9A-Za-z+/]{43}=`,
}}
