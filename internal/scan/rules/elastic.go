package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
)

var elastic = []scan.Rule{
	{
		ID: "elastic-cloud-key", Title: "Elastic Cloud API key", Severity: scan.Critical,
		Source:   "https://www.elastic.co/docs/deploy-manage/api-keys/elastic-cloud-api-keys",
		Keywords: []string{"essu_"}, Pattern: `essu_[0-9A-Za-z+/_-]{40,200}={0,2}`,
	},
	{
		ID: "elasticsearch-api-key", Title: "Elasticsearch API key", Severity: scan.Critical,
		Source:   "https://www.elastic.co/docs/deploy-manage/api-keys/elasticsearch-api-keys",
		Keywords: []string{"elastic", "kibana", "es_api_key"}, Value: `[0-9A-Za-z+/]{56,80}={0,2}`, Entropy: 4, Check: elasticKey,
	},
}

// elasticKey decodes an id of 20 characters, a colon and a secret of 22.
func elasticKey(key []byte) (scan.Validity, string) {
	plain, ok := unbase64(key)
	return structured(ok && len(plain) == 43 && bytes.IndexByte(plain, ':') == 20, "")
}
