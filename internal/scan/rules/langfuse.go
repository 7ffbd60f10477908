package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var langfuse = []scan.Rule{
	{
		ID: "langfuse-secret-key", Title: "Langfuse secret key", Severity: scan.High,
		Source:   "https://langfuse.com/docs/observability/get-started",
		Keywords: []string{"sk-lf-"}, Pattern: `sk-lf-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`,
	},
}
