package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var flutterwave = []scan.Rule{
	{
		ID: "flutterwave-secret-key", Title: "Flutterwave secret key", Severity: scan.Critical,
		Source:   "https://developer.flutterwave.com/docs/authentication",
		Keywords: []string{"flwseck"}, Pattern: `FLWSECK(?:_TEST|_PROD)?-[0-9A-Za-z]{12,48}(?:-X)?`,
	},
}
