package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var openShift = []scan.Rule{{
	ID: "openshift-token", Title: "OpenShift OAuth token", Severity: scan.Critical, Source: "https://docs.redhat.com/en/documentation/openshift_container_platform/4.17/html/authentication_and_authorization/managing-oauth-access-tokens",
	Keywords: []string{"sha256~"}, Pattern: `sha256~[0-9A-Za-z_-]{43}`, Check: decodes(len("sha256~"), 32, base64RawURL.DecodeString),
}}
