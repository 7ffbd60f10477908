package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var tencent = []scan.Rule{{
	ID: "tencent-secret-id", Title: "Tencent Cloud secret id", Severity: scan.Medium, Source: "https://www.tencentcloud.com/document/product/598/34228",
	Keywords: []string{"akid"}, Pattern: `AKID[0-9A-Za-z]{32}`, Entropy: 3.5,
}, {
	ID: "tencent-secret-key", Title: "Tencent Cloud secret key", Severity: scan.Critical, Source: "https://www.tencentcloud.com/document/product/598/34228",
	Keywords: []string{"tencent", "qcloud", "tccli", "cos_secret", "akid"}, Value: `[0-9A-Za-z]{32}`, Entropy: 3.8,
}}
