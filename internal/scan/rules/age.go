package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const ageSpec = "https://github.com/C2SP/C2SP/blob/main/age.md"

// age keys have a checksum that no placeholder meets, hence Raw.
var age = []scan.Rule{
	{
		ID: "age-secret-key", Title: "age secret key", Severity: scan.Critical, Source: ageSpec,
		Keywords: []string{"age-secret-key-1"}, Pattern: `AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}`, Raw: true, Check: bech32,
	},
	{
		ID: "age-post-quantum-secret-key", Title: "age post-quantum secret key", Severity: scan.Critical, Source: ageSpec,
		Keywords: []string{"age-secret-key-pq-1"}, Pattern: `AGE-SECRET-KEY-PQ-1[02-9AC-HJ-NP-Z]{58}`, Raw: true, Check: bech32,
	},
	{
		ID: "age-plugin-identity", Title: "age plug-in identity", Severity: scan.Medium,
		Source:   "https://github.com/C2SP/C2SP/blob/main/age-plugin.md",
		Keywords: []string{"age-plugin-"}, Pattern: `AGE-PLUGIN-[0-9A-Z+._-]{1,64}-1[02-9AC-HJ-NP-Z]{6,400}`, Reach: 1024, Raw: true, Check: bech32,
	},
}
