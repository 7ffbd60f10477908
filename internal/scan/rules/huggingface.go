package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var huggingFace = []scan.Rule{
	{
		ID: "huggingface-token", Title: "Hugging Face user access token", Severity: scan.Critical,
		Source:   "https://huggingface.co/docs/hub/security-tokens",
		Keywords: []string{"hf_"}, Pattern: `hf_[0-9A-Za-z]{34,40}`, Entropy: 3.5,
	},
	{
		ID: "huggingface-org-token", Title: "Hugging Face organization API token", Severity: scan.Critical,
		Source:   "https://huggingface.co/docs/hub/security-tokens",
		Keywords: []string{"api_org_"}, Pattern: `api_org_[0-9A-Za-z]{34}`, Entropy: 3.5,
	},
}
