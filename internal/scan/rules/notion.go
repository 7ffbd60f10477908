package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var notion = []scan.Rule{
	{
		ID: "notion-token", Title: "Notion integration token", Severity: scan.High, Source: "https://developers.notion.com/docs/authorization",
		Keywords: []string{"ntn_"}, Pattern: `ntn_[0-9]{11}[0-9A-Za-z]{35}`,
	},
	{
		ID: "notion-legacy-token", Title: "Notion integration token of the older form", Severity: scan.High, Source: "https://developers.notion.com/docs/authorization",
		Keywords: []string{"notion"}, Pattern: `(secret_[0-9A-Za-z]{43})`,
		Match: []string{"NOTION_TOKEN={}\n", "new Client({ notion, auth: \"{}\" })"}, Miss: []string{"KEY={}\n"},
	},
}
