package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

const repository = "0d6b3c1e-53b5-4bd0-9d3c-0f7c2b8a6a11"

// patient is a deadline that a hanging recipient must exceed, and one that
// answers must not, on a busy machine either.
const patient = 500 * time.Millisecond

var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// place is a Source and a Lister in memory.
type place struct {
	name    string
	err     error
	lookups atomic.Int32

	mu    sync.Mutex
	files []keyring.File
}

func (p *place) Name() string { return p.name }

func (p *place) Lookup(_ context.Context, id keys.ID, _ string) ([]keyring.File, error) {
	p.lookups.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []keyring.File
	for _, f := range p.files {
		if strings.Contains(f.Path, "/"+id.String()+"/") {
			out = append(out, f)
		}
	}
	return out, p.err
}

func (p *place) Generations(_ context.Context, ring string) ([]keyring.File, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []keyring.File
	for _, f := range p.files {
		if strings.HasPrefix(f.Path, keyring.RingDir(ring)+"/") {
			out = append(out, f)
		}
	}
	return out, p.err
}

func (p *place) put(files ...keyring.File) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files = append(p.files, files...)
}

// lastPlace is searched only if nothing else has a file.
type lastPlace struct{ place }

func (*lastPlace) LastResort() {}

// world is a repository with a ring "prod" of recipients a, b and c.
type world struct {
	t          *testing.T
	mem        *keystest.Memory
	registry   *keys.Registry
	recipients []keys.Recipient
	here       *place
	cfg        keyring.Config
	warnings   []string
	remembered []keyring.File
	mu         sync.Mutex
}

func newWorld(t *testing.T, names ...string) *world {
	t.Helper()
	if len(names) == 0 {
		names = []string{"a", "b", "c"}
	}
	w := &world{t: t, mem: keystest.NewMemory("memory"), here: &place{name: "work tree"}}
	w.registry = keys.NewRegistry(w.mem)
	for _, name := range names {
		w.recipients = append(w.recipients, w.mem.Recipient(name))
	}
	w.cfg = keyring.Config{
		Repository: repository,
		Recipients: func(string) []keys.Recipient { return w.recipients },
		Providers:  w.registry,
		Sources:    []keyring.Source{w.here},
		Current:    w.here,
		Warn: func(m string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.warnings = append(w.warnings, m)
		},
		Remember: func(f keyring.File) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.remembered = append(w.remembered, f)
			return nil
		},
	}
	return w
}

// generation makes one without putting its files anywhere.
func (w *world) generation(ring string, created time.Time) (keys.Generation, []keyring.File) {
	w.t.Helper()
	gen, files, err := keyring.NewGeneration(w.t.Context(), w.registry, repository, ring, w.recipients, created, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return gen, files
}

// add makes a generation and puts its files into the work tree.
func (w *world) add(created time.Time) keys.Generation {
	w.t.Helper()
	gen, files := w.generation("prod", created)
	w.here.put(files...)
	return gen
}

func (w *world) keyring() *keyring.Keyring { return keyring.New(w.cfg) }

// edit changes the work tree's files whose path contains which.
func (w *world) edit(which string, change func([]byte) []byte) {
	w.t.Helper()
	n := 0
	for i, f := range w.here.files {
		if strings.Contains(f.Path, which) {
			w.here.files[i].Data = change(bytes.Clone(f.Data))
			n++
		}
	}
	if n == 0 {
		w.t.Fatalf("no file's path contains %s", which)
	}
}

func replace(old, with string) func([]byte) []byte {
	return func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(old), []byte(with)) }
}

func (w *world) unwraps() string {
	var out []string
	for _, r := range w.recipients {
		out = append(out, fmt.Sprint(w.mem.Unwraps(strings.TrimPrefix(r.URI, "mem:"))))
	}
	return strings.Join(out, " ")
}

