// Package keystest holds the contract of keys.Provider as a test suite, and a
// provider in memory for the tests of those who use providers.
//
// A provider's own tests call Run with what the suite needs to know about it.
// The suite does no I/O of its own; whether the provider does is the fixture's
// business.
package keystest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Fixture is a provider as the suite sees it.
type Fixture struct {
	// Provider can open what is wrapped for Mine.
	Provider keys.Provider
	Mine     keys.Recipient
	// Other is a recipient that Provider wraps for but cannot open. Zero if the
	// kind has none that can be had in a test.
	Other keys.Recipient
	// Locked is the same kind of provider without any identity or permission.
	// May be nil.
	Locked keys.Provider
	// Malformed are recipients that Check must refuse, beyond those the suite
	// makes up by itself.
	Malformed []keys.Recipient
	// Deterministic: wrapping the same key twice gives the same bytes.
	Deterministic bool
	// EveryBit has each bit of a wrapped key flipped, not one bit of each byte.
	EveryBit bool
}

// Run holds the provider against its contract. new is called once per subtest.
func Run(t *testing.T, newFixture func(t *testing.T) Fixture) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Fixture)
	}{
		{"RoundTrip", testRoundTrip},
		{"Randomised", testRandomised},
		{"OtherContext", testOtherContext},
		{"Changed", testChanged},
		{"Resized", testResized},
		{"Misattributed", testMisattributed},
		{"OtherRecipient", testOtherRecipient},
		{"NoIdentity", testNoIdentity},
		{"Check", testCheck},
		{"Canonical", testCanonical},
		{"Cancelled", testCancelled},
		{"Concurrent", testConcurrent},
		{"Generate", testGenerate},
		{"Rewrap", testRewrap},
		{"Resolve", testResolve},
		{"Newest", testNewest},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, newFixture(t)) })
	}
}

// Context is the context the suite wraps under.
func Context() keys.Context {
	return keys.Context{Repository: "0d6b3c1e-53b5-4bd0-9d3c-0f7c2b8a6a11", Ring: "prod", ID: keys.ID{1, 2, 3, 15: 16}}
}

func newKey(t *testing.T) *keys.DataKey {
	t.Helper()
	k, err := keys.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func wrap(t *testing.T, f Fixture, r keys.Recipient, k *keys.DataKey) keys.Wrapped {
	t.Helper()
	w, err := f.Provider.Wrap(t.Context(), r, Context(), k)
	if err != nil {
		t.Fatalf("Wrap for %s: %v", r.Display(), err)
	}
	return w
}

// refused asks that an attempt to unwrap fails, with a kind out of want, and
// without the key in the error's text. A key as success, right or wrong, fails
// the test: what was changed must not open at all.
func refused(t *testing.T, k *keys.DataKey, got *keys.DataKey, err error, want ...keys.Kind) {
	t.Helper()
	if err == nil || got != nil {
		t.Fatalf("opened (the right key: %v), want an error", got != nil && got.Equal(k))
	}
	quiet(t, k, err)
	if kind := keys.KindOf(err); len(want) > 0 && !slices.Contains(want, kind) {
		t.Errorf("error kind %v, want one of %v: %v", kind, want, err)
	}
}

// quiet asks that an error's text is one line without key material.
func quiet(t *testing.T, k *keys.DataKey, err error) {
	t.Helper()
	texts := []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)}
	var e *keys.Error
	if errors.As(err, &e) {
		texts = append(texts, e.Hint, e.Message)
	}
	b := k.Bytes()[:]
	for _, text := range texts {
		if strings.ContainsAny(text, "\n\r\x1b") {
			t.Errorf("error text is not one line: %q", text)
		}
		for _, form := range []string{string(b[:8]), hex.EncodeToString(b)[:12], strings.ToUpper(hex.EncodeToString(b))[:12],
			base64.StdEncoding.EncodeToString(b)[:12], base64.URLEncoding.EncodeToString(b)[:12], fmt.Sprint(b[:4])[1:]} {
			if strings.Contains(text, form) {
				t.Errorf("error text holds key material")
			}
		}
	}
}

