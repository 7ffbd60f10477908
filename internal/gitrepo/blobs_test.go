package gitrepo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// large is content well beyond what Open keeps in memory, and incompressible.
func large(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(b)
	return b
}

func read(t testing.TB, r *gitrepo.Repo, spec string) string {
	t.Helper()
	o, err := r.Blobs().Open(t.Context(), spec)
	must(t, err)
	data, err := io.ReadAll(o)
	must(t, err)
	must(t, o.Close())
	return string(data)
}

func TestBlobsMissing(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	r := open(t, s)
	for _, spec := range []string{"HEAD:nope", ":nope", "nope", strings.Repeat("0", 40), "HEAD:a.txt:b", "HEAD:x missing", "0000 blob 12"} {
		if _, err := r.Blobs().Open(t.Context(), spec); !errors.Is(err, gitrepo.ErrMissing) {
			t.Errorf("open %q: %v", spec, err)
		}
		if _, err := r.Blobs().Stat(t.Context(), spec); !errors.Is(err, gitrepo.ErrMissing) {
			t.Errorf("stat %q: %v", spec, err)
		}
	}
	for _, spec := range []string{"", "HEAD:a\nb", "HEAD:a\x00"} {
		if _, err := r.Blobs().Open(t.Context(), spec); err == nil || errors.Is(err, gitrepo.ErrMissing) {
			t.Errorf("open %q: %v", spec, err)
		}
	}
	for _, path := range []string{"nope", "no\npe", "dir/sub"} {
		if _, err := r.Blobs().OpenIndex(t.Context(), path, 0); !errors.Is(err, gitrepo.ErrMissing) {
			t.Errorf("index %q: %v", path, err)
		}
	}
	if _, err := r.Blobs().OpenPath(t.Context(), "HEAD", "no\npe"); !errors.Is(err, gitrepo.ErrMissing) {
		t.Error(err)
	}
	if _, err := r.Blobs().OpenPath(t.Context(), "nope", "no\npe"); !errors.Is(err, gitrepo.ErrMissing) {
		t.Error(err)
	}
	for _, path := range []string{"", "../x", "/etc/passwd", "a/../b", "a//b", ".git/config", "./a.txt"} {
		if _, err := r.Blobs().OpenPath(t.Context(), "HEAD", path); err == nil || errors.Is(err, gitrepo.ErrMissing) {
			t.Errorf("path %q: %v", path, err)
		}
	}
	if read(t, r, "HEAD:a.txt") != "hello\n" {
		t.Error("the reader is out of step after refusals")
	}
	if o, err := r.Blobs().Open(t.Context(), "HEAD"); err != nil || o.Type != "commit" {
		t.Errorf("%+v %v", o, err)
	}
}

func TestBlobsLarge(t *testing.T) {
	s := gittest.New(t)
	sizes := []int{0, 1, 256<<10 - 1, 256 << 10, 256<<10 + 1, 12 << 20}
	for i, n := range sizes {
		s.Write(fmt.Sprint(i), string(large(n)))
	}
	s.Commit("large")
	r := open(t, s)
	for i, n := range sizes {
		if read(t, r, fmt.Sprintf(":%d", i)) != string(large(n)) {
			t.Errorf("content of %d bytes differs", n)
		}
	}
	for _, take := range []int{0, 1, 9 << 20} { // closed early: ended or read off
		o, err := r.Blobs().Open(t.Context(), "HEAD:5")
		must(t, err)
		_, err = io.CopyN(io.Discard, o, int64(take))
		must(t, err)
		must(t, o.Close())
		must(t, o.Close())
		if _, err := o.Read(make([]byte, 1)); err == nil || err == io.EOF {
			t.Errorf("read after close: %v", err)
		}
		if read(t, r, "HEAD:1") != string(large(1)) {
			t.Error("the reader is out of step after an early close")
		}
	}
}