func wantCause(t *testing.T, err, cause error, texts ...string) *keys.RingError {
	t.Helper()
	var e *keys.RingError
	if !errors.As(err, &e) || !errors.Is(err, cause) {
		t.Fatalf("error %v, want a ring error: %v", err, cause)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
	if strings.ContainsAny(err.Error(), "\n\r") {
		t.Errorf("error is not one line: %q", err)
	}
	return e
}

func wantKey(t *testing.T, got keys.Generation, err error, want keys.Generation) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != want.ID || got.Ring != want.Ring || !got.Created.Equal(want.Created) || !got.Key.Equal(want.Key) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOpen(t *testing.T) {
	w := newWorld(t)
	gen := w.add(noon)
	k := w.keyring()
	got, err := k.Open(t.Context(), gen.ID, "HEAD")
	wantKey(t, got, err, gen)
	if w.unwraps() != "1 0 0" || w.here.lookups.Load() != 1 {
		t.Errorf("unwraps %s, lookups %d, want the first recipient's only", w.unwraps(), w.here.lookups.Load())
	}
	if len(w.remembered) != 1 || w.remembered[0].Path != keyring.Path("prod", gen.ID, w.recipients[0].ID()) {
		t.Errorf("remembered %v", w.remembered)
	}
	if _, err := k.Open(t.Context(), gen.ID, "other"); err != nil || w.unwraps() != "1 0 0" || w.here.lookups.Load() != 1 {
		t.Errorf("again: %v, unwraps %s", err, w.unwraps())
	}
	if got, err := k.Current(t.Context(), "prod"); err != nil || w.unwraps() != "1 0 0" {
		t.Errorf("Current: %v, %v, unwraps %s", got, err, w.unwraps())
	}
}

// TestFailover: every recipient alone opens the ring, in the policy's order,
// whatever is wrong with those before it.
func TestFailover(t *testing.T) {
	for name, mode := range map[string]keystest.Mode{
		"denied": keystest.Deny, "foreign": keystest.Foreign, "no identity": keystest.Absent, "expired": keystest.Expired,
		"throttled": keystest.Throttle, "unreachable": keystest.Unreachable, "hanging": keystest.Hang, "deaf": keystest.Deaf,
		"broken": keystest.Broken,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			defer w.mem.Release()
			w.cfg.Deadline = patient
			gen := w.add(noon)
			w.mem.SetMode("a", mode)
			got, err := w.keyring().Open(t.Context(), gen.ID, "")
			wantKey(t, got, err, gen)
			if w.unwraps() != "1 1 0" {
				t.Errorf("unwraps %s, want 1 1 0", w.unwraps())
			}
		})
	}
}

func TestPolicyOrder(t *testing.T) {
	w := newWorld(t, "a", "b", "c", "d")
	gen := w.add(noon)
	var policy []keys.Recipient
	for _, name := range []string{"d", "b"} {
		policy = append(policy, w.mem.Recipient(name))
	}
	w.cfg.Recipients = func(string) []keys.Recipient { return policy }
	w.mem.SetMode("d", keystest.Deny)
	w.mem.SetMode("b", keystest.Deny)
	if _, err := w.keyring().Open(t.Context(), gen.ID, ""); err != nil {
		t.Fatal(err)
	}
	// a and c are no longer in the policy: their files are as good, but come last.
	a, c := w.mem.Unwraps("a"), w.mem.Unwraps("c")
	if w.mem.Unwraps("d") != 1 || w.mem.Unwraps("b") != 1 || a+c != 1 {
		t.Errorf("unwraps of a b c d: %s", w.unwraps())
	}
}

