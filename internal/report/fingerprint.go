package report

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"regexp"
	"sync"
)

// fingerprintLabel keeps these hashes apart from all others under the same key.
const fingerprintLabel = "git-envelope fingerprint v1"

var (
	base32Lower      = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
	fingerprintShape = lazy(`^ge1-[a-z2-7]{26}$`)
)

// lazy is an expression that is compiled when first used: a report without findings
// needs none.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// Fingerprint is the identity of a finding: "ge1-" and 130 bits of an
// HMAC-SHA-256 over rule, path, secret and details, each with its length before
// it. Two findings have the same one only if all of these are the same, byte for
// byte: nothing is normalised, so a renamed file or a changed secret is a new
// finding, and a moved line, an amended commit or another scan is not.
//
// Of findings without a secret (verdicts 1 and 2) secret is nil, which is not the
// same as empty, and detail holds what else makes them different: ring, base, key.
//
// What it reveals: without the key nothing but whether two are equal. Who has the
// key can test guesses of the secret, as fast as SHA-256 runs; a short password
// falls to that. Reports and baselines are often public where the key is not, so
// keep the key out of both.
func Fingerprint(key []byte, rule, path string, secret []byte, detail ...string) string {
	mac := hmac.New(sha256.New, key)
	field := func(b []byte) {
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(b))))
		mac.Write(b)
	}
	field([]byte(fingerprintLabel))
	field([]byte(rule))
	field([]byte(path))
	if secret != nil {
		mac.Write([]byte{1})
		field(secret)
	} else {
		mac.Write([]byte{0})
	}
	for _, d := range detail {
		field([]byte(d))
	}
	return "ge1-" + base32Lower.EncodeToString(mac.Sum(nil))[:26]
}

// Bounds of what Redact shows.
const (
	maxPrefix = 24 // longer ones are no prefix that a provider publishes
	minHidden = 16 // bytes that stay unknown if a prefix and a length are shown
)

// Redact tells people which secret is meant without helping anyone to guess it:
// the prefix that every secret of its kind has, and the length, where enough
// stays unknown; of any other the class of its length alone. prefix is the
// rule's public one and never taken from the secret: "" if there is none.
func Redact(secret []byte, prefix string) string {
	hidden := len(secret) - len(prefix)
	if prefix != "" && len(prefix) <= maxPrefix && hidden >= minHidden && bytes.HasPrefix(secret, []byte(prefix)) {
		return fmt.Sprintf("%s…(%d bytes)", show(prefix), len(secret))
	}
	least := 0
	for _, most := range []int{8, 16, 32, 64, 256} {
		if len(secret) < most {
			if least == 0 {
				return fmt.Sprintf("…(under %d bytes)", most)
			}
			return fmt.Sprintf("…(%d to %d bytes)", least, most-1)
		}
		least = most
	}
	return fmt.Sprintf("…(%d bytes or more)", least)
}
