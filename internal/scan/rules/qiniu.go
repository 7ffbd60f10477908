package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var qiniu = []scan.Rule{{
	ID: "qiniu-secret-key", Title: "Qiniu secret key", Severity: scan.High, Source: "https://developer.qiniu.com/kodo/3978/the-basic-concept",
	Keywords: names("qiniu", "secret", "sk"), Value: `[0-9A-Za-z_-]{40}`, Entropy: 3.5,
}}