func TestAllFail(t *testing.T) {
	for name, c := range map[string]struct {
		modes [3]keystest.Mode
		cause error
		texts []string
	}{
		"no access": {[3]keystest.Mode{keystest.Deny, keystest.Foreign, keystest.Expired}, keys.ErrNoAccess, []string{"memory mem:a: access denied (as tester)", "mem:b: not yours", "mem:c: login not valid"}},
		"transient": {[3]keystest.Mode{keystest.Deny, keystest.Throttle, keystest.Foreign}, keys.ErrTransient, []string{"mem:b: throttled"}},
		"timeout":   {[3]keystest.Mode{keystest.Foreign, keystest.Foreign, keystest.Hang}, keys.ErrTransient, []string{"mem:c: unreachable: no answer within 500ms"}},
		"deaf":      {[3]keystest.Mode{keystest.Foreign, keystest.Foreign, keystest.Deaf}, keys.ErrTransient, []string{"mem:c: unreachable: no answer within 500ms"}},
		"broken":    {[3]keystest.Mode{keystest.Broken, keystest.Broken, keystest.Broken}, keys.ErrTransient, []string{"mem:a: failed: something went wrong"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			defer w.mem.Release()
			w.cfg.Deadline = patient
			gen := w.add(noon)
			for i, mode := range c.modes {
				w.mem.SetMode([]string{"a", "b", "c"}[i], mode)
			}
			k := w.keyring()
			_, err := k.Open(t.Context(), gen.ID, "")
			e := wantCause(t, err, c.cause, c.texts...)
			if len(e.Failed) != 3 || e.Ring != "prod" || e.ID != gen.ID {
				t.Errorf("ring error %+v, want three failures", e)
			}
			// Remembered, for another treeish too; a failed recipient is not asked again.
			for _, treeish := range []string{"", "", "HEAD~1"} {
				_, again := k.Open(t.Context(), gen.ID, treeish)
				wantCause(t, again, c.cause)
			}
			_, current := k.Current(t.Context(), "prod")
			wantCause(t, current, c.cause)
			if w.unwraps() != "1 1 1" {
				t.Errorf("unwraps %s, want one each", w.unwraps())
			}
			k.Forget()
			for _, name := range []string{"a", "b", "c"} {
				w.mem.SetMode(name, keystest.Normal)
			}
			if _, err := k.Open(t.Context(), gen.ID, ""); err != nil {
				t.Errorf("after Forget: %v", err)
			}
		})
	}
}

func TestHints(t *testing.T) {
	w := newWorld(t)
	gen := w.add(noon)
	w.mem.SetMode("a", keystest.Expired)
	w.mem.SetMode("b", keystest.Expired)
	w.mem.SetMode("c", keystest.Deny)
	_, err := w.keyring().Open(t.Context(), gen.ID, "")
	want := []string{"memory sso login", "ask for the permission on mem:c"}
	if e := wantCause(t, err, keys.ErrNoAccess); !slices.Equal(e.Hints(), want) {
		t.Errorf("hints %q, want %q", e.Hints(), want)
	}
}

// TestWrongKeys: a service that is wrong, or a file that was changed, ends the
// search: another recipient is not asked to paper over it.
func TestWrongKeys(t *testing.T) {
	for name, mode := range map[string]keystest.Mode{
		"wrong": keystest.WrongKey, "short": keystest.ShortKey, "none": keystest.NoKey, "tampered": keystest.Tampered,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			gen := w.add(noon)
			w.mem.SetMode("a", mode)
			k := w.keyring()
			for range 2 {
				got, err := k.Open(t.Context(), gen.ID, "")
				wantCause(t, err, keys.ErrTampered, keyring.Path("prod", gen.ID, w.recipients[0].ID()))
				if got.Key != nil {
					t.Error("a key came with the error")
				}
			}
			_, err := k.Current(t.Context(), "prod")
			wantCause(t, err, keys.ErrTampered)
			if w.unwraps() != "1 0 0" || len(w.remembered) != 0 {
				t.Errorf("unwraps %s, remembered %v", w.unwraps(), w.remembered)
			}
		})
	}
}

// TestEdited: each value of a file changed by hand, well-formed still.
func TestEdited(t *testing.T) {
	for name, edit := range map[string]func([]byte) []byte{
		"created":   replace("2026-01-31T12:00:00Z", "2026-01-31T12:00:01Z"),
		"algorithm": replace(`"algorithm": "memory"`, `"algorithm": "Memory"`),
		"key":       replace(`"key": "mem:a"`, `"key": "mem:b"`),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "a")
			gen := w.add(noon)
			w.edit(gen.ID.String(), edit)
			_, err := w.keyring().Open(t.Context(), gen.ID, "")
			wantCause(t, err, keys.ErrTampered, gen.ID.String())
			_, err = w.keyring().Current(t.Context(), "prod")
			wantCause(t, err, keys.ErrTampered)
		})
	}
}

