package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var sauceLabs = []scan.Rule{{
	ID: "saucelabs-access-key", Title: "Sauce Labs access key", Severity: scan.Medium, Source: "https://docs.saucelabs.com/basics/acct-team-mgmt/managing-user-info/",
	Keywords: append(names("sauce", "access_key", "key"), names("saucelabs")...), Value: uuid,
}}
