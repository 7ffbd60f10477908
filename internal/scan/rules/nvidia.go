package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var nvidia = []scan.Rule{{
	ID: "nvidia-api-key", Title: "NVIDIA API key", Severity: scan.High, Source: "https://docs.nvidia.com/ngc/latest/ngc-user-guide.html#ngc-api-keys",
	Keywords: []string{"nvapi-"}, Pattern: `nvapi-[0-9A-Za-z_-]{64}`,
}}