// TestCopied: a wrapped key brought into another ring, another generation or
// another repository, with path and contents made to agree.
func TestCopied(t *testing.T) {
	t.Run("ring", func(t *testing.T) {
		w := newWorld(t)
		gen, files := w.generation("dev", noon)
		for _, f := range files {
			w.here.put(keyring.File{Path: strings.Replace(f.Path, "/dev/", "/prod/", 1), Data: replace(`"dev"`, `"prod"`)(f.Data)})
		}
		_, err := w.keyring().Open(t.Context(), gen.ID, "")
		wantCause(t, err, keys.ErrTampered)
		_, err = w.keyring().Current(t.Context(), "prod")
		wantCause(t, err, keys.ErrTampered)
	})
	t.Run("key id", func(t *testing.T) {
		w := newWorld(t)
		gen, files := w.generation("prod", noon)
		other := keys.ID{1}
		for _, f := range files {
			w.here.put(keyring.File{Path: strings.Replace(f.Path, gen.ID.String(), other.String(), 1), Data: replace(gen.ID.String(), other.String())(f.Data)})
		}
		_, err := w.keyring().Open(t.Context(), other, "")
		wantCause(t, err, keys.ErrTampered)
	})
	t.Run("repository", func(t *testing.T) {
		w := newWorld(t)
		gen := w.add(noon)
		w.cfg.Repository = "ffffffff-53b5-4bd0-9d3c-0f7c2b8a6a11"
		_, err := w.keyring().Open(t.Context(), gen.ID, "")
		wantCause(t, err, keys.ErrTampered, "belongs to another repository", repository)
		_, err = w.keyring().Current(t.Context(), "prod")
		wantCause(t, err, keys.ErrTampered)
		if w.unwraps() != "0 0 0" {
			t.Errorf("unwraps %s, want none", w.unwraps())
		}
	})
	t.Run("repository and contents", func(t *testing.T) {
		w := newWorld(t)
		gen := w.add(noon)
		w.cfg.Repository = "ffffffff-53b5-4bd0-9d3c-0f7c2b8a6a11"
		w.edit("", replace(repository, w.cfg.Repository))
		_, err := w.keyring().Open(t.Context(), gen.ID, "")
		wantCause(t, err, keys.ErrTampered)
	})
	t.Run("two rings", func(t *testing.T) {
		w := newWorld(t)
		gen := w.add(noon)
		for _, f := range slices.Clone(w.here.files) {
			w.here.put(keyring.File{Path: strings.Replace(f.Path, "/prod/", "/dev/", 1), Data: replace(`"prod"`, `"dev"`)(f.Data)})
		}
		_, err := w.keyring().Open(t.Context(), gen.ID, "")
		wantCause(t, err, keys.ErrTampered, "both claim")
		_, err = w.keyring().Find(t.Context(), gen.ID, "")
		wantCause(t, err, keys.ErrTampered, "both claim")
	})
}

