package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var ovh = []scan.Rule{{
	ID: "ovh-api-secret", Title: "OVHcloud application secret or consumer key", Severity: scan.Critical, Source: "https://help.ovhcloud.com/csm/en-api-getting-started-ovhcloud-api",
	Keywords: append(names("ovh", "application_secret", "consumer_key", "app_secret", "secret"), "application_secret", "consumer_key"), Value: `[0-9a-f]{32}|[0-9A-Za-z]{32}`, Entropy: 2.9,
}}
