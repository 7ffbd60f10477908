package rules

import (
	"encoding/base64"
	"math/rand/v2"
	"testing"
)

func init() {
	makers["tor-onion-key"] = func(r *rand.Rand) string {
		return "ED25519-V3:" + base64.StdEncoding.EncodeToString([]byte(chars(r, alnum, 64)))
	}
	makers["tor-onion-key-file"] = func(r *rand.Rand) string {
		key := []byte(chars(r, alnum, 64))
		key[0] &^= 7
		key[31] = key[31]&0x3f | 0x40
		return "== ed25519v1-secret: type0 ==\x00\x00\x00" + string(key)
	}
}

func FuzzTorKeyFile(f *testing.F) {
	f.Add([]byte("== ed25519v1-secret: type0 ==\x00\x00\x00"), 0)
	f.Add([]byte("x"), 1)
	f.Fuzz(func(t *testing.T, text []byte, at int) {
		if at < 0 || at > len(text) {
			return
		}
		for _, s := range torKeyFile(text, at) {
			if s.Start < at || s.End > len(text) || s.End <= s.Start {
				t.Errorf("%d:%d of %d", s.Start, s.End, len(text))
			}
		}
	})
}
