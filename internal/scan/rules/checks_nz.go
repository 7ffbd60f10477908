package rules

import (
	"bytes"
	"encoding/base64"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const uuid = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`

// names are the keywords of a credential without a prefix of its own: how a
// service and a word are joined in names, so that ids and addresses of the
// service, named after it as well, are left alone.
func names(service string, words ...string) []string {
	if len(words) == 0 {
		words = []string{"api", "token", "key", "secret", "auth", "access"}
	}
	var out []string
	for _, word := range words {
		for _, joint := range []string{"_", "-", "", "."} {
			if name := strings.ReplaceAll(service+"_"+word, "_", joint); !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// checksum62 verifies the last six characters: the CRC-32 of those between a
// prefix of that many bytes and the checksum, in base 62.
func checksum62(prefix int) func([]byte) (scan.Validity, string) {
	return func(token []byte) (scan.Validity, string) {
		end := len(token) - 6
		return proven(end > prefix && string(token[end:]) == base62(crc32.ChecksumIEEE(token[prefix:end]), 6))
	}
}

// decodes holds what follows a prefix of that many bytes to be n bytes, in one
// encoding without stray bits at the end.
func decodes(prefix, n int, strict func(string) ([]byte, error)) func([]byte) (scan.Validity, string) {
	return func(token []byte) (scan.Validity, string) {
		b, err := strict(string(token[prefix:]))
		return structured(err == nil && len(b) == n, "")
	}
}

// base64Std and base64RawURL decode canonical base64 only.
var (
	base64Std    = base64.StdEncoding.Strict()
	base64RawURL = base64.RawURLEncoding.Strict()
)

// crc16 is CRC-16/XMODEM, which NATS and Stellar keys end with.
func crc16(data []byte) uint16 {
	var crc uint16
	for _, c := range data {
		crc ^= uint16(c) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

// uniform tells whether a secret has only characters of the set.
func uniform(secret []byte, set string) bool {
	return len(bytes.Trim(secret, set)) == 0
}
