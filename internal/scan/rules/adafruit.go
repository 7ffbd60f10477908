package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var adafruit = []scan.Rule{
	{
		ID: "adafruit-io-key", Title: "Adafruit IO key", Severity: scan.Medium,
		Source:   "https://io.adafruit.com/api/docs/#authentication",
		Keywords: []string{"aio_"}, Pattern: `aio_[0-9A-Za-z]{28}`,
	},
}
