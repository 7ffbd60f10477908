package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var stream = []scan.Rule{{
	ID: "stream-api-secret", Title: "Stream API secret", Severity: scan.High, Source: "https://getstream.io/chat/docs/node/tokens_and_authentication/",
	Keywords: append(names("stream", "api_secret", "secret"), names("getstream", "secret", "api_secret")...), Value: `[0-9a-z]{64}`, Entropy: 3.3,
}}
