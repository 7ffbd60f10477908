package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var pinecone = []scan.Rule{
	{
		ID: "pinecone-api-key", Title: "Pinecone API key", Severity: scan.High, Source: "https://docs.pinecone.io/guides/projects/manage-api-keys",
		Keywords: []string{"pcsk_"}, Pattern: `pcsk_[0-9A-Za-z]{5,6}_[0-9A-Za-z]{60,64}`,
	},
	{
		ID: "pinecone-legacy-key", Title: "Pinecone API key of the older form", Severity: scan.High, Source: "https://docs.pinecone.io/guides/projects/manage-api-keys",
		Keywords: names("pinecone"), Value: uuid,
	},
}
