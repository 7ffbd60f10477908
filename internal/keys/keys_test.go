package keys_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

func TestParseID(t *testing.T) {
	const good = "00112233445566778899aabbccddeeff"
	if id, err := keys.ParseID(good); err != nil || id.String() != good || id.Short() != good[:8] {
		t.Errorf("ParseID = %v, %v", id, err)
	}
	for _, bad := range []string{"", good[:31], good[:30], good + "00", strings.ToUpper(good), " " + good, "zz" + good[2:]} {
		if _, err := keys.ParseID(bad); err == nil {
			t.Errorf("ParseID accepts %q", bad)
		}
	}
}

// TestDataKeyStaysQuiet: no verb, and no encoder, prints a data key, not even
// one inside another value.
func TestDataKeyStaysQuiet(t *testing.T) {
	raw := []byte("a secret of precisely 32 bytes..")
	k, err := keys.DataKeyFrom(raw)
	if err != nil {
		t.Fatal(err)
	}
	gen := keys.Generation{Ring: "prod", Key: k}
	j, err := json.Marshal(gen)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{string(j)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d"} {
		for _, v := range []any{k, gen, &gen, []any{k}, map[string]*keys.DataKey{"k": k}} {
			texts = append(texts, fmt.Sprintf(verb, v))
		}
	}
	for _, text := range texts {
		for _, form := range []string{"a secret", "6120736563726574", fmt.Sprint(raw[:4])[1:6]} {
			if strings.Contains(strings.ToLower(text), form) {
				t.Errorf("printed: %s", text)
			}
		}
	}
}

func TestDataKeyFrom(t *testing.T) {
	for _, bad := range [][]byte{nil, make([]byte, 31), make([]byte, 33), make([]byte, 32), bytes.Repeat([]byte{0xff}, 32)} {
		if _, err := keys.DataKeyFrom(bad); err == nil {
			t.Errorf("accepts %d bytes % x", len(bad), bad)
		}
	}
}

// TestContext pins the encoding: it is inside every wrapped key there is.
func TestContext(t *testing.T) {
	c := keys.Context{Repository: "r1", Ring: "dev", ID: keys.ID{15: 1}}
	want := "\x03app\x0cgit-envelope" + "\x06key-id\x2000000000000000000000000000000001" + "\x0arepository\x02r1" + "\x04ring\x03dev"
	if got := string(c.Canonical()); got != want {
		t.Errorf("Canonical = %q, want %q", got, want)
	}
	k, err := keys.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	payload := c.Seal(k)
	if got, err := c.Unseal(payload); err != nil || !got.Equal(k) {
		t.Fatalf("Unseal: %v", err)
	}
	for i := range payload[keys.DataKeySize:] {
		bad := bytes.Clone(payload)
		bad[keys.DataKeySize+i] ^= 0x80
		if _, err := c.Unseal(bad); keys.KindOf(err) != keys.Tampered {
			t.Errorf("Unseal with byte %d of the hash changed: %v", i, err)
		}
	}
}

func TestRecipientID(t *testing.T) {
	r := keys.Recipient{Kind: "age", URI: "age1x"}
	if r.ID() != "f6a92008c3fa40a3" {
		t.Errorf("ID = %s", r.ID())
	}
	if other := (keys.Recipient{Kind: "age", URI: "age1x", Options: map[string]string{"a": "b"}}); other.ID() != r.ID() {
		t.Error("options change the id")
	}
}

func TestDisplay(t *testing.T) {
	for uri, want := range map[string]string{
		"age1short":                                    "age age1short",
		"age1pq1" + strings.Repeat("x", 200):           "age age1pq1xxxxxxxxxxxxxxxxx…xxxxxxxx",
		"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY":     "age [a secret]",
		"https://ann:hunter2@acme.vault.azure.net/x":   "age [a secret]",
		"AGE-SECRET-KEY-1QQQ":                          "age [a private key]",
		"age-secret-key-pq-1qqq":                       "age [a private key]",
		"-----BEGIN OPENSSH PRIVATE KEY-----" + "AAAA": "age [a private key]",
		"a\x1b[31m\nb":                                 "age a [31m b",
		strings.Repeat("é", 60):                        "age éééééééééééé…éééé",
	} {
		if got := (keys.Recipient{Kind: "age", URI: uri}).Display(); got != want {
			t.Errorf("Display(%q) = %q, want %q", uri, got, want)
		}
	}
}

func TestOneLine(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"plain", 10, "plain"}, {"a\r\n\tb  c\n", 10, "a b c"}, {"\x00\x07\x1b]0;x\x9c", 20, "]0;x�"}, {"", 5, ""},
		{"abcdef", 3, "abc…"}, {"aéé", 2, "a…"}, {"é", 0, "…"}, {"\xff\xfe", 10, "��"},
	} {
		if got := keys.OneLine(c.in, c.limit); got != c.want {
			t.Errorf("OneLine(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestKinds(t *testing.T) {
	seen := map[string]bool{}
	for k := keys.Other; k <= keys.Malformed; k++ {
		if seen[k.String()] {
			t.Errorf("two kinds are called %q", k)
		}
		seen[k.String()] = true
	}
	if keys.Kind(-1).String() != "failed" || (keys.Malformed+1).String() != "failed" {
		t.Error("a kind out of range")
	}
	if keys.KindOf(fmt.Errorf("x: %w", &keys.Error{Kind: keys.Denied})) != keys.Denied || keys.KindOf(errors.New("x")) != keys.Other || keys.KindOf(nil) != keys.Other {
		t.Error("KindOf")
	}
}

func TestRingError(t *testing.T) {
	e := &keys.RingError{Ring: "prod", ID: keys.ID{0xab}, Cause: keys.ErrNoAccess, Hint: "first",
		Failed: []*keys.Error{{Kind: keys.Denied, Recipient: "age a", Principal: "me", Message: "no", Hint: "second"}, {Kind: keys.NotMine, Hint: "second"}}}
	if want := "ring prod, key ab000000: no recipient could be opened; age a: access denied: no (as me); not yours"; e.Error() != want {
		t.Errorf("Error = %q, want %q", e, want)
	}
	if !slices.Equal(e.Hints(), []string{"first", "second"}) || !errors.Is(e, keys.ErrNoAccess) {
		t.Errorf("Hints = %q", e.Hints())
	}
	if got := (&keys.RingError{Cause: keys.ErrLocked}).Error(); got != keys.ErrLocked.Error() {
		t.Errorf("Error = %q", got)
	}
}

func TestRegistry(t *testing.T) {
	m := keystest.NewMemory("memory")
	r := keys.NewRegistry(m)
	if got, err := r.Canonical(t.Context(), keys.Recipient{Kind: "memory", URI: " MEM:Bob "}); err != nil || got.URI != "mem:bob" {
		t.Errorf("Canonical = %v, %v", got, err)
	}
	for _, bad := range []keys.Recipient{{Kind: "other", URI: "mem:bob"}, {Kind: "memory", URI: "bob"}} {
		if err := r.Check(bad); keys.KindOf(err) != keys.Unsupported {
			t.Errorf("Check(%v): %v", bad, err)
		}
		if _, err := r.Canonical(t.Context(), bad); err == nil {
			t.Errorf("Canonical(%v): no error", bad)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("two providers of one kind: no panic")
		}
	}()
	keys.NewRegistry(m, keystest.NewMemory("memory"))
}
