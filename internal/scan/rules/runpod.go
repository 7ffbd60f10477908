package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var runPod = []scan.Rule{{
	ID: "runpod-api-key", Title: "RunPod API key", Severity: scan.High, Source: "https://docs.runpod.io/get-started/api-keys",
	Keywords: []string{"rpa_"}, Pattern: `rpa_[0-9A-Z]{32}[0-9A-Za-z]{8,16}`,
}}
