package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var volcEngine = []scan.Rule{
	{
		ID: "volcengine-access-key", Title: "Volcengine access key id", Severity: scan.Medium, Source: "https://www.volcengine.com/docs/6291/65568",
		Keywords: []string{"aklt"}, Pattern: `AKLT[0-9A-Za-z+/_-]{40,44}`, Entropy: 3.5,
	},
	{
		ID: "volcengine-secret-key", Title: "Volcengine secret access key", Severity: scan.Critical, Source: "https://www.volcengine.com/docs/6291/65568",
		Keywords: []string{"volc", "aklt"}, Value: `[0-9A-Za-z+/]{58}==|[0-9A-Za-z+/]{60}`, Entropy: 3.5,
	},
}
