package rules

import (
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

var oneSignal = []scan.Rule{
	{
		ID: "onesignal-api-key", Title: "OneSignal API key", Severity: scan.High, Source: "https://documentation.onesignal.com/docs/en/keys-and-ids",
		Keywords: []string{"os_v2_app_", "os_v2_org_"}, Pattern: `os_v2_(?:app|org)_[2-7a-z]{103}`, Check: oneSignalKey,
	},
	{
		ID: "onesignal-legacy-key", Title: "OneSignal REST API key of the older form", Severity: scan.High, Source: "https://documentation.onesignal.com/docs/en/keys-and-ids",
		Keywords: append(names("onesignal"), names("one_signal")...), Value: `[0-9A-Za-z]{48}`, Check: oneSignalLegacy,
	},
}

// oneSignalKey tells the app or organisation: the first 16 of 64 bytes.
func oneSignalKey(key []byte) (scan.Validity, string) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(string(key[10:])))
	if err != nil || len(raw) != 64 {
		return scan.Unverified, ""
	}
	return scan.Plausible, fmt.Sprintf("%s %x-%x-%x-%x-%x", key[6:9], raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:16])
}

// oneSignalLegacy holds a key to be a UUID in base64, as older ones were.
func oneSignalLegacy(key []byte) (scan.Validity, string) {
	raw, err := base64.StdEncoding.DecodeString(string(key))
	if err != nil || len(raw) != 36 || raw[8] != '-' || raw[23] != '-' {
		return scan.Invalid, ""
	}
	return scan.Plausible, ""
}
