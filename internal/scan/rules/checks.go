package rules

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// base62Digits in the order in which checksums of tokens use them.
const base62Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// base62 writes n with leading zeros.
func base62(n uint32, width int) string {
	out := make([]byte, width)
	for i := width - 1; i >= 0; i-- {
		out[i] = base62Digits[n%62]
		n /= 62
	}
	return string(out)
}

// base36 writes n with leading zeros.
func base36(n uint32, width int) string {
	s := strconv.FormatUint(uint64(n), 36)
	return strings.Repeat("0", max(0, width-len(s))) + s
}

// proven judges by a checksum whose provider documents how to compute it: what
// fails it was never issued.
func proven(ok bool) (scan.Validity, string) {
	if !ok {
		return scan.Invalid, ""
	}
	return scan.Verified, ""
}

// supported judges by a checksum that no provider's page describes in full: that
// it holds is proof, that it fails is none.
func supported(ok bool) (scan.Validity, string) {
	if !ok {
		return scan.Unverified, ""
	}
	return scan.Verified, ""
}

// structured judges by a structure that every issued secret has.
func structured(ok bool, note string) (scan.Validity, string) {
	if !ok {
		return scan.Invalid, ""
	}
	return scan.Plausible, note
}

// unbase64 decodes either alphabet, with or without padding.
func unbase64(text []byte) ([]byte, bool) {
	text = bytes.TrimRight(text, "=")
	enc := base64.RawStdEncoding
	if bytes.ContainsAny(text, "-_") {
		enc = base64.RawURLEncoding
	}
	out := make([]byte, enc.DecodedLen(len(text)))
	n, err := enc.Decode(out, text)
	return out[:n], err == nil
}

// base64Object decodes a JSON object.
func base64Object(text []byte) (object map[string]json.RawMessage, ok bool) {
	plain, ok := unbase64(text)
	if !ok || json.Unmarshal(plain, &object) != nil {
		return nil, false
	}
	return object, object != nil
}

// crc32Hex tells whether the eight hexadecimal digits at the end of a secret are
// the CRC-32 of what is before them, of a separator of sep bytes apart.
func crc32Hex(secret []byte, sep int) bool {
	at := len(secret) - 8
	if at < sep {
		return false
	}
	sum, err := strconv.ParseUint(string(secret[at:]), 16, 32)
	return err == nil && uint32(sum) == crc32.ChecksumIEEE(secret[:at-sep])
}

// drawn tells random characters from words joined to a name: of 24 letters and
// digits drawn at random, one in seventy has no digit.
func drawn(secret []byte) (scan.Validity, string) {
	if !bytes.ContainsAny(secret, "0123456789") || !bytes.ContainsAny(bytes.ToLower(secret), "abcdefghijklmnopqrstuvwxyz") {
		return scan.Invalid, ""
	}
	return scan.Unverified, ""
}
