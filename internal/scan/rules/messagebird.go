package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var messageBird = []scan.Rule{
	{
		ID: "messagebird-access-key", Title: "MessageBird access key", Severity: scan.High,
		Source:   "https://developers.messagebird.com/api/#authentication",
		Keywords: []string{"messagebird", "message_bird"}, Value: `[0-9A-Za-z]{25}`, Entropy: 3.4,
	},
}
