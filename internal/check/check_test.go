package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/policy"
)

const (
	regular = 0o100644
	secret  = "hunter2-do-not-print"
	ageA    = "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"
	ageB    = "age1zqgzqgzqgzqgzqgzqgzqgzqgzqgzqgzqgzqgzqgzqgzqgzqgzqgqe6jrzq"
)

// Two rings with a key each, and a key nobody knows.
var (
	devKey, prodKey, strangerKey = key(1), key(2), key(3)
	ringOf                       = map[string]string{devKey.ID().String(): "dev", prodKey.ID().String(): "prod"}
)

func key(n byte) *envelope.Key {
	return envelope.NewKey(envelope.KeyID{n}, &[32]byte{n, 1})
}

func seal(k *envelope.Key, text string) string {
	var b bytes.Buffer
	w := envelope.NewWriter(&b, k)
	if _, err := io.WriteString(w, text); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// flip changes the last byte.
func flip(s string) string {
	b := []byte(s)
	b[len(b)-1] ^= 1
	return string(b)
}

// text makes a regular blob.
func text(content string) *Blob { return file(regular, content) }

func file(mode uint32, content string) *Blob {
	return &Blob{Mode: mode, OID: fmt.Sprintf("%x", len(content)) + content[:min(len(content), 4)], Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(content)), nil
	}}
}

var errGone = errors.New("object is missing")

// missing is a blob that a shallow or partial clone has not got.
func missing() *Blob {
	return &Blob{Mode: regular, OID: "gone", Open: func(context.Context) (io.ReadCloser, error) { return nil, errGone }}
}

// base is the policy most tests begin with; the others say what differs.
const base = `version: 1
repository: 0d6b3c1e-2f4a-4b5c-8d7e-9f0a1b2c3d4e
rings:
  dev:
    recipients:
      - age: ` + ageA + `
  prod:
    recipients:
      - age: ` + ageA + `
      - age: ` + ageB + `
    require: [age]
default_ring: dev
rules:
  - paths: ["prod/**"]
    ring: prod
  - paths: ["dev/**", "!dev/README.md"]
    ring: dev
forbid: ["**/*.pem", "**/*.tfstate"]
`

