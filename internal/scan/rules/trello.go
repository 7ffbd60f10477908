package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var trello = []scan.Rule{
	{
		ID: "trello-token", Title: "Trello token", Severity: scan.High, Source: "https://developer.atlassian.com/cloud/trello/guides/rest-api/authorization/",
		Keywords: []string{"atta"}, Pattern: `ATTA[0-9a-f]{64}[0-9A-F]{8}`,
	},
	{
		ID: "trello-secret", Title: "Trello API key or older token", Severity: scan.Medium, Source: "https://developer.atlassian.com/cloud/trello/guides/rest-api/authorization/",
		Keywords: names("trello"), Value: `[0-9a-f]{32}(?:[0-9a-f]{32})?`, Entropy: 2.7,
	},
}
