package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// TestBlobWriter stores few and many, small and large blobs, concurrently.
func TestBlobWriter(t *testing.T) {
	for name, tt := range map[string]struct {
		init  []string
		count int
		packs int
	}{
		"none":           {nil, 0, 0},
		"few":            {nil, 10, 0},
		"many":           {nil, 300, 1},
		"SHA-256":        {[]string{"--object-format=sha256"}, 300, 1},
		"few, and large": {nil, -3, 1},
		"few in SHA-256": {[]string{"--object-format=sha256"}, 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			g := gittest.New(t, tt.init...)
			r := openTest(t, g)
			w, err := r.NewBlobWriter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			want := map[string][]byte{}
			var mu sync.Mutex
			n, extra := tt.count, 0
			if n < 0 {
				n, extra = -n, 3<<20
			}
			for i := range n {
				all.Go(func() {
					content := []byte(noise(i*31+extra, uint32(i%7)))
					if i == 2 {
						content = []byte(noise(3<<20, 1))
					}
					oid, err := w.Write(t.Context(), int64(len(content)), bytes.NewReader(content))
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					want[oid] = content
				})
			}
			all.Wait()
			for oid := range want {
				if _, err := r.Blobs().Stat(t.Context(), oid); !errors.Is(err, ErrMissing) && len(want[oid]) > 0 {
					t.Fatalf("before Close: %v", err)
				}
				break
			}
			if err := w.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			for oid, content := range want {
				o, err := r.Blobs().Open(t.Context(), oid)
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(o)
				if err != nil || !bytes.Equal(got, content) || oid != r.hash("blob", content) {
					t.Fatalf("%s: %d bytes, want %d, %v", oid, len(got), len(content), err)
				}
				o.Close()
			}
			packs, _ := filepath.Glob(filepath.Join(g.Dir, ".git/objects/pack/*.pack"))
			if len(packs) != tt.packs {
				t.Errorf("%d packs, want %d", len(packs), tt.packs)
			}
			g.Git("fsck", "--strict")
			nothingLeft(t, g)
		})
	}
}

// nothingLeft fails if git or we left anything temporary in a repository.
func nothingLeft(t *testing.T, g *gittest.Repo) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(g.Dir, ".git"), func(name string, _ os.DirEntry, err error) error {
		for _, part := range []string{"tmp_", "fast_import_crash", "envelope-", ".lock"} {
			if strings.Contains(filepath.Base(name), part) {
				t.Errorf("left behind: %s", name)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestBlobWriterFails: what goes wrong leaves the repository as it was.
func TestBlobWriterFails(t *testing.T) {
	errTest := errors.New("a fault of the test")
	content := []byte(noise(100_000, 1))
	for name, do := range map[string]func(ctx context.Context, cancel func(), w *BlobWriter) error{
		"short": func(ctx context.Context, _ func(), w *BlobWriter) error {
			_, err := w.Write(ctx, 100_001, bytes.NewReader(content))
			return err
		},
		"long": func(ctx context.Context, _ func(), w *BlobWriter) error {
			_, err := w.Write(ctx, 99_999, bytes.NewReader(content))
			return err
		},
		"read": func(ctx context.Context, _ func(), w *BlobWriter) error {
			_, err := w.Write(ctx, 100_001, io.MultiReader(bytes.NewReader(content), failingReader{errTest}))
			if !errors.Is(err, errTest) {
				t.Errorf("read: %v", err)
			}
			return err
		},
		"git gone": func(ctx context.Context, _ func(), w *BlobWriter) error {
			_ = w.git.cmd.Process.Kill()
			for range 50 {
				if _, err := w.Write(ctx, 100_000, bytes.NewReader(content)); err != nil {
					return err
				}
			}
			return w.Close(ctx)
		},
		"interrupted": func(ctx context.Context, cancel func(), w *BlobWriter) error {
			cancel()
			return w.Close(ctx)
		},
		"discarded": func(ctx context.Context, _ func(), w *BlobWriter) error {
			w.Discard()
			_, err := w.Write(ctx, 1, strings.NewReader("x"))
			return err
		},
		"other bytes arrived": func(ctx context.Context, _ func(), w *BlobWriter) error {
			w.oids[0] = w.repo.hash("blob", []byte("other"))
			return w.Close(ctx)
		},
		"fewer arrived": func(ctx context.Context, _ func(), w *BlobWriter) error {
			w.oids = append(w.oids, w.oids[0])
			return w.Close(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := gittest.New(t)
			r := openTest(t, g)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w, err := r.NewBlobWriter(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(ctx, 5, strings.NewReader("first")); err != nil {
				t.Fatal(err)
			}
			if err := do(ctx, cancel, w); err == nil {
				t.Error("no error")
			}
			w.Discard()
			nothingLeft(t, g)
			if out := g.Git("cat-file", "--batch-all-objects", "--batch-check"); out != "" {
				t.Errorf("the repository has %s", out)
			}
		})
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

// TestBlobWriterKnown: what the repository, or one it borrows from, has in a pack
// is not stored again; nor does anything else about where objects are matter.
func TestBlobWriterKnown(t *testing.T) {
	g := gittest.New(t)
	for i := range 150 {
		g.Write("f"+strings.Repeat("x", i), noise(1000+i, 3))
	}
	g.Git("add", ".")
	g.Git("commit", "-qm", "one")
	g.Git("gc", "-q")
	dir := filepath.Join(gittest.TempDir(t), "borrower")
	g.Git("clone", "-q", "--shared", g.Dir, dir)
	borrower := g.At(dir)
	r := openTest(t, borrower)
	w, err := r.NewBlobWriter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 150 {
		content := []byte(noise(1000+i, 3))
		if _, err := w.Write(t.Context(), int64(len(content)), bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if packs, _ := filepath.Glob(filepath.Join(borrower.Dir, ".git/objects/pack/*.pack")); len(packs) != 0 {
		t.Errorf("stored again: %v", packs)
	}
}
