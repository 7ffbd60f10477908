package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var virusTotal = []scan.Rule{{
	ID: "virustotal-api-key", Title: "VirusTotal API key", Severity: scan.Medium, Source: "https://docs.virustotal.com/reference/authentication",
	Keywords: append(append(names("virustotal"), names("vt", "api_key", "apikey", "key")...), names("virus_total")...), Value: `[0-9a-f]{64}`, Entropy: 2.9,
}}