// TestMalformed: a file that cannot be parsed is named, and the rest used.
func TestMalformed(t *testing.T) {
	conflict := func([]byte) []byte { return []byte("<<<<<<< HEAD\n") }
	t.Run("another's file", func(t *testing.T) {
		w := newWorld(t)
		gen := w.add(noon)
		bad := keyring.Path("prod", gen.ID, w.recipients[0].ID())
		w.edit(bad, conflict)
		k := w.keyring()
		got, err := k.Open(t.Context(), gen.ID, "")
		wantKey(t, got, err, gen)
		got, err = k.Current(t.Context(), "prod")
		wantKey(t, got, err, gen)
		if len(w.warnings) != 1 || !strings.Contains(w.warnings[0], bad) {
			t.Errorf("warnings %q, want one that names %s", w.warnings, bad)
		}
	})
	t.Run("mine, no access otherwise", func(t *testing.T) {
		w := newWorld(t)
		gen := w.add(noon)
		w.mem.SetMode("b", keystest.Foreign)
		w.mem.SetMode("c", keystest.Foreign)
		bad := keyring.Path("prod", gen.ID, w.recipients[0].ID())
		w.edit(bad, conflict)
		_, err := w.keyring().Open(t.Context(), gen.ID, "")
		wantCause(t, err, keys.ErrNoAccess, bad+": not the JSON object")
	})
	t.Run("all", func(t *testing.T) {
		w := newWorld(t)
		gen := w.add(noon)
		w.edit("", conflict)
		_, err := w.keyring().Open(t.Context(), gen.ID, "")
		wantCause(t, err, keys.ErrTampered, keyring.Path("prod", gen.ID, w.recipients[2].ID()))
		_, err = w.keyring().Find(t.Context(), gen.ID, "")
		wantCause(t, err, keys.ErrTampered)
	})
	t.Run("healed by the index", func(t *testing.T) {
		w := newWorld(t)
		gen := w.add(noon)
		index := &place{name: "index", files: slices.Clone(w.here.files)}
		w.cfg.Sources = append(w.cfg.Sources, index)
		w.edit("", replace("\n", "\r\n"))
		got, err := w.keyring().Open(t.Context(), gen.ID, "")
		wantKey(t, got, err, gen)
		if len(w.warnings) != 3 || !strings.Contains(w.warnings[0], "CRLF") {
			t.Errorf("warnings %q", w.warnings)
		}
	})
	t.Run("newer version", func(t *testing.T) {
		w := newWorld(t)
		gen := w.add(noon)
		w.edit("", replace(`"version": 1`, `"version": 2`))
		_, err := w.keyring().Open(t.Context(), gen.ID, "")
		if e := wantCause(t, err, keys.ErrTampered); !slices.Contains(e.Hints(), "install a newer git-envelope") {
			t.Errorf("hints %q", e.Hints())
		}
	})
	t.Run("stray files", func(t *testing.T) {
		w := newWorld(t)
		gen := w.add(noon)
		w.here.put(keyring.File{Path: keyring.RingDir("prod") + "/" + gen.ID.String() + "/notes.json~", Data: []byte("x")},
			keyring.File{Path: keyring.RingDir("prod") + "/.DS_Store", Data: []byte("x")})
		k := w.keyring()
		got, err := k.Open(t.Context(), gen.ID, "")
		wantKey(t, got, err, gen)
		got, err = k.Current(t.Context(), "prod")
		wantKey(t, got, err, gen)
	})
}

// TestSources: the first source that lets the key be opened, and the costly one
// only if no other knows the key id.
func TestSources(t *testing.T) {
	t.Run("none", func(t *testing.T) {
		w := newWorld(t)
		refs := &lastPlace{place{name: "refs"}}
		w.cfg.Sources = append(w.cfg.Sources, refs)
		k := w.keyring()
		for range 3 {
			_, err := k.Open(t.Context(), keys.ID{1}, "")
			wantCause(t, err, keys.ErrUnknownKey)
			_, err = k.Find(t.Context(), keys.ID{1}, "")
			wantCause(t, err, keys.ErrUnknownKey)
		}
		if refs.lookups.Load() != 2 {
			t.Errorf("searched %d times, want once for Open and once for Find", refs.lookups.Load())
		}
	})
	t.Run("later", func(t *testing.T) {
		w := newWorld(t)
		gen, files := w.generation("prod", noon)
		refs := &lastPlace{place{name: "refs", files: files}}
		w.cfg.Sources = []keyring.Source{refs, w.here, &place{name: "index"}}
		k := w.keyring()
		ring, err := k.Find(t.Context(), gen.ID, "")
		if err != nil || ring != "prod" || w.unwraps() != "0 0 0" {
			t.Fatalf("Find = %q, %v, unwraps %s", ring, err, w.unwraps())
		}
		got, err := k.Open(t.Context(), gen.ID, "")
		wantKey(t, got, err, gen)
		if w.here.lookups.Load() != 2 || refs.lookups.Load() != 2 {
			t.Errorf("lookups %d and %d", w.here.lookups.Load(), refs.lookups.Load())
		}
	})
	t.Run("added since", func(t *testing.T) {
		// .env is checked out before .envelope/keys: the work tree still has the
		// key files from before b was added.
		w := newWorld(t, "a", "b")
		gen, files := w.generation("prod", noon)
		refs := &lastPlace{place{name: "refs", files: files}}
		w.cfg.Sources = append(w.cfg.Sources, &place{name: "treeish", files: files}, refs)
		w.mem.SetMode("a", keystest.Foreign)
		w.here.put(files[0])
		got, err := w.keyring().Open(t.Context(), gen.ID, "")
		wantKey(t, got, err, gen)
		if w.unwraps() != "1 1" || refs.lookups.Load() != 0 {
			t.Errorf("unwraps %s, refs searched %d times", w.unwraps(), refs.lookups.Load())
		}
	})
	t.Run("broken, another has it", func(t *testing.T) {
		w := newWorld(t)
		gen := w.add(noon)
		w.cfg.Sources = []keyring.Source{&place{name: "index", err: errors.New("git died")}, w.here}
		got, err := w.keyring().Open(t.Context(), gen.ID, "")
		wantKey(t, got, err, gen)
	})
	t.Run("broken, no other has it", func(t *testing.T) {
		w := newWorld(t)
		gen := w.add(noon)
		w.cfg.Sources = []keyring.Source{&place{name: "index", err: errors.New("git died")}}
		for _, try := range []func() error{
			func() error { _, err := w.keyring().Open(t.Context(), gen.ID, ""); return err },
			func() error { _, err := w.keyring().Find(t.Context(), gen.ID, ""); return err },
		} {
			// Not "unknown", nor "no access": nobody looked.
			var ring *keys.RingError
			if err := try(); err == nil || errors.As(err, &ring) || !strings.Contains(err.Error(), "in index: git died") {
				t.Errorf("error %v", err)
			}
		}
	})
	t.Run("too many", func(t *testing.T) {
		w := newWorld(t)
		gen := w.add(noon)
		for range keyring.MaxFiles {
			w.here.put(w.here.files[0])
		}
		if _, err := w.keyring().Open(t.Context(), gen.ID, ""); err == nil || !strings.Contains(err.Error(), "more than 1000") {
			t.Errorf("error %v", err)
		}
	})
}