// Several objects may be open at once in one goroutine, and many ask together.
func TestBlobsConcurrent(t *testing.T) {
	s := gittest.New(t)
	for i := range 20 {
		s.Write(fmt.Sprintf("f%d", i), string(large(i*60_000)))
	}
	s.Commit("files")
	r := open(t, s)
	a, err := r.Blobs().Open(t.Context(), "HEAD:f18")
	must(t, err)
	b, err := r.Blobs().Open(t.Context(), "HEAD:f19")
	must(t, err)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 20 {
				n := (i*7 + g) % 20
				o, err := r.Blobs().Open(t.Context(), fmt.Sprintf("HEAD:f%d", n))
				if err != nil {
					t.Error(err)
					return
				}
				data, err := io.ReadAll(o)
				if err != nil || !bytes.Equal(data, large(n*60_000)) {
					t.Errorf("f%d: %d bytes, %v", n, len(data), err)
				}
				if err := o.Close(); err != nil {
					t.Error(err)
				}
				if _, err := r.Blobs().Stat(t.Context(), fmt.Sprintf(":f%d", n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for o, n := range map[io.ReadCloser]int{a: 18, b: 19} {
		data, err := io.ReadAll(o)
		if err != nil || !bytes.Equal(data, large(n*60_000)) {
			t.Errorf("f%d: %d bytes, %v", n, len(data), err)
		}
		must(t, o.Close())
	}
}

func TestBlobsContext(t *testing.T) {
	s := gittest.New(t)
	s.Write("f", string(large(8<<20)))
	s.Commit("f")
	r := open(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	o, err := r.Blobs().Open(ctx, "HEAD:f")
	must(t, err)
	cancel()
	if _, err := io.Copy(io.Discard, o); !errors.Is(err, context.Canceled) {
		t.Errorf("read after cancel: %v", err)
	}
	_ = o.Close()
	if _, err := r.Blobs().Open(ctx, "HEAD:f"); !errors.Is(err, context.Canceled) {
		t.Errorf("open after cancel: %v", err)
	}
	if len(read(t, r, "HEAD:f")) != 8<<20 {
		t.Error("not usable after a cancelled request")
	}
}

// A damaged object is that request's error, in git's words; the next works.
func TestBlobsDamaged(t *testing.T) {
	s := gittest.New(t)
	s.Write("small", "some text\n")
	s.Write("big", string(large(3<<20)))
	s.Write("good", "good\n")
	s.Commit("f")
	for _, name := range []string{"small", "big"} {
		oid := s.Git("rev-parse", ":"+name)
		file := s.File(".git/objects/" + oid[:2] + "/" + oid[2:])
		data, err := os.ReadFile(file)
		must(t, err)
		must(t, os.Chmod(file, 0o644))
		data[len(data)/2] ^= 0xff
		if name == "big" {
			data = data[:len(data)/2]
		}
		must(t, os.WriteFile(file, data, 0o644))
	}
	r := open(t, s)
	for range 2 {
		for _, name := range []string{"small", "big"} {
			o, err := r.Blobs().Open(t.Context(), "HEAD:"+name)
			if err == nil {
				_, err = io.Copy(io.Discard, o)
				_ = o.Close()
			}
			if err == nil || errors.Is(err, gitrepo.ErrMissing) || !strings.Contains(err.Error(), "git cat-file: ") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if read(t, r, "HEAD:good") != "good\n" {
			t.Error("good object not read")
		}
	}
}

// Objects written after the process started are found: by us, or packed meanwhile.
func TestBlobsSeeNewObjects(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	r := open(t, s)
	read(t, r, "HEAD:a.txt")
	oid, err := r.WriteBlob(t.Context(), strings.NewReader("later"))
	must(t, err)
	if read(t, r, oid) != "later" {
		t.Error("loose")
	}
	s.Write("later2", "x2")
	s.Commit("two")
	s.Git("repack", "-adq")
	if read(t, r, "HEAD:later2") != "x2" {
		t.Error("packed")
	}
}

// A process that went away while idle is replaced without a word.
func TestBlobsAfterClose(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	r := open(t, s)
	read(t, r, "HEAD:a.txt")
	must(t, r.Close())
	must(t, r.Close())
	read(t, r, "HEAD:a.txt")
}

// Objects of a partial clone that were not fetched are missing; nothing is fetched.
func TestPartialClone(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	old := s.Git("rev-parse", "HEAD:a.txt")
	s.Write("a.txt", "changed\n")
	s.Commit("second")
	s.Git("config", "uploadpack.allowFilter", "true")
	c := s.Clone("--filter=blob:none")
	r := open(t, c)
	if partial, err := r.PartialClone(t.Context()); err != nil || !partial {
		t.Errorf("PartialClone: %v %v", partial, err)
	}
	if read(t, r, "HEAD:a.txt") != "changed\n" {
		t.Error("HEAD")
	}
	for _, spec := range []string{"HEAD~:a.txt", old} {
		if _, err := r.Blobs().Open(t.Context(), spec); !errors.Is(err, gitrepo.ErrMissing) {
			t.Errorf("open %s: %v", spec, err)
		}
		if _, err := r.Blobs().Stat(t.Context(), spec); !errors.Is(err, gitrepo.ErrMissing) {
			t.Errorf("stat %s: %v", spec, err)
		}
	}
	entries, err := r.Tree(t.Context(), "HEAD~")
	if err != nil || len(entries) == 0 || entries[0].Size != -1 {
		t.Errorf("tree: %+v, %v", entries, err)
	}
	if out := c.Git("rev-list", "--objects", "--missing=print", "HEAD"); !strings.Contains(out, "?"+old) {
		t.Error("the missing blob was fetched")
	}
	if partial, err := open(t, s).PartialClone(t.Context()); err != nil || partial {
		t.Errorf("PartialClone of a full one: %v %v", partial, err)
	}
}

// Nobody can put other content in an object's place with refs/replace.
func TestReplacedObject(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	other := s.GitIn("harmless\n", "hash-object", "-w", "--stdin")
	s.Git("replace", s.Git("rev-parse", "HEAD:a.txt"), other)
	if got := read(t, open(t, s), "HEAD:a.txt"); got != "hello\n" {
		t.Errorf("got %q", got)
	}
}