func testRoundTrip(t *testing.T, f Fixture) {
	k := newKey(t)
	w := wrap(t, f, f.Mine, k)
	if len(w.Ciphertext) == 0 || len(w.Ciphertext) > keys.MaxWrapped {
		t.Errorf("wrapped key of %d bytes, want 1 to %d", len(w.Ciphertext), keys.MaxWrapped)
	}
	if w.Key == "" || w.Algorithm == "" {
		t.Errorf("Wrapped{Key: %q, Algorithm: %q}: neither may be empty", w.Key, w.Algorithm)
	}
	if bytes.Contains(w.Ciphertext, k.Bytes()[:]) {
		t.Fatal("the wrapped key holds the data key in clear")
	}
	got, err := f.Provider.Unwrap(t.Context(), f.Mine, Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(k) {
		t.Error("unwrapped another key than was wrapped")
	}
	if f.Mine.Kind != f.Provider.Kind() {
		t.Errorf("Kind() = %q, recipient's kind is %q", f.Provider.Kind(), f.Mine.Kind)
	}
}

func testRandomised(t *testing.T, f Fixture) {
	k := newKey(t)
	same := bytes.Equal(wrap(t, f, f.Mine, k).Ciphertext, wrap(t, f, f.Mine, k).Ciphertext)
	if same != f.Deterministic {
		t.Errorf("wrapping twice gives the same bytes: %v, fixture says %v", same, f.Deterministic)
	}
}

func testOtherContext(t *testing.T, f Fixture) {
	k := newKey(t)
	w := wrap(t, f, f.Mine, k)
	here := Context()
	repository, ring, id := here, here, here
	repository.Repository = "ffffffff-53b5-4bd0-9d3c-0f7c2b8a6a11"
	ring.Ring = "dev"
	id.ID[15]++
	// The same characters, divided otherwise.
	shifted := here
	shifted.Repository, shifted.Ring = here.Repository+"p", "rod"
	for name, c := range map[string]keys.Context{"repository": repository, "ring": ring, "id": id, "shifted": shifted} {
		t.Run(name, func(t *testing.T) {
			got, err := f.Provider.Unwrap(t.Context(), f.Mine, c, w)
			refused(t, k, got, err, keys.Tampered)
		})
	}
}

func testChanged(t *testing.T, f Fixture) {
	k := newKey(t)
	w := wrap(t, f, f.Mine, k)
	for i := range w.Ciphertext {
		bits := []int{i % 8}
		if f.EveryBit {
			bits = []int{0, 1, 2, 3, 4, 5, 6, 7}
		}
		for _, bit := range bits {
			bad := w
			bad.Ciphertext = bytes.Clone(w.Ciphertext)
			bad.Ciphertext[i] ^= 1 << bit
			got, err := f.Provider.Unwrap(t.Context(), f.Mine, Context(), bad)
			refused(t, k, got, err, keys.Tampered)
			if t.Failed() {
				t.Fatalf("with bit %d of byte %d flipped", bit, i)
			}
		}
	}
}

func testResized(t *testing.T, f Fixture) {
	k := newKey(t)
	w := wrap(t, f, f.Mine, k)
	n := len(w.Ciphertext)
	for name, b := range map[string][]byte{
		"empty":     {},
		"nil":       nil,
		"one byte":  w.Ciphertext[:1],
		"half":      w.Ciphertext[:n/2],
		"cut":       w.Ciphertext[:n-1],
		"extended":  append(bytes.Clone(w.Ciphertext), 0),
		"newline":   append(bytes.Clone(w.Ciphertext), '\n'),
		"twice":     append(bytes.Clone(w.Ciphertext), w.Ciphertext...),
		"oversized": append(bytes.Clone(w.Ciphertext), make([]byte, keys.MaxWrapped)...),
		"zeros":     make([]byte, n),
	} {
		t.Run(name, func(t *testing.T) {
			bad := w
			bad.Ciphertext = b
			got, err := f.Provider.Unwrap(t.Context(), f.Mine, Context(), bad)
			refused(t, k, got, err, keys.Tampered)
		})
	}
}

// testMisattributed: what a wrapped-key file says about who wrapped, and how,
// comes from the repository, so a lie must not lead anywhere.
func testMisattributed(t *testing.T, f Fixture) {
	k := newKey(t)
	for name, change := range map[string]func(*keys.Wrapped){
		"no key":            func(w *keys.Wrapped) { w.Key = "" },
		"another key":       func(w *keys.Wrapped) { w.Key = "another" },
		"no algorithm":      func(w *keys.Wrapped) { w.Algorithm = "" },
		"another algorithm": func(w *keys.Wrapped) { w.Algorithm = "rot13" },
	} {
		t.Run(name, func(t *testing.T) {
			w := wrap(t, f, f.Mine, k)
			change(&w)
			got, err := f.Provider.Unwrap(t.Context(), f.Mine, Context(), w)
			refused(t, k, got, err)
		})
	}
}

func testOtherRecipient(t *testing.T, f Fixture) {
	if f.Other.URI == "" {
		t.Skip("the fixture has no second recipient")
	}
	k := newKey(t)
	w := wrap(t, f, f.Other, k)
	t.Run("foreign", func(t *testing.T) {
		got, err := f.Provider.Unwrap(t.Context(), f.Other, Context(), w)
		refused(t, k, got, err, keys.NotMine, keys.Denied, keys.NoIdentity)
	})
	t.Run("passed off as mine", func(t *testing.T) {
		got, err := f.Provider.Unwrap(t.Context(), f.Mine, Context(), w)
		refused(t, k, got, err)
	})
	t.Run("mine passed off as foreign", func(t *testing.T) {
		got, err := f.Provider.Unwrap(t.Context(), f.Other, Context(), wrap(t, f, f.Mine, k))
		refused(t, k, got, err)
	})
}

func testNoIdentity(t *testing.T, f Fixture) {
	if f.Locked == nil {
		t.Skip("the fixture has no provider without identity")
	}
	k := newKey(t)
	got, err := f.Locked.Unwrap(t.Context(), f.Mine, Context(), wrap(t, f, f.Mine, k))
	refused(t, k, got, err, keys.NoIdentity, keys.Denied, keys.Expired)
	var e *keys.Error
	if errors.As(err, &e) && e.Hint == "" {
		t.Errorf("no hint with %v", err)
	}
}

func testCheck(t *testing.T, f Fixture) {
	for _, r := range []keys.Recipient{f.Mine, f.Other} {
		if r.URI != "" {
			if err := f.Provider.Check(r); err != nil {
				t.Errorf("Check(%s): %v", r.Display(), err)
			}
		}
	}
	with := func(change func(*keys.Recipient)) keys.Recipient {
		r := f.Mine
		change(&r)
		return r
	}
	malformed := append([]keys.Recipient{
		with(func(r *keys.Recipient) { r.URI = "" }),
		with(func(r *keys.Recipient) { r.URI = " " + r.URI }),
		with(func(r *keys.Recipient) { r.URI += " " }),
		with(func(r *keys.Recipient) { r.URI += "\n" }),
		with(func(r *keys.Recipient) { r.URI += "\x00" }),
		with(func(r *keys.Recipient) { r.URI = r.URI[:len(r.URI)/2] + "\n" + r.URI[len(r.URI)/2:] }),
		with(func(r *keys.Recipient) { r.URI = "ｆ" + r.URI }),
		with(func(r *keys.Recipient) { r.URI = strings.Repeat("a", keys.MaxURI+1) }),
		with(func(r *keys.Recipient) { r.URI += strings.Repeat("a", keys.MaxURI) }),
		with(func(r *keys.Recipient) { r.Options = map[string]string{"no-such-option": "1"} }),
		with(func(r *keys.Recipient) { r.Options = map[string]string{"": ""} }),
	}, f.Malformed...)
	for _, r := range malformed {
		err := f.Provider.Check(r)
		if err == nil {
			t.Errorf("Check accepts %q with options %v", keys.OneLine(r.URI, 80), r.Options)
			continue
		}
		if strings.ContainsAny(err.Error(), "\n\r\x00") || len(err.Error()) > 1000 {
			t.Errorf("Check's error is not a short line: %q", err)
		}
	}
}

func testCanonical(t *testing.T, f Fixture) {
	c, ok := f.Provider.(keys.Canonicalizer)
	if !ok {
		t.Skip("the provider knows one spelling only")
	}
	for _, typed := range []string{f.Mine.URI, " " + f.Mine.URI + "\n"} {
		r := f.Mine
		r.URI = typed
		got, err := c.Canonical(r)
		if err != nil || got.URI != f.Mine.URI {
			t.Errorf("Canonical(%q) = %q, %v", typed, got.URI, err)
		}
	}
}

func testCancelled(t *testing.T, f Fixture) {
	k := newKey(t)
	w := wrap(t, f, f.Mine, k)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Provider.Wrap(ctx, f.Mine, Context(), k); !errors.Is(err, context.Canceled) {
		t.Errorf("Wrap with a cancelled context: %v", err)
	}
	got, err := f.Provider.Unwrap(ctx, f.Mine, Context(), w)
	if !errors.Is(err, context.Canceled) || got != nil {
		t.Errorf("Unwrap with a cancelled context: %v", err)
	}
	if got, err := f.Provider.Unwrap(t.Context(), f.Mine, Context(), w); err != nil || !got.Equal(k) {
		t.Errorf("afterwards: %v", err)
	}
}

func testConcurrent(t *testing.T, f Fixture) {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			k, err := keys.NewDataKey()
			if err != nil {
				t.Error(err)
				return
			}
			w, err := f.Provider.Wrap(t.Context(), f.Mine, Context(), k)
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := f.Provider.Unwrap(t.Context(), f.Mine, Context(), w); err != nil || !got.Equal(k) {
				t.Errorf("Unwrap: %v", err)
			}
		})
	}
	all.Wait()
}
