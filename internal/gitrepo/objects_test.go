package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// stored is what a stream gave: content by object id, and the objects with errors.
type stored struct {
	order   []string
	content map[string]string
	types   map[string]string
	bad     map[string]error
	end     error
}

func collectObjects(seq func(func(StoredObject, error) bool)) stored {
	got := stored{content: map[string]string{}, types: map[string]string{}, bad: map[string]error{}}
	for o, err := range seq {
		if err == nil {
			var data []byte
			if data, err = io.ReadAll(o); err == nil && int64(len(data)) != o.Size {
				err = fmt.Errorf("%d bytes of %d", len(data), o.Size)
			}
			got.order = append(got.order, o.OID)
			got.content[o.OID], got.types[o.OID] = string(data), o.Type
		}
		if err != nil {
			delete(got.content, o.OID)
			got.bad[o.OID] = err
			if o.OID == "" {
				got.end = err
			}
		}
	}
	return got
}

func openTest(t testing.TB, g *gittest.Repo) *Repo {
	t.Helper()
	r, err := OpenEnv(context.Background(), g.Dir, g.Env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// objectFile is the file of a loose object, made writable.
func objectFile(t testing.TB, g *gittest.Repo, oid string) string {
	t.Helper()
	name := filepath.Join(g.Dir, ".git", "objects", oid[:2], oid[2:])
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func noise(n int, seed uint32) string {
	b := make([]byte, n)
	for i := range b {
		seed = seed*1664525 + 1013904223
		b[i] = byte(seed >> 24)
	}
	return string(b)
}

func TestAllObjects(t *testing.T) {
	for name, args := range map[string][]string{"sha1": nil, "sha256": {"--object-format=sha256"}} {
		t.Run(name, func(t *testing.T) {
			g := gittest.New(t, args...)
			g.Write("big", noise(3*streamBuffer+17, 1))
			g.Write("empty", "")
			g.Commit("one")
			g.Git("tag", "-a", "-m", "tag message", "v1")
			g.Git("repack", "-adq")
			g.Write("later", "later\n")
			g.Commit("two")
			dangling := g.GitIn("dangling\n", "hash-object", "-w", "--stdin")
			r := openTest(t, g)
			got := collectObjects(r.AllObjects(context.Background()))
			if len(got.bad) > 0 {
				t.Fatal(got.bad)
			}
			if got.content[dangling] != "dangling\n" || got.content[g.Git("rev-parse", "HEAD:big")] != g.Read("big") {
				t.Error("content")
			}
			want := g.Git("cat-file", "--batch-check=%(objectname) %(objecttype)", "--batch-all-objects")
			var have []string
			for _, oid := range got.order {
				have = append(have, oid+" "+got.types[oid])
			}
			slices.Sort(have)
			if strings.Join(have, "\n") != want {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(have, "\n"), want)
			}
			var names []string
			for name, err := range r.AllObjectNames(context.Background()) {
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, string(name))
			}
			if !slices.Equal(names, got.order) {
				t.Error("names come in another order than objects")
			}
			some := []string{got.order[3], got.order[0], got.order[3]}
			if some := collectObjects(r.ObjectsOf(context.Background(), some)); len(some.order) != 3 || some.order[1] != got.order[0] {
				t.Error(some.order)
			}
		})
	}
}

func TestObjectsUnread(t *testing.T) {
	g := gittest.New(t)
	for i := range 20 {
		g.Write(fmt.Sprint("f", i), noise(i*9000, uint32(i)))
	}
	g.Commit("one")
	r := openTest(t, g)
	n, one := 0, make([]byte, 1)
	for o, err := range r.AllObjects(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%2 == 0 && o.Size > 0 {
			if _, err := io.ReadFull(o, one); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n != 22 {
		t.Errorf("%d objects", n)
	}
	for range r.AllObjects(context.Background()) {
		break // must end git, and not wait for it
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var last error
	for _, last = range r.AllObjects(ctx) {
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("a stream that was cancelled ends with %v", last)
	}
}

// TestAllObjectsDamaged has every kind of damage: none may hide another object.
func TestAllObjectsDamaged(t *testing.T) {
	g := gittest.New(t)
	g.Write("packed", noise(200000, 7))
	g.Write("packed2", "small\n")
	g.Commit("one")
	g.Git("repack", "-adq")
	for i := range 8 {
		g.Write(fmt.Sprint("f", i), noise(100000, uint32(i)))
	}
	g.Commit("two")
	r := openTest(t, g)
	whole := collectObjects(r.AllObjects(context.Background()))
	oid := func(path string) string { return g.Git("rev-parse", "HEAD:"+path) }

	cut := func(path string, n int64) string {
		if err := os.Truncate(objectFile(t, g, oid(path)), n); err != nil {
			t.Fatal(err)
		}
		return oid(path)
	}
	pack, err := filepath.Glob(filepath.Join(g.Dir, ".git/objects/pack/*.pack"))
	if err != nil || len(pack) != 1 {
		t.Fatal(pack, err)
	}
	if err := os.Chmod(pack[0], 0o644); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(pack[0])
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 0x40 // amid the large blob
	if err := os.WriteFile(pack[0], data, 0o644); err != nil {
		t.Fatal(err)
	}
	damaged := []string{cut("f0", 50000), cut("f1", 0), cut("f2", 5), oid("packed")}
	gone := oid("f3")
	if err := os.Remove(objectFile(t, g, gone)); err != nil {
		t.Fatal(err)
	}
	check := func(t *testing.T, got stored, bad ...string) {
		t.Helper()
		if got.end != nil {
			t.Fatal(got.end)
		}
		for _, o := range bad {
			if got.bad[o] == nil {
				t.Errorf("no error about %s", o)
			}
			delete(got.bad, o)
		}
		for o, err := range got.bad {
			t.Errorf("%s: %v", o, err)
		}
		for o, c := range whole.content {
			if c2, ok := got.content[o]; !slices.Contains(bad, o) && o != gone && (!ok || c2 != c) {
				t.Errorf("%s was not read", o)
			}
		}
	}
	check(t, collectObjects(r.AllObjects(context.Background())), damaged...)
	got := collectObjects(r.ObjectsOf(context.Background(), whole.order))
	if !errors.Is(got.bad[gone], ErrMissing) {
		t.Errorf("of an object that is gone: %v", got.bad[gone])
	}
	check(t, got, append(damaged, gone)...)

	// The consumer that does not read must hear of the damage all the same.
	seen := map[string]bool{}
	for o, err := range r.AllObjects(context.Background()) {
		seen[o.OID] = seen[o.OID] || err != nil
	}
	for _, o := range damaged {
		if !seen[o] {
			t.Errorf("no error about %s", o)
		}
	}
}

func TestObjectsAlternates(t *testing.T) {
	g := gittest.New(t)
	g.Write("f", "in the alternate\n")
	g.Commit("one")
	clone := g.Clone("--shared")
	own := clone.GitIn("own\n", "hash-object", "-w", "--stdin")
	got := collectObjects(openTest(t, clone).AllObjects(context.Background()))
	if got.content[own] == "" || got.content[g.Git("rev-parse", "HEAD:f")] == "" || len(got.bad) > 0 {
		t.Error(got)
	}
}

func TestObjectsPartialClone(t *testing.T) {
	g := gittest.New(t)
	for i := range 300 {
		g.Write(fmt.Sprint("f", i), fmt.Sprint("content ", i))
	}
	g.Commit("one")
	g.Git("config", "uploadpack.allowFilter", "true")
	clone := g.Clone("--filter=blob:none", "--no-checkout")
	r := openTest(t, clone)
	all := collectObjects(r.AllObjects(context.Background()))
	if len(all.order) != 2 || len(all.bad) > 0 {
		t.Errorf("%d objects, %v", len(all.order), all.bad)
	}
	var oids []string
	for line := range strings.Lines(g.Git("ls-tree", "-r", "--format=%(objectname)", "HEAD") + "\n") {
		oids = append(oids, strings.TrimSpace(line))
	}
	oids = append(oids, g.Git("rev-parse", "HEAD"))
	got := collectObjects(r.ObjectsOf(context.Background(), oids))
	if len(got.order) != 1 || len(got.bad) != 300 || got.end != nil {
		t.Errorf("%d objects, %d errors, end %v", len(got.order), len(got.bad), got.end)
	}
	for _, err := range got.bad {
		if !errors.Is(err, ErrMissing) {
			t.Fatal(err)
		}
	}
}

func TestObjectsOfNoName(t *testing.T) {
	r := openTest(t, gittest.New(t))
	for _, name := range []string{"", "HEAD", id1 + "\n" + id1, strings.ToUpper(id1)} {
		if got := collectObjects(r.ObjectsOf(context.Background(), []string{name})); got.end == nil {
			t.Errorf("%q taken for an object id", name)
		}
	}
	if got := collectObjects(r.AllObjects(context.Background())); len(got.order)+len(got.bad) > 0 {
		t.Error("objects in an empty repository")
	}
}

func TestNameLines(t *testing.T) {
	names := []string{"a", "bb", "", "cccc"}
	for size := 1; size < 12; size++ {
		var out bytes.Buffer
		if _, err := io.CopyBuffer(struct{ io.Writer }{&out}, &nameLines{names: names}, make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		if out.String() != "a\nbb\n\ncccc\n" {
			t.Errorf("by %d: %q", size, out.String())
		}
	}
}
