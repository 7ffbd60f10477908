package keyring_test

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

func TestWrap(t *testing.T) {
	w := newWorld(t)
	gen, files := w.generation("prod", noon)
	if len(files) != 3 {
		t.Fatalf("%d files, want one for each recipient", len(files))
	}
	for i, f := range files {
		parsed, err := keyring.ParseFile(f.Path, f.Data)
		if err != nil {
			t.Fatal(err)
		}
		if parsed.Recipient.URI != w.recipients[i].URI || parsed.Repository != repository {
			t.Errorf("file %d: %+v", i, parsed)
		}
		if err := parsed.Verify(gen.Key); err != nil {
			t.Error(err)
		}
		if other, err := keys.NewDataKey(); err != nil || !errors.Is(parsed.Verify(other), keyring.ErrMAC) {
			t.Error("verifies under another key")
		}
	}
	// Rewrapping keeps the generation's time and identity.
	c := keys.Context{Repository: repository, Ring: "prod", ID: gen.ID}
	again, err := keyring.Wrap(t.Context(), w.registry, c, gen.Created, w.recipients[:1], gen.Key)
	if err != nil || len(again) != 1 || again[0].Path != files[0].Path {
		t.Errorf("Wrap = %v, %v", again, err)
	}
}

// TestOptionsStayInPolicy: nothing personal gets into a file.
func TestOptionsStayInPolicy(t *testing.T) {
	w := newWorld(t, "a")
	r := w.recipients[0]
	r.Options = map[string]string{}
	gen, files, err := keyring.NewGeneration(t.Context(), w.registry, repository, "prod", []keys.Recipient{r}, noon, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.here.put(files...)
	got, err := w.keyring().Open(t.Context(), gen.ID, "")
	wantKey(t, got, err, gen)
}

// TestWrapRefuses: and nothing was wrapped for anybody.
func TestWrapRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*world)
		ring   string
		want   string
	}{
		"no recipients":    {func(w *world) { w.recipients = nil }, "prod", "has 0 recipients"},
		"unsupported kind": {func(w *world) { w.recipients[2].Kind = "aws-kms" }, "prod", `no provider for "aws-kms"`},
		"malformed":        {func(w *world) { w.recipients[2].URI = "mem:" }, "prod", "mem:"},
		"twice":            {func(w *world) { w.recipients[2] = w.recipients[0] }, "prod", "listed twice"},
		"ring":             {func(w *world) {}, "../prod", "invalid value"},
		"options":          {func(w *world) { w.recipients[2].Options = map[string]string{"x": "y"} }, "prod", "unknown option x"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.change(w)
			_, files, err := keyring.NewGeneration(t.Context(), w.registry, repository, c.ring, w.recipients, noon, nil)
			if err == nil || files != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%d files, error %v, want %q", len(files), err, c.want)
			}
			if w.mem.Wraps("a")+w.mem.Wraps("b") != 0 {
				t.Error("something was wrapped")
			}
		})
	}
}

func TestWrapFails(t *testing.T) {
	w := newWorld(t)
	w.mem.SetMode("b", keystest.Deny)
	_, files, err := keyring.NewGeneration(t.Context(), w.registry, repository, "prod", w.recipients, noon, nil)
	if files != nil || keys.KindOf(err) != keys.Denied || !strings.Contains(err.Error(), "mem:b") {
		t.Errorf("%d files, error %v", len(files), err)
	}
}

func TestLimitsOnWriting(t *testing.T) {
	w := newWorld(t, "a")
	for name, f := range map[string]func() error{
		"repository": func() error {
			_, _, err := keyring.NewGeneration(t.Context(), w.registry, strings.Repeat("r", 1000), "prod", w.recipients, noon, nil)
			return err
		},
		"time": func() error {
			_, _, err := keyring.NewGeneration(t.Context(), w.registry, repository, "prod", w.recipients, time.Time{}, nil)
			return err
		},
		"random": func() error {
			_, _, err := keyring.NewGeneration(t.Context(), w.registry, repository, "prod", w.recipients, noon, iotest.ErrReader(errors.New("dry")))
			return err
		},
		"zero random": func() error {
			_, _, err := keyring.NewGeneration(t.Context(), w.registry, repository, "prod", w.recipients, noon, zeros{})
			return err
		},
	} {
		if err := f(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// zeros is what a broken random source delivers.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestGenerator: a KMS among the recipients makes the data key, wherever it
// stands, and is not asked to wrap it again.
func TestGenerator(t *testing.T) {
	mem, kms := keystest.NewMemory("age"), keystest.NewMemoryKMS("aws-kms")
	registry := keys.NewRegistry(mem, kms)
	recipients := []keys.Recipient{mem.Recipient("a"), kms.Recipient("k"), kms.Recipient("l")}
	gen, files, err := keyring.NewGeneration(t.Context(), registry, repository, "prod", recipients, noon, nil)
	if err != nil || len(files) != 3 {
		t.Fatal(len(files), err)
	}
	if kms.Generated() != 1 || kms.Wraps("k") != 1 || kms.Wraps("l") != 1 || mem.Wraps("a") != 1 {
		t.Errorf("generated %d, wrapped k %d, l %d, a %d", kms.Generated(), kms.Wraps("k"), kms.Wraps("l"), mem.Wraps("a"))
	}
	here := &place{name: "work tree", files: files}
	for _, r := range recipients {
		k := keyring.New(keyring.Config{Repository: repository, Providers: registry, Sources: []keyring.Source{here},
			Recipients: func(string) []keys.Recipient { return []keys.Recipient{r} }})
		got, err := k.Open(t.Context(), gen.ID, "")
		wantKey(t, got, err, gen)
	}
	kms.SetMode("k", keystest.Deny)
	if _, files, err := keyring.NewGeneration(t.Context(), registry, repository, "prod", recipients, noon, nil); keys.KindOf(err) != keys.Denied || files != nil {
		t.Errorf("a KMS that refuses: %v", err)
	}
}
