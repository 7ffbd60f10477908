package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var cratesIO = []scan.Rule{
	{
		ID: "crates-io-token", Title: "crates.io API token", Severity: scan.Critical,
		Source:   "https://doc.rust-lang.org/cargo/reference/publishing.html",
		Keywords: []string{"cargo_registry_token", "crates", "registry"}, Value: `cio[0-9A-Za-z]{32}`, Entropy: 3.5,
	},
}
