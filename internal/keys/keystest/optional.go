package keystest

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// testGenerate holds a keys.Generator against what its users rely on: the key
// is fresh, and the wrapped key is as if Wrap had made it.
func testGenerate(t *testing.T, f Fixture) {
	g, ok := f.Provider.(keys.Generator)
	if !ok {
		t.Skip("the provider makes no keys")
	}
	k, w, err := g.Generate(t.Context(), f.Mine, Context())
	if err != nil {
		t.Fatal(err)
	}
	like := wrap(t, f, f.Mine, k)
	if w.Key != like.Key || w.Algorithm != like.Algorithm {
		t.Errorf("Generate records %q, %q, Wrap %q, %q", w.Key, w.Algorithm, like.Key, like.Algorithm)
	}
	if len(w.Ciphertext) == 0 || len(w.Ciphertext) > keys.MaxWrapped || bytes.Contains(w.Ciphertext, k.Bytes()[:]) {
		t.Fatalf("wrapped key of %d bytes, or one that holds the key in clear", len(w.Ciphertext))
	}
	opens(t, f, w, k)
	other := Context()
	other.Ring = "dev"
	got, err := f.Provider.Unwrap(t.Context(), f.Mine, other, w)
	refused(t, k, got, err, keys.Tampered)
	again, _, err := g.Generate(t.Context(), f.Mine, Context())
	if err != nil || again.Equal(k) {
		t.Errorf("generated the same key twice (%v)", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, _, err := g.Generate(ctx, f.Mine, Context()); !errors.Is(err, context.Canceled) || got != nil {
		t.Errorf("Generate with a cancelled context: %v", err)
	}
}

// testRewrap holds a keys.Rewrapper against what its users rely on: the key
// and the context stay.
func testRewrap(t *testing.T, f Fixture) {
	r, ok := f.Provider.(keys.Rewrapper)
	if !ok {
		t.Skip("the provider moves no wrapped keys")
	}
	k := newKey(t)
	w := wrap(t, f, f.Mine, k)
	moved, err := r.Rewrap(t.Context(), f.Mine, Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	opens(t, f, moved, k)
	opens(t, f, w, k) // the old one stays good
	other := Context()
	other.ID[0]++
	got, err := f.Provider.Unwrap(t.Context(), f.Mine, other, moved)
	refused(t, k, got, err, keys.Tampered)
	for name, change := range map[string]func(*keys.Wrapped) keys.Context{
		"another context":   func(*keys.Wrapped) keys.Context { return other },
		"another key":       func(w *keys.Wrapped) keys.Context { w.Key = "another"; return Context() },
		"another algorithm": func(w *keys.Wrapped) keys.Context { w.Algorithm = "rot13"; return Context() },
		"changed": func(w *keys.Wrapped) keys.Context {
			w.Ciphertext = bytes.Clone(w.Ciphertext)
			w.Ciphertext[len(w.Ciphertext)-1] ^= 1
			return Context()
		},
	} {
		bad := w
		c := change(&bad)
		if got, err := r.Rewrap(t.Context(), f.Mine, c, bad); err == nil {
			t.Errorf("%s: rewrapped, as %q", name, got.Key)
		} else {
			quiet(t, k, err)
		}
	}
}

// testResolve: what is complete already needs no service.
func testResolve(t *testing.T, f Fixture) {
	r, ok := f.Provider.(keys.Resolver)
	if !ok {
		t.Skip("the provider knows no short forms")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := r.Resolve(ctx, f.Mine); err != nil || got.URI != f.Mine.URI {
		t.Errorf("Resolve of %s = %q, %v", f.Mine.Display(), got.URI, err)
	}
}

// testNewest holds a keys.Dater against what its users rely on: what Wrap records
// now is the newest, and asking again changes nothing.
func testNewest(t *testing.T, f Fixture) {
	d, ok := f.Provider.(keys.Dater)
	if !ok {
		t.Skip("the provider's recipients name one key for good")
	}
	for range 2 {
		newest, err := d.Newest(t.Context(), f.Mine)
		if err != nil {
			t.Fatal(err)
		}
		k := newKey(t)
		w := wrap(t, f, f.Mine, k)
		opens(t, f, w, k)
		if !d.Same(newest, w.Key) || !d.Same(w.Key, newest) || !d.Same(w.Key, w.Key) {
			t.Errorf("the newest key is %q, but Wrap records %q", newest, w.Key)
		}
		for _, other := range []string{"", "another", w.Key + "0", w.Key[:len(w.Key)-1]} {
			if d.Same(w.Key, other) || d.Same(other, w.Key) {
				t.Errorf("%q is said to be %q", other, w.Key)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if newest, err := d.Newest(ctx, f.Mine); err == nil && newest != f.Mine.URI || err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("Newest with a cancelled context: %q, %v", newest, err)
	}
	if f.Locked == nil {
		return
	}
	newest, err := f.Locked.(keys.Dater).Newest(t.Context(), f.Mine)
	switch kind := keys.KindOf(err); {
	case err == nil && newest != f.Mine.URI:
		t.Errorf("without any identity %q is the newest", newest)
	case err != nil && kind != keys.NoIdentity && kind != keys.Denied && kind != keys.Expired:
		t.Errorf("without any identity: %v", err)
	}
}

func opens(t *testing.T, f Fixture, w keys.Wrapped, k *keys.DataKey) {
	t.Helper()
	got, err := f.Provider.Unwrap(t.Context(), f.Mine, Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(k) {
		t.Error("unwrapped another key")
	}
}
