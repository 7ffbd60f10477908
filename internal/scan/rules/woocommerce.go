package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var wooCommerce = []scan.Rule{{
	ID: "woocommerce-consumer-secret", Title: "WooCommerce consumer secret", Severity: scan.High, Source: "https://developer.woocommerce.com/docs/apis/rest-api/authentication/",
	Keywords: []string{"woocommerce", "consumer_secret", "consumersecret", "consumer-secret", "/wc/v"}, Pattern: `(cs_[0-9a-f]{40})`,
	Match: []string{"WOOCOMMERCE_SECRET={}\n", "consumerSecret: '{}',\n"}, Miss: []string{"KEY={}\n"},
}}
