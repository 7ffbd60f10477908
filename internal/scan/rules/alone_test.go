package rules

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

var anyByte = func() string {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}()

// loneMakers make what such files hold: a Rails key, keys in base64 of two
// alphabets, a long key, what a password manager draws.
var loneMakers = []func(*rand.Rand) string{
	func(r *rand.Rand) string { return chars(r, "0123456789abcdef", 32) },
	func(r *rand.Rand) string { return chars(r, "0123456789ABCDEF", 64) },
	func(r *rand.Rand) string { return chars(r, "0123456789abcdef", 128) },
	func(r *rand.Rand) string { return base64.StdEncoding.EncodeToString([]byte(chars(r, anyByte, 32))) },
	func(r *rand.Rand) string { return base64.RawURLEncoding.EncodeToString([]byte(chars(r, anyByte, 32))) },
	func(r *rand.Rand) string {
		return chars(r, "abcdefghijkmnopqrstuvwxyz", 5) + chars(r, "23456789", 3) + chars(r, "ABCDEFGHJKLMNPQRSTUVWXYZ", 4) + chars(r, "!#$%&*+?", 2) + chars(r, "bcdfghjkmnpqrstvwxyz", 3)
	},
}

func init() {
	makers["key-file"] = func(r *rand.Rand) string { return loneMakers[r.IntN(len(loneMakers))](r) }
}

func TestLoneKey(t *testing.T) {
	engine, err := scan.New(scan.Options{Rules: alone})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 9))
	lost := make([]int, len(loneMakers))
	const tries = 500
	for range tries {
		for i, make := range loneMakers {
			if !find(t, engine, make(r)+"\n") {
				lost[i]++
			}
		}
	}
	for i, n := range lost {
		if n*50 > tries { // a drawn one can look like something to be filled in
			t.Errorf("kind %d: %d of %d are not found", i, n, tries)
		}
	}
	if find(t, engine, strings.Repeat(" ", 1<<10)+loneMakers[0](r)) {
		t.Error("found in a large content")
	}
}

func TestLoneKeyPaths(t *testing.T) {
	tests := map[string]bool{
		"config/master.key": true, "config/credentials/production.key": true, "master.key": true, "x/.vault_pass": true, "vault-pass.txt": true, ".vault-password": true,
		"secrets/db": true, "deploy/.secrets/prod/api": true, "secret/a.txt": true, "db_password.txt": true, "POSTGRES_PASSWORD": true, "api.token": true, "app.secret": true,
		"secret_key_base": true, "id_ed25519": true, "a/id_deploy": true, "etc/apiKey": true, "auth-token.txt": true,
		"keys.go": false, "config/master.key.pub": false, "public.key": false, "release-public.key": false, "VERSION": false, "a.sha256": false, "secrets/db.enc": false,
		"keyboard": false, "monkey": false, "docs/secrets.md": false, "secrets/values.yaml": false, "api_key_id": false, "a/id_rsa.pub": false, "locales/secret": false, "README": false,
	}
	for path, want := range tests {
		if got := alone[0].Applies(path); got != want {
			t.Errorf("%s: applies %v", path, got)
		}
	}
}

func FuzzLoneKey(f *testing.F) {
	r := rand.New(rand.NewPCG(seed, 10))
	for _, make := range loneMakers {
		f.Add([]byte("\xef\xbb\xbf " + make(r) + "\r\n"))
	}
	f.Add([]byte(" \n\t"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, s := range detectAlone(text, 0) {
			if s.Start < 0 || s.End > len(text) || s.End-s.Start < alonePassword || bytes.ContainsAny(text[s.Start:s.End], " \t\r\n") {
				t.Errorf("span %+v of %q", s, text)
			}
		}
	})
}