func parse(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse([]byte(text), policy.Path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// without is the base policy with one replacement, which must be there to make.
func without(t *testing.T, old, replacement string) *policy.Policy {
	t.Helper()
	if !strings.Contains(base, old) {
		t.Fatalf("the base policy has no %q", old)
	}
	return parse(t, strings.Replace(base, old, replacement, 1))
}

func checker(was, now *policy.Policy) *Checker {
	return &Checker{Old: Side{Policy: was}, New: Side{Policy: now}, RingOfKey: func(_ context.Context, id string) (string, error) {
		if ring, ok := ringOf[id]; ok {
			return ring, nil
		}
		return "", fmt.Errorf("look for it: %w", ErrUnknownKey)
	}}
}

// attributed answers filter=envelope for the paths listed, with their
// envelope-ring.
func attributed(rings map[string]string) func(context.Context, string) (bool, string, error) {
	return func(_ context.Context, path string) (bool, string, error) {
		ring, ok := rings[path]
		return ok, ring, nil
	}
}

func rules(found []Finding) string {
	var ids []string
	for _, f := range found {
		ids = append(ids, f.Rule)
	}
	return strings.Join(ids, " ")
}

// TestChange holds each verdict on one path. The policies are the base one where
// the row does not say otherwise.
func TestChange(t *testing.T) {
	p := parse(t, base)
	noProd := without(t, "  - paths: [\"prod/**\"]\n    ring: prod\n", "")
	swapped := without(t, "paths: [\"prod/**\"]\n    ring: prod", "paths: [\"prod/**\"]\n    ring: dev")
	noPem := without(t, `"**/*.pem", `, "")
	dev, prod, stranger := seal(devKey, secret), seal(prodKey, secret), seal(strangerKey, secret)

	tests := []struct {
		name     string
		was, now *policy.Policy
		ch       Change
		want     string
	}{
		{"sealed for its ring", p, p, Change{"prod/a", nil, text(prod)}, ""},
		{"empty", p, p, Change{"prod/a", nil, text("")}, ""},
		{"deleted", p, p, Change{"prod/a", text(prod), nil}, ""},
		{"excluded path", p, p, Change{"dev/README.md", nil, text(secret)}, ""},
		{"path of no rule", p, p, Change{"main.go", text("old"), text(secret)}, ""},
		{"sealed blob at a path of no rule", p, p, Change{"testdata/vector", nil, text(stranger)}, ""},
		{"no policy at all", nil, nil, Change{"prod/a", nil, text(secret)}, ""},

		{"plain", p, p, Change{"prod/a", nil, text(secret)}, PlainAtSealedPath},
		{"plain over sealed", p, p, Change{"prod/a", text(prod), text(secret)}, PlainAtSealedPath},
		{"plain and unchanged", p, p, Change{"prod/a", text(secret), text(secret)}, PlainAtSealedPath},
		{"plain, executable", p, p, Change{"prod/a", nil, file(0o100755, secret)}, PlainAtSealedPath},
		{"plain under a new rule", noProd, p, Change{"prod/a", text(secret), text(secret)}, PlainAtSealedPath},
		{"first commit: plain", nil, p, Change{"prod/a", nil, text(secret)}, PlainAtSealedPath},
		{"first commit: sealed", nil, p, Change{"prod/a", nil, text(prod)}, ""},
		{"part of the magic only", p, p, Change{"prod/a", nil, text("\x00git-envelope")}, PlainAtSealedPath},

		{"new plaintext, its rule dropped", p, noProd, Change{"prod/a", nil, text(secret)}, PlainAtSealedPath},
		{"new plaintext, the policy dropped", p, nil, Change{"prod/a", nil, text(secret)}, PlainAtSealedPath},
		{"unsealed, its rule dropped", p, noProd, Change{"prod/a", text(prod), text(secret)}, Unsealed},
		{"unsealed, the policy dropped", p, nil, Change{"prod/a", text(prod), text(secret)}, Unsealed},
		{"unsealed where nothing ever asked", p, p, Change{"notes", text(dev), text(secret)}, Unsealed},
		{"emptied where nothing ever asked", p, p, Change{"notes", text(dev), text("")}, ""},
		{"resealed where nothing ever asked", p, p, Change{"notes", text(dev), text(prod)}, ""},
		{"sealed, its rule dropped", p, noProd, Change{"prod/a", text(prod), text(prod)}, ProtectionRemoved},
		{"sealed, the policy dropped", p, nil, Change{"prod/a", text(prod), text(prod)}, ProtectionRemoved},
		{"deleted, its rule dropped", p, noProd, Change{"prod/a", text(prod), nil}, ""},

		{"wrong ring", p, p, Change{"prod/a", nil, text(dev)}, WrongRing},
		{"rule of another ring, blob as it was", p, swapped, Change{"prod/a", text(prod), text(prod)}, WrongRing},
		{"rule of another ring, blob resealed", p, swapped, Change{"prod/a", text(prod), text(dev)}, RingChanged},
		{"rule dropped, blob of another ring", p, noProd, Change{"prod/a", text(prod), text(dev)}, RingChanged + " " + ProtectionRemoved},
		{"unknown key", p, p, Change{"prod/a", nil, text(stranger)}, UnknownKey},

		{"magic alone", p, p, Change{"prod/a", nil, text("\x00git-envelope\x00")}, Damaged},
		{"magic before plaintext", p, p, Change{"prod/a", nil, text("\x00git-envelope\x00\x01\x01" + strings.Repeat(secret, 9))}, Damaged},
		{"cut", p, p, Change{"prod/a", nil, text(prod[:len(prod)-1])}, Damaged},
		{"extended", p, p, Change{"prod/a", nil, text(prod + secret)}, Damaged},
		{"another version", p, p, Change{"prod/a", nil, text("\x00git-envelope\x00\x09" + prod[15:])}, UnknownFormat},
		{"another suite", p, p, Change{"prod/a", nil, text(prod[:15] + "\x09" + prod[16:])}, UnknownFormat},
		{"changed byte, no key to see it", p, p, Change{"prod/a", nil, text(flip(prod))}, ""},

		{"forbidden", p, p, Change{"certs/a.pem", nil, text(secret)}, ForbiddenPlain},
		{"forbidden at the top", p, p, Change{"a.pem", nil, text(secret)}, ForbiddenPlain},
		{"forbidden and empty", p, p, Change{"a.pem", nil, text("")}, ""},
		{"forbidden and sealed", p, p, Change{"a.pem", nil, text(dev)}, ""},
		{"forbidden, sealed by a stranger", p, p, Change{"a.pem", nil, text(stranger)}, UnknownKey},
		{"forbidden, damaged", p, p, Change{"a.pem", nil, text(dev[:60])}, Damaged},
		{"forbidden and covered", p, p, Change{"prod/a.pem", nil, text(secret)}, PlainAtSealedPath},
		{"forbidden by the base alone", p, noPem, Change{"a.pem", nil, text(secret)}, ForbiddenPlain},
		{"forbidden by the new policy alone", noPem, p, Change{"a.pem", nil, text(secret)}, ForbiddenPlain},
		{"forbidden, was sealed", p, noPem, Change{"a.pem", text(dev), text(secret)}, Unsealed},

		{"symbolic link", p, p, Change{"prod/current", nil, file(0o120000, "a")}, ""},
		{"symbolic link instead of a sealed file", p, p, Change{"prod/a", text(prod), file(0o120000, "b")}, ""},
		{"plain file instead of a symbolic link", p, p, Change{"prod/a", file(0o120000, "b"), text(secret)}, PlainAtSealedPath},
		{"submodule", p, p, Change{"prod/sub", nil, &Blob{Mode: 0o160000, OID: "c"}}, ""},
		{"forbidden symbolic link", p, p, Change{"a.pem", nil, file(0o120000, "b")}, ""},

		{"the policy itself", p, p, Change{".envelope/policy.yaml", nil, text(base)}, ""},
		{"attributes below a sealed folder", p, p, Change{"prod/.gitattributes", nil, text("* text")}, ""},
		{"key file added", p, p, Change{".envelope/keys/dev/00/a.json", nil, text("{}")}, ""},
		{"key file unchanged", p, p, Change{".envelope/keys/dev/00/a.json", text("{}"), text("{}")}, ""},
		{"key file removed", p, p, Change{".envelope/keys/dev/00/a.json", text("{}"), nil}, KeyFileRemoved},
		{"key file changed", p, p, Change{".envelope/keys/dev/00/a.json", text("{}"), text("{ }")}, KeyFileChanged},
		{"key file made a link", p, p, Change{".envelope/keys/dev/00/a.json", text("{}"), file(0o120000, "{}")}, KeyFileChanged},
		{"key file removed with the policy", p, nil, Change{".envelope/keys/dev/00/a.json", text("{}"), nil}, KeyFileRemoved},

		// A rename is two changes.
		{"renamed, the old name", p, p, Change{"prod/a", text(prod), nil}, ""},
		{"renamed within the ring", p, p, Change{"prod/b", nil, text(prod)}, ""},
		{"renamed to another ring", p, p, Change{"dev/b", nil, text(prod)}, WrongRing},
		{"renamed out of every rule", p, p, Change{"public/b", nil, text(prod)}, ""},
		{"renamed into a rule", p, p, Change{"prod/b", nil, text(secret)}, PlainAtSealedPath},

		// Merges: what the other branch brings, and what a conflict leaves.
		{"merged blob of the other branch", p, p, Change{"prod/a", text(seal(prodKey, "ours")), text(prod)}, ""},
		{"merge resolved in plain", p, p, Change{"prod/a", text(prod), text("<<<<<<< ours\n" + secret + "\n")}, PlainAtSealedPath},
		{"merged rule, plain file of the other branch", noProd, p, Change{"prod/a", nil, text(secret)}, PlainAtSealedPath},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found, err := checker(tt.was, tt.now).Change(t.Context(), tt.ch)
			if err != nil {
				t.Fatal(err)
			}
			if got := rules(found); got != tt.want {
				t.Errorf("found %q, want %q", got, tt.want)
			}
			sound(t, found, tt.ch)
		})
	}
}

