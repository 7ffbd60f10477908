package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const stripeKeys = "https://docs.stripe.com/keys"

var stripe = []scan.Rule{
	{
		ID: "stripe-live-key", Title: "Stripe secret or restricted key", Severity: scan.Critical, Source: stripeKeys,
		Keywords: []string{"sk_live_", "rk_live_"}, Pattern: `[rs]k_live_[0-9A-Za-z]{16,247}`, Check: stripeKey,
	},
	{
		ID: "stripe-test-key", Title: "Stripe test key", Severity: scan.Medium, Source: stripeKeys,
		Keywords: []string{"sk_test_", "rk_test_"}, Pattern: `[rs]k_test_[0-9A-Za-z]{16,247}`, Check: stripeKey,
	},
	{
		ID: "stripe-organization-key", Title: "Stripe organisation key", Severity: scan.Critical, Source: "https://docs.stripe.com/keys#organization-api-keys",
		Keywords: []string{"sk_org_"}, Pattern: `sk_org_(?:live_|test_)?[0-9A-Za-z]{16,247}`,
	},
	{
		ID: "webhook-signing-secret", Title: "Stripe or Standard Webhooks signing secret", Severity: scan.High, Source: "https://docs.stripe.com/webhooks#verify-official-libraries",
		Keywords: []string{"whsec_"}, Pattern: `whsec_[0-9A-Za-z+/]{24,88}={0,2}`,
	},
}

// stripeKey leaves those keys alone that begin alike and belong to others:
// Paystack's 40 hex digits, Clerk's 42 characters, WorkOS's base64 of key_01.
func stripeKey(key []byte) (scan.Validity, string) {
	body := key[len("sk_live_"):]
	switch {
	case len(body) == 40 && uniform(body, "0123456789abcdef"), len(body) == 42, len(body) == 64 && uniform(body, "0123456789abcdef"):
		return scan.Invalid, ""
	case bytes.HasPrefix(body, []byte("a2V5X")):
		return scan.Invalid, ""
	}
	return scan.Unverified, ""
}