func TestLocked(t *testing.T) {
	w := newWorld(t)
	var isLocked atomic.Bool
	w.cfg.Locked = func(ring string) bool { return ring == "prod" && isLocked.Load() }
	isLocked.Store(true)
	gen := w.add(noon)
	k := w.keyring()
	for range 2 {
		_, err := k.Open(t.Context(), gen.ID, "")
		wantCause(t, err, keys.ErrLocked)
		_, err = k.Current(t.Context(), "prod")
		wantCause(t, err, keys.ErrLocked)
	}
	if ring, err := k.Find(t.Context(), gen.ID, ""); err != nil || ring != "prod" {
		t.Errorf("Find = %q, %v: it must work while locked", ring, err)
	}
	if w.unwraps() != "0 0 0" {
		t.Errorf("unwraps %s while locked", w.unwraps())
	}
	isLocked.Store(false)
	got, err := k.Open(t.Context(), gen.ID, "")
	wantKey(t, got, err, gen)
	isLocked.Store(true)
	if _, err := k.Open(t.Context(), gen.ID, ""); !errors.Is(err, keys.ErrLocked) {
		t.Errorf("locked again: %v", err)
	}
}

func TestCurrent(t *testing.T) {
	t.Run("newest", func(t *testing.T) {
		w := newWorld(t)
		w.add(noon)
		want := w.add(noon.Add(time.Second))
		w.add(noon.Add(-time.Hour))
		got, err := w.keyring().Current(t.Context(), "prod")
		wantKey(t, got, err, want)
		if w.unwraps() != "1 0 0" {
			t.Errorf("unwraps %s, want only the newest opened", w.unwraps())
		}
	})
	t.Run("tie", func(t *testing.T) {
		w := newWorld(t)
		a, b := w.add(noon), w.add(noon)
		if bytes.Compare(a.ID[:], b.ID[:]) > 0 {
			b = a
		}
		got, err := w.keyring().Current(t.Context(), "prod")
		wantKey(t, got, err, b)
	})
	t.Run("none", func(t *testing.T) {
		w := newWorld(t)
		_, err := w.keyring().Current(t.Context(), "prod")
		if e := wantCause(t, err, keys.ErrNoGeneration, "ring prod: the ring has no data key"); len(e.Hints()) != 1 {
			t.Errorf("hints %q", e.Hints())
		}
	})
	t.Run("newest out of reach", func(t *testing.T) {
		w := newWorld(t)
		w.add(noon)
		w.recipients = w.recipients[1:]
		w.add(noon.Add(time.Hour))
		w.mem.SetMode("b", keystest.Foreign)
		w.mem.SetMode("c", keystest.Foreign)
		_, err := w.keyring().Current(t.Context(), "prod")
		wantCause(t, err, keys.ErrNoAccess)
		if w.mem.Unwraps("a") != 0 {
			t.Error("an older generation was opened instead")
		}
	})
	t.Run("future", func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Now = func() time.Time { return noon }
		w.add(noon)
		want := w.add(noon.AddDate(10, 0, 0))
		got, err := w.keyring().Current(t.Context(), "prod")
		wantKey(t, got, err, want)
		if len(w.warnings) != 1 || !strings.Contains(w.warnings[0], "in the future") {
			t.Errorf("warnings %q", w.warnings)
		}
	})
	t.Run("raised by hand", func(t *testing.T) {
		for _, n := range []int{0, 1, 2} {
			w := newWorld(t)
			older := w.add(noon)
			w.add(noon.Add(time.Hour))
			w.edit(keyring.Path("prod", older.ID, w.recipients[n].ID()), replace("2026-01-31T12:00:00Z", "2026-02-01T12:00:00Z"))
			_, err := w.keyring().Current(t.Context(), "prod")
			wantCause(t, err, keys.ErrTampered, w.recipients[n].ID())
		}
	})
	t.Run("lowered by hand", func(t *testing.T) {
		w := newWorld(t)
		w.add(noon)
		newest := w.add(noon.Add(time.Hour))
		w.edit(keyring.Path("prod", newest.ID, w.recipients[2].ID()), replace("2026-01-31T13:00:00Z", "2026-01-30T13:00:00Z"))
		_, err := w.keyring().Current(t.Context(), "prod")
		wantCause(t, err, keys.ErrTampered, w.recipients[2].ID(), "says it was created")
	})
	t.Run("newest malformed", func(t *testing.T) {
		w := newWorld(t)
		w.add(noon)
		newest := w.add(noon.Add(time.Hour))
		w.edit(newest.ID.String(), func([]byte) []byte { return nil })
		_, err := w.keyring().Current(t.Context(), "prod")
		wantCause(t, err, keys.ErrTampered, newest.ID.String())
	})
	t.Run("malformed in work tree, whole in index", func(t *testing.T) {
		w := newWorld(t)
		want := w.add(noon)
		whole := slices.Clone(w.here.files)
		w.edit("", func([]byte) []byte { return nil })
		w.here.put(whole...)
		got, err := w.keyring().Current(t.Context(), "prod")
		wantKey(t, got, err, want)
	})
	t.Run("lister fails", func(t *testing.T) {
		w := newWorld(t)
		w.add(noon)
		w.here.err = errors.New("git died")
		var ring *keys.RingError
		if _, err := w.keyring().Current(t.Context(), "prod"); err == nil || errors.As(err, &ring) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("no policy", func(t *testing.T) {
		// What is sealed can be read; nothing new is sealed.
		w := newWorld(t)
		gen := w.add(noon)
		w.cfg.Repository, w.cfg.Recipients = "", nil
		got, err := w.keyring().Open(t.Context(), gen.ID, "")
		wantKey(t, got, err, gen)
		if _, err := w.keyring().Current(t.Context(), "prod"); err == nil || !strings.Contains(err.Error(), "policy") {
			t.Errorf("Current: %v", err)
		}
	})
	t.Run("no lister", func(t *testing.T) {
		if _, err := keyring.New(keyring.Config{Repository: repository}).Current(t.Context(), "prod"); err == nil {
			t.Error("no error")
		}
	})
}

func TestGenerations(t *testing.T) {
	w := newWorld(t)
	a := w.add(noon)
	b := w.add(noon.Add(time.Hour))
	w.edit(keyring.Path("prod", a.ID, w.recipients[1].ID()), func([]byte) []byte { return []byte("x") })
	got, err := w.keyring().Generations(t.Context(), "prod")
	if err != nil || len(got) != 2 {
		t.Fatalf("Generations = %v, %v", got, err)
	}
	if got[0].ID != b.ID || len(got[0].Recipients) != 3 || !got[0].Created.Equal(b.Created) || len(got[0].Faults) != 0 {
		t.Errorf("newest: %+v", got[0])
	}
	if got[1].ID != a.ID || len(got[1].Recipients) != 2 || len(got[1].Faults) != 1 {
		t.Errorf("older: %+v", got[1])
	}
	next, err := keyring.After(noon, got)
	if err != nil || !next.Equal(noon.Add(time.Hour+time.Second)) {
		t.Errorf("After = %v, %v", next, err)
	}
	if _, err := keyring.After(noon, []keyring.Metadata{{Created: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}}); err == nil {
		t.Error("After finds a time beyond the last one")
	}
	if next, err := keyring.After(noon.Add(time.Nanosecond).In(time.FixedZone("east", 3600)), nil); err != nil || next != noon {
		t.Errorf("After = %v, %v, want whole seconds in UTC", next, err)
	}
}

// TestOnce: however many callers, one unwrap.
func TestOnce(t *testing.T) {
	for name, mode := range map[string]keystest.Mode{"opens": keystest.Normal, "fails": keystest.Deny} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "a")
			gen := w.add(noon)
			w.mem.SetMode("a", mode)
			k := w.keyring()
			var all sync.WaitGroup
			for i := range 50 {
				all.Go(func() {
					var err error
					switch i % 3 {
					case 0:
						_, err = k.Open(t.Context(), gen.ID, "")
					case 1:
						_, err = k.Current(t.Context(), "prod")
					case 2:
						_, err := k.Find(t.Context(), gen.ID, "")
						if err != nil {
							t.Error(err)
						}
						return
					}
					if (err == nil) != (mode == keystest.Normal) {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if w.unwraps() != "1" {
				t.Errorf("unwraps %s", w.unwraps())
			}
		})
	}
}

// TestCancelled: a caller that leaves neither waits nor spoils it for others.
func TestCancelled(t *testing.T) {
	w := newWorld(t, "a")
	gen := w.add(noon)
	k := w.keyring()
	w.mem.SetMode("a", keystest.Hang)
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() { _, err := k.Open(ctx, gen.ID, ""); first <- err }()
	for w.mem.Unwraps("a") == 0 {
		time.Sleep(time.Millisecond)
	}
	// While one unwrap hangs: Find answers, and a waiting caller may leave.
	if ring, err := k.Find(t.Context(), gen.ID, ""); err != nil || ring != "prod" {
		t.Errorf("Find = %q, %v", ring, err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := k.Open(gone, gen.ID, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("second caller: %v", err)
	}
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("first caller: %v", err)
	}
	w.mem.SetMode("a", keystest.Normal)
	got, err := k.Open(t.Context(), gen.ID, "")
	wantKey(t, got, err, gen)
}

func TestTotal(t *testing.T) {
	w := newWorld(t)
	w.cfg.Deadline, w.cfg.Total = patient, time.Nanosecond
	gen := w.add(noon)
	w.mem.SetMode("a", keystest.Hang)
	_, err := w.keyring().Open(t.Context(), gen.ID, "")
	wantCause(t, err, keys.ErrTransient, "not tried")
}

func TestPatience(t *testing.T) {
	w := newWorld(t, "a")
	w.cfg.Deadline = time.Nanosecond
	w.mem.SetPatience(time.Minute)
	gen := w.add(noon)
	got, err := w.keyring().Open(t.Context(), gen.ID, "")
	wantKey(t, got, err, gen)
}

// TestUnsupportedFile: a file for a recipient of a kind this build lacks.
func TestUnsupportedFile(t *testing.T) {
	w := newWorld(t)
	gen := w.add(noon)
	w.cfg.Providers = keys.NewRegistry(keystest.NewMemory("other"))
	_, err := w.keyring().Open(t.Context(), gen.ID, "")
	wantCause(t, err, keys.ErrNoAccess, `no provider for "memory" recipients`)
}

func TestRememberFails(t *testing.T) {
	w := newWorld(t)
	gen := w.add(noon)
	w.cfg.Remember = func(keyring.File) error { return errors.New("read-only") }
	got, err := w.keyring().Open(t.Context(), gen.ID, "")
	wantKey(t, got, err, gen)
	if len(w.warnings) != 1 {
		t.Errorf("warnings %q", w.warnings)
	}
}
