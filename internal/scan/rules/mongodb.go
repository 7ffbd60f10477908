package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var mongoAtlas = []scan.Rule{
	{
		ID: "mongodb-atlas-client-secret", Title: "MongoDB Atlas service account secret", Severity: scan.Critical,
		Source:   "https://www.mongodb.com/docs/atlas/api/service-accounts-overview/",
		Keywords: []string{"mdb_sa_sk_"}, Pattern: `mdb_sa_sk_[0-9A-Za-z_-]{40}`,
	},
	{
		ID: "mongodb-atlas-private-key", Title: "MongoDB Atlas private API key", Severity: scan.Critical,
		Source:   "https://www.mongodb.com/docs/atlas/configure-api-access/",
		Keywords: []string{"mongodb_atlas", "mongodbatlas", "atlas_private", "atlas_api"},
		Value:    `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, Entropy: 3,
	},
}
