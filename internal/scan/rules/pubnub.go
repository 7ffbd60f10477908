package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var pubNub = []scan.Rule{{
	ID: "pubnub-secret-key", Title: "PubNub secret key", Severity: scan.High, Source: "https://www.pubnub.com/docs/general/setup/account-setup",
	Keywords: []string{"sec-c-"}, Pattern: `sec-c-[0-9A-Za-z+/]{48}`, Check: pubNubKey,
}}

// pubNubKey holds a key to be a UUID in base64.
func pubNubKey(key []byte) (scan.Validity, string) {
	return oneSignalLegacy(key[len("sec-c-"):])
}
