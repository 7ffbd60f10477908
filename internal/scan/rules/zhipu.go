package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var zhipu = []scan.Rule{{
	ID: "zhipu-api-key", Title: "Zhipu AI API key", Severity: scan.Medium, Source: "https://docs.bigmodel.cn/cn/api/introduction",
	Keywords: []string{"zhipu", "glm_api", "bigmodel", "zai_api", "chatglm"}, Pattern: `([0-9a-f]{32}\.[0-9A-Za-z]{16})`,
	Match: []string{"ZHIPUAI_API_KEY={}\n", "ZhipuAI(api_key='{}')"}, Miss: []string{"KEY={}\n"},
}}
