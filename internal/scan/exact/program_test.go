package exact

import (
	"math/rand/v2"
	"testing"
)

// TestProgram: of sealed source code only what looks drawn is looked for, or every
// other program that has the same line would leak it.
func TestProgram(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	r := rand.New(rand.NewPCG(1, 2))
	token := []byte("aB3dE5gH")
	for range 20 {
		token = append(token, alphabet[r.IntN(len(alphabet))])
	}
	code := "package x\n\nconst serverVersion = \"SSH-2.0-Go-Test\"\nvar key = \"" + string(token) + "\"\n" +
		"func f() { t.Fatal(\"authentication failed for user1\", errUnexpectedMessage2) }\nvar algo = \"ecdsa-sha2-nistp256-cert-v01@openssh.com\"\n"
	got := Extract("src/auth_test.go", []byte(code))
	if len(got) != 1 || string(got[0].secret) != string(token) {
		t.Errorf("%d values: %v", len(got), got)
	}
}
