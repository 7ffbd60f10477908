package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var portainer = []scan.Rule{{
	ID: "portainer-api-key", Title: "Portainer access token", Severity: scan.Critical, Source: "https://docs.portainer.io/api/access",
	Keywords: []string{"ptr_"}, Pattern: `ptr_[0-9A-Za-z+/]{43}=`, Check: decodes(len("ptr_"), 32, base64Std.DecodeString),
}}
