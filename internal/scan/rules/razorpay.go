package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var razorpay = []scan.Rule{{
	ID: "razorpay-key-secret", Title: "Razorpay key secret", Severity: scan.Critical, Source: "https://razorpay.com/docs/api/authentication/",
	Keywords: append(names("razorpay", "secret", "key_secret", "api_secret"), "rzp_live_", "rzp_test_"), Value: `[0-9A-Za-z]{24}`, Entropy: 3.3,
}}
