package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var rubyGems = []scan.Rule{
	{
		ID: "rubygems-api-key", Title: "RubyGems API key", Severity: scan.Critical, Source: "https://guides.rubygems.org/api-key-scopes/",
		Keywords: []string{"rubygems_"}, Pattern: `rubygems_[0-9a-f]{48}`,
	},
	{
		ID: "rubygems-legacy-key", Title: "RubyGems API key of the older form", Severity: scan.Critical, Source: "https://guides.rubygems.org/command-reference/#gem-signin",
		Keywords: []string{":rubygems_api_key:", "gem_host_api_key"}, Pattern: `(?::rubygems_api_key:|GEM_HOST_API_KEY\s*[=:])\s*["']?([0-9a-f]{32})`,
		Match: []string{":rubygems_api_key: {}\n", "GEM_HOST_API_KEY={}\n"}, Miss: []string{"key: {}\n"},
	},
}