// sound holds what is true of every finding.
func sound(t *testing.T, found []Finding, ch Change) {
	t.Helper()
	for _, f := range found {
		if f.Path != ch.Path || ch.New != nil && f.OID != ch.New.OID {
			t.Errorf("finding names %q %q", f.Path, f.OID)
		}
		known := false
		for _, r := range Rules {
			known = known || r.ID == f.Rule && r.Integrity == f.Integrity
		}
		if !known {
			t.Errorf("%s (integrity %v) is not among Rules", f.Rule, f.Integrity)
		}
		if f.Message == "" || f.Hint == "" {
			t.Errorf("%s says too little: %+v", f.Rule, f)
		}
		if all := fmt.Sprintf("%+v", f); strings.Contains(all, secret) {
			t.Errorf("the finding quotes content: %s", all)
		}
	}
	if want := strings.Contains(rules(found), Damaged); slices.ContainsFunc(found, func(f Finding) bool { return f.Integrity }) != want {
		t.Errorf("Integrity = %v, want %v", !want, want)
	}
}

// TestAttributes: paths that only attributes seal, and rules without attributes.
func TestAttributes(t *testing.T) {
	p := parse(t, base)
	noFallback := without(t, "default_ring: dev\n", "")
	dev, prod := seal(devKey, secret), seal(prodKey, secret)
	tests := []struct {
		name     string
		pol      *policy.Policy
		was, now map[string]string // filter=envelope, with envelope-ring
		ch       Change
		want     string
	}{
		{"plain", p, nil, map[string]string{"x": ""}, Change{"x", nil, text(secret)}, PlainAtSealedPath},
		{"plain, no policy", nil, nil, map[string]string{"x": ""}, Change{"x", nil, text(secret)}, PlainAtSealedPath},
		{"default ring", p, nil, map[string]string{"x": ""}, Change{"x", nil, text(dev)}, ""},
		{"not the default ring", p, nil, map[string]string{"x": ""}, Change{"x", nil, text(prod)}, WrongRing},
		{"ring by attribute", p, nil, map[string]string{"x": "prod"}, Change{"x", nil, text(prod)}, ""},
		{"not the attribute's ring", p, nil, map[string]string{"x": "prod"}, Change{"x", nil, text(dev)}, WrongRing},
		{"the rule outranks the attribute", p, nil, map[string]string{"prod/x": "dev"}, Change{"prod/x", nil, text(prod)}, ""},
		{"no ring to be told", noFallback, nil, map[string]string{"x": ""}, Change{"x", nil, text(prod)}, ""},
		{"rule without attribute", p, nil, map[string]string{}, Change{"prod/x", nil, text(prod)}, NotFiltered},
		{"rule without attribute, plain", p, nil, map[string]string{}, Change{"prod/x", nil, text(secret)}, PlainAtSealedPath + " " + NotFiltered},
		{"attribute lost, sealed", p, map[string]string{"x": "prod"}, map[string]string{}, Change{"x", text(prod), text(prod)}, ProtectionRemoved},
		{"attribute lost, unsealed", p, map[string]string{"x": "prod"}, map[string]string{}, Change{"x", text(prod), text(secret)}, Unsealed},
		{"attribute lost, new plaintext", p, map[string]string{"x": "prod"}, map[string]string{}, Change{"x", nil, text(secret)}, PlainAtSealedPath},
		{"attributes seal what must stay readable", p, nil, map[string]string{".envelope/policy.yaml": "", ".gitattributes": ""}, Change{".envelope/policy.yaml", nil, text(base)}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := checker(tt.pol, tt.pol)
			c.Old.Attributed, c.New.Attributed = attributed(tt.was), attributed(tt.now)
			found, err := c.Change(t.Context(), tt.ch)
			if err != nil {
				t.Fatal(err)
			}
			if got := rules(found); got != tt.want {
				t.Errorf("found %q, want %q", got, tt.want)
			}
			sound(t, found, tt.ch)
		})
	}
}

