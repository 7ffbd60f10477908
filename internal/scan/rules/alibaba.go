package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var alibaba = []scan.Rule{
	{
		ID: "alibaba-access-key-id", Title: "Alibaba Cloud AccessKey id", Severity: scan.High,
		Source:   "https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair",
		Keywords: []string{"ltai"}, Pattern: `LTAI[0-9A-Za-z]{12,20}`, Entropy: 3,
	},
	{
		ID: "alibaba-access-key-secret", Title: "Alibaba Cloud AccessKey secret", Severity: scan.Critical,
		Source:   "https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair",
		Keywords: []string{"alibaba", "aliyun", "alicloud", "ltai"}, Value: `[0-9A-Za-z]{30}`, Entropy: 3.5,
	},
}
