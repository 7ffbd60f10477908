package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var segment = []scan.Rule{{
	ID: "segment-api-token", Title: "Segment public API token", Severity: scan.High, Source: "https://docs.segmentapis.com/tag/Getting-Started",
	Keywords: []string{"sgp_"}, Pattern: `sgp_[0-9A-Za-z]{64}`,
}, {
	ID: "segment-write-key", Title: "Segment write key", Severity: scan.Low, Source: "https://segment.com/docs/connections/find-writekey/",
	Keywords: names("segment", "write_key", "key", "secret"), Value: `[0-9A-Za-z]{32}`, Entropy: 3.5,
}}