// TestWithKey: a key turns the walk over the structure into authentication.
func TestWithKey(t *testing.T) {
	p := parse(t, base)
	c := checker(p, p)
	asked := 0
	c.Open = func(_ context.Context, id envelope.KeyID) (*envelope.Key, error) {
		asked++
		switch id {
		case prodKey.ID():
			return prodKey, nil
		case devKey.ID():
			return nil, nil // locked
		}
		return nil, ErrUnknownKey
	}
	for _, tt := range []struct{ path, content, want string }{
		{"prod/a", seal(prodKey, secret), ""},
		{"prod/a", flip(seal(prodKey, secret)), Damaged},
		{"prod/a", seal(prodKey, secret) + "x", Damaged},
		{"dev/a", flip(seal(devKey, secret)), ""},
		{"dev/a", seal(devKey, secret)[:70], Damaged},
		{"dev/a", seal(strangerKey, secret), UnknownKey},
	} {
		found, err := c.Change(t.Context(), Change{tt.path, nil, text(tt.content)})
		if got := rules(found); err != nil || got != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.path, got, err, tt.want)
		}
	}
	if asked != 6 {
		t.Errorf("asked for a key %d times, want once a blob", asked)
	}
}

// TestUndetermined: what cannot be looked at is an error, never a clean verdict,
// and what need not be looked at is not opened.
func TestUndetermined(t *testing.T) {
	p := parse(t, base)
	broken := errors.New("no answer")
	sealed := seal(prodKey, secret)
	tests := []struct {
		name string
		set  func(*Checker)
		ch   Change
		want error
	}{
		{"missing blob", nil, Change{"prod/a", nil, missing()}, errGone},
		{"blob that stops", nil, Change{"prod/a", nil, &Blob{Mode: regular, Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(sealed[:80]), failing{})), nil
		}}}, errGone},
		{"missing base of a plain file", nil, Change{"notes", missing(), text(secret)}, errGone},
		{"keys", func(c *Checker) {
			c.RingOfKey = func(context.Context, string) (string, error) { return "", broken }
		}, Change{"prod/a", nil, text(sealed)}, broken},
		{"opening the key", func(c *Checker) {
			c.Open = func(context.Context, envelope.KeyID) (*envelope.Key, error) { return nil, broken }
		}, Change{"prod/a", nil, text(sealed)}, broken},
		{"attributes", func(c *Checker) {
			c.New.Attributed = func(context.Context, string) (bool, string, error) { return false, "", broken }
		}, Change{"x", nil, text("x")}, broken},
		{"attributes of the base", func(c *Checker) {
			c.Old.Attributed = func(context.Context, string) (bool, string, error) { return false, "", broken }
		}, Change{"x", nil, text("x")}, broken},

		{"uncovered and new", nil, Change{"x", nil, missing()}, nil},
		{"uncovered and unchanged", nil, Change{"x", missing(), missing()}, nil},
		{"base of a covered file", nil, Change{"prod/a", missing(), text(sealed)}, nil},
		{"deleted", nil, Change{"prod/a", missing(), nil}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := checker(p, p)
			if tt.set != nil {
				tt.set(c)
			}
			found, err := c.Change(t.Context(), tt.ch)
			if !errors.Is(err, tt.want) || len(found) > 0 {
				t.Errorf("%v, %v, want the error %v", found, err, tt.want)
			}
		})
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errGone }

