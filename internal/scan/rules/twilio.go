package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const twilioAuth = "https://www.twilio.com/docs/iam/api-keys"

var twilio = []scan.Rule{
	{
		ID: "twilio-auth-token", Title: "Twilio auth token", Severity: scan.Critical, Source: twilioAuth,
		Keywords: append(names("twilio", "auth_token", "token", "auth"), "twilio"), Value: `[0-9a-f]{32}`, Entropy: 2.7,
	},
	{
		// The account's id stands before its token: Client("AC…", "…"), AC…:….
		ID: "twilio-account-token", Title: "Twilio auth token behind its account", Severity: scan.Critical, Source: twilioAuth,
		Keywords: []string{"twilio"}, Pattern: `AC[0-9a-f]{32}(?:["'][ ]?,[ ]?["']|:)([0-9a-f]{32})`, Entropy: 2.7, Inside: true,
		Match: []string{"twilio.Twilio('ACf0e1d2c3b4a5968778695a4b3c2d1e0f', '{}')\n"}, Miss: []string{"twilio AC{}\n"},
	},
	{
		ID: "twilio-api-key", Title: "Twilio API key", Severity: scan.Medium, Source: twilioAuth,
		Keywords: []string{"twilio"}, Pattern: `(SK[0-9a-f]{32})`,
		Match: []string{"TWILIO_API_KEY={}\n", "twilio.Twilio('{}', secret)"}, Miss: []string{"KEY={}\n"},
	},
	{
		ID: "twilio-api-secret", Title: "Twilio API key secret", Severity: scan.Critical, Source: twilioAuth,
		Keywords: names("twilio", "secret", "api_secret", "api_key_secret", "key_secret"), Value: `[0-9A-Za-z]{32}`, Entropy: 3.5,
	},
}
