package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const openAIKeys = "https://platform.openai.com/docs/api-reference/authentication"

var openAI = []scan.Rule{
	{
		ID: "openai-api-key", Title: "OpenAI API key", Severity: scan.Critical, Source: openAIKeys,
		Keywords: []string{"sk-proj-", "sk-svcacct-", "sk-service-"}, Pattern: `sk-(?:proj|svcacct|service)-[0-9A-Za-z_-]{40,200}`, Check: openAIMark,
	},
	{
		ID: "openai-admin-key", Title: "OpenAI admin key", Severity: scan.Critical, Source: "https://platform.openai.com/docs/api-reference/admin-api-keys",
		Keywords: []string{"sk-admin-"}, Pattern: `sk-admin-[0-9A-Za-z_-]{40,200}`, Check: openAIMark,
	},
	{
		ID: "openai-legacy-key", Title: "OpenAI API key of the older form", Severity: scan.Critical, Source: openAIKeys,
		Keywords: []string{"t3blbkfj"}, Pattern: `sk-[0-9A-Za-z]{20}T3BlbkFJ[0-9A-Za-z]{20}`,
	},
}

// openAIMark looks for what OpenAI puts into the middle of its keys: its name in
// base64.
func openAIMark(key []byte) (scan.Validity, string) {
	if bytes.Contains(key, []byte("T3BlbkFJ")) {
		return scan.Plausible, ""
	}
	return scan.Unverified, ""
}