// TestWeakened compares policies by themselves.
func TestWeakened(t *testing.T) {
	p := parse(t, base)
	type lostThing struct{ Rule, Ring, Base string }
	tests := []struct {
		name     string
		was, now *policy.Policy
		want     []lostThing
	}{
		{"nothing changed", p, p, nil},
		{"first commit", nil, p, nil},
		{"never one", nil, nil, nil},
		{"gone", p, nil, []lostThing{{PolicyRemoved, "", policy.Path}}},
		{"repository id", p, without(t, "0d6b3c1e", "1d6b3c1e"), []lostThing{{RepositoryChanged, "", p.Repository}}},
		{"recipient", p, without(t, "      - age: "+ageB+"\n", ""), []lostThing{{RecipientRemoved, "prod", "age: " + ageB}}},
		{"recipient exchanged", p, without(t, "  dev:\n    recipients:\n      - age: "+ageA, "  dev:\n    recipients:\n      - age: "+ageB),
			[]lostThing{{RecipientRemoved, "dev", "age: " + ageA}}},
		{"recipient added", without(t, "      - age: "+ageB+"\n", ""), p, nil},
		{"requirement", p, without(t, "    require: [age]\n", ""), []lostThing{{RequireRemoved, "prod", "age"}}},
		{"forbid line", p, without(t, `, "**/*.tfstate"`, ""), []lostThing{{ForbidRemoved, "", "**/*.tfstate"}}},
		{"forbid line added", without(t, `, "**/*.tfstate"`, ""), p, nil},
		{"default ring changed", p, without(t, "default_ring: dev", "default_ring: prod"), []lostThing{{DefaultRingChanged, "prod", "dev"}}},
		{"default ring gone", p, without(t, "default_ring: dev\n", ""), []lostThing{{DefaultRingChanged, "", "dev"}}},
		{"rule lost", p, without(t, "  - paths: [\"prod/**\"]\n    ring: prod\n", ""), nil}, // Change tells, if a file is left
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found, err := checker(tt.was, tt.now).Weakened(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []lostThing
			for _, f := range found {
				got = append(got, lostThing{f.Rule, f.Ring, f.Base})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
			sound(t, found, Change{Path: policy.Path})
		})
	}
}

