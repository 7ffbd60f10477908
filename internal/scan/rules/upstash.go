package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var upstash = []scan.Rule{{
	ID: "upstash-rest-token", Title: "Upstash REST token", Severity: scan.Critical, Source: "https://upstash.com/docs/redis/features/restapi",
	Keywords: []string{"upstash", "kv_rest_api", "qstash"}, Value: `A[A-Za-f][0-9A-Za-z_-]{30,90}={0,2}`, Entropy: 3.5,
}}
