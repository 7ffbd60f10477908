package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var wandb = []scan.Rule{
	{
		ID: "wandb-api-key", Title: "Weights & Biases API key", Severity: scan.High, Source: "https://docs.wandb.ai/support/find_api_key/",
		Keywords: []string{"wandb_v1_"}, Pattern: `wandb_v1_[0-9A-Za-z_-]{60,100}`,
	},
	{
		ID: "wandb-legacy-key", Title: "Weights & Biases API key of the older form", Severity: scan.High, Source: "https://docs.wandb.ai/support/find_api_key/",
		Keywords: []string{"wandb"}, Pattern: `(?i:wandb)[0-9A-Za-z_. -]{0,24}["']?(?:[ \t]*[=:(,][ \t]*|[ \t]+)(?:key[ \t]*=[ \t]*)?["']?([0-9a-f]{40})`, Entropy: 2.7,
		Match: []string{"WANDB_API_KEY={}\n", "wandb.login(key=\"{}\")\n", "wandb login {}\n", "\"wandb_api_key\": \"{}\","}, Miss: []string{"commit: {}\n"},
	},
}
