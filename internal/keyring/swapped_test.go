package keyring_test

import (
	"testing"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
)

// rewritten is a file with other wrapped members, everything else as it was.
func rewritten(t *testing.T, f keyring.File, change func(*keys.Wrapped)) keyring.File {
	t.Helper()
	w, err := keyring.ParseFile(f.Path, f.Data)
	if err != nil {
		t.Fatal(err)
	}
	change(&w.Wrapped)
	f.Data = w.Marshal()
	return f
}

func wrappedOf(t *testing.T, f keyring.File) keys.Wrapped {
	t.Helper()
	w, err := keyring.ParseFile(f.Path, f.Data)
	if err != nil {
		t.Fatal(err)
	}
	return w.Wrapped
}

// TestOtherWrapped: the MAC leaves the wrapped members out, so whoever can write
// to the repository can exchange them, for those of another file or for some of
// their own making. That costs the file; it never gives another key.
func TestOtherWrapped(t *testing.T) {
	w := newWorld(t, "a")
	gen, files := w.generation("prod", noon)
	_, older := w.generation("prod", noon.AddDate(-1, 0, 0))
	w.recipients = append(w.recipients, w.mem.Recipient("b"))
	_, both := w.generation("prod", noon)
	theirs, err := keys.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	c := keys.Context{Repository: repository, Ring: "prod", ID: gen.ID}
	forged, err := w.mem.Wrap(t.Context(), w.recipients[0], c, theirs)
	if err != nil {
		t.Fatal(err)
	}
	for name, wrapped := range map[string]keys.Wrapped{
		"of another generation": wrappedOf(t, older[0]),
		"of another recipient":  wrappedOf(t, both[1]),
		"a key of their own":    forged,
		"nonsense":              {Key: "mem:a", Algorithm: "memory", Ciphertext: []byte("nonsense")},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "a")
			w.here.put(rewritten(t, files[0], func(have *keys.Wrapped) { *have = wrapped }))
			_, err := w.keyring().Open(t.Context(), gen.ID, "")
			wantCause(t, err, keys.ErrTampered, gen.ID.String())
		})
	}
	t.Run("the same key wrapped anew", func(t *testing.T) {
		w := newWorld(t, "a")
		again, err := w.mem.Wrap(t.Context(), w.recipients[0], c, gen.Key)
		if err != nil {
			t.Fatal(err)
		}
		w.here.put(rewritten(t, files[0], func(have *keys.Wrapped) { *have = again }))
		got, err := w.keyring().Open(t.Context(), gen.ID, "")
		wantKey(t, got, err, gen)
	})
}