// TestWeakenedRings: a ring that goes, and a second ring that ends the fallback
// on the only one.
func TestWeakenedRings(t *testing.T) {
	ring := func(name string) string {
		return "  " + name + ":\n    recipients:\n      - age: " + ageA + "\n"
	}
	head := "version: 1\nrepository: 0d6b3c1e-2f4a-4b5c-8d7e-9f0a1b2c3d4e\nrings:\n"
	one, other, both := parse(t, head+ring("a")), parse(t, head+ring("b")), parse(t, head+ring("a")+ring("b"))
	for _, tt := range []struct {
		name     string
		was, now *policy.Policy
		want     string
	}{
		{"second ring", one, both, ""},
		{"one of two", both, one, RingRemoved},
		{"another", one, other, RingRemoved + " " + DefaultRingChanged},
		{"renamed", one, parse(t, head+ring("b")+"    formerly: [a]\n"), ""},
		{"renamed, without its recipient", one, parse(t, head+strings.ReplaceAll(ring("b"), ageA, ageB)+"    formerly: [a]\n"), RecipientRemoved},
		{"taken over by another", both, parse(t, head+ring("b")+"    formerly: [a]\n"), RingRemoved},
	} {
		found, err := checker(tt.was, tt.now).Weakened(t.Context())
		if got := rules(found); err != nil || got != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

// TestRenamedRing: what was sealed under the old name stays where it is, what is
// new is sealed under the new one; a ring of before that claims the name gets
// neither.
func TestRenamedRing(t *testing.T) {
	head := "version: 1\nrepository: 0d6b3c1e-2f4a-4b5c-8d7e-9f0a1b2c3d4e\nrings:\n"
	ring := func(name, more string) string {
		return "  " + name + ":\n    recipients:\n      - age: " + ageA + "\n" + more
	}
	rule := func(name string) string { return "rules:\n  - paths: [s]\n    ring: " + name + "\n" }
	was := parse(t, head+ring("a", "")+ring("b", "")+rule("a"))
	renamed := parse(t, head+ring("new", "    formerly: [a]\n")+ring("b", "")+rule("new"))
	taken := parse(t, head+ring("b", "    formerly: [a]\n")+rule("b"))
	for _, tt := range []struct {
		now    *policy.Policy
		sealed string // the ring of the blob
		want   string
	}{
		{renamed, "a", ""},
		{renamed, "new", ""},
		{renamed, "b", WrongRing},
		{taken, "a", ""}, // it still says nothing to those of b
		{taken, "b", RingChanged},
	} {
		c := checker(was, tt.now)
		c.RingOfKey = func(context.Context, string) (string, error) { return tt.sealed, nil }
		found, err := c.Change(t.Context(), Change{Path: "s", New: text(seal(devKey, secret))})
		if got := rules(found); err != nil || got != tt.want {
			t.Errorf("sealed for %s: %q, %v, want %q", tt.sealed, got, err, tt.want)
		}
	}
}

// TestKeyFileOfALeaver: a wrapped key may go with its recipient, or after it.
func TestKeyFileOfALeaver(t *testing.T) {
	p := parse(t, base)
	left := without(t, "      - age: "+ageB+"\n", "")
	name := func(r string) string { return ".envelope/keys/prod/" + prodKey.ID().String() + "/" + r + ".json" }
	for _, tt := range []struct {
		name string
		now  *policy.Policy
		want string
	}{
		{name(ageB), left, ""},
		{name(ageB), p, KeyFileRemoved},
		{name(ageA), left, KeyFileRemoved},
		{".envelope/keys/dev/" + devKey.ID().String() + "/" + ageB + ".json", left, ""}, // it was nobody's before
		{strings.Replace(name(ageB), "/prod/", "/dev/", 1), left, KeyFileRemoved},       // the key is another ring's
		{strings.Replace(name(ageB), "/prod/", "/gone/", 1), left, KeyFileRemoved},
		{name(ageB) + "/x", left, KeyFileRemoved},
		{strings.Replace(name(ageB), prodKey.ID().String(), strings.Repeat("0", 32), 1), left, KeyFileRemoved}, // the key's last
	} {
		c := checker(p, tt.now)
		c.RecipientID = func(r policy.Recipient) string { return r.URI }
		found, err := c.Change(t.Context(), Change{Path: tt.name, Old: text(seal(devKey, secret))})
		if got := rules(found); err != nil || got != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestGoverns(t *testing.T) {
	for name, want := range map[string]bool{
		".envelope/policy.yaml": true, ".gitattributes": true, "a/b/.gitattributes": true, ".envelope/keys/dev/00/a.json": true,
		"policy.yaml": false, "a/.envelope/policy.yaml": false, ".gitattributes/x": false, "prod/a": false,
	} {
		if Governs(name) != want {
			t.Errorf("Governs(%q) = %v", name, !want)
		}
	}
}

// TestRules: ids are unique and in the one form that reports rely on.
func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules {
		if seen[r.ID] || r.Summary == "" || strings.Trim(r.ID, "abcdefghijklmnopqrstuvwxyz-") != "" {
			t.Errorf("bad rule %+v", r)
		}
		seen[r.ID] = true
	}
	if len(seen) != 23 {
		t.Errorf("%d rules", len(seen))
	}
}
