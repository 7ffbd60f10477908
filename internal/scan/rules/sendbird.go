package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var sendbird = []scan.Rule{{
	ID: "sendbird-api-token", Title: "Sendbird API token", Severity: scan.High, Source: "https://sendbird.com/docs/chat/platform-api/v3/prepare-to-use-api",
	Keywords: names("sendbird", "api", "token", "master", "secret"), Value: `[0-9a-f]{40}`, Entropy: 2.7,
}}
