package sweep

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/scan"
)

func engine(t *testing.T, pattern string) *scan.Engine {
	t.Helper()
	e, err := scan.New(scan.Options{Rules: []scan.Rule{{ID: "made-up", Title: "made up", Severity: scan.High, Keywords: []string{"key_"}, Pattern: pattern}}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func names(size int, first ...byte) (list [][]byte) {
	for _, b := range first {
		list = append(list, bytes.Repeat([]byte{b}, size))
	}
	return list
}

func TestCacheKeepsWhatIsClean(t *testing.T) {
	for _, size := range []int{20, 32} {
		s := &Sweep{Engine: engine(t, "key_[0-9]{8}"), CacheDir: t.TempDir()}
		if err := s.openCache(size).save(names(size, 9, 1, 5), names(size, 7, 3)); err != nil {
			t.Fatal(err)
		}
		c := s.openCache(size)
		for b := range byte(12) {
			want := b == 1 || b == 5 || b == 9
			if got := c.has(names(size, b)[0]); got != want {
				t.Errorf("size %d: object %d is clean: %v, want %v", size, b, got, want)
			}
		}
		for _, x := range []struct {
			present []byte
			lost    bool
		}{
			{[]byte{1, 3, 5, 7, 9}, false},
			{[]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, false},
			{[]byte{3, 5, 7, 9}, true}, // a clean one
			{[]byte{1, 3, 5, 9}, true}, // another one
			{[]byte{1, 3, 5, 7}, true}, // the last one
			{nil, true},
		} {
			if got := c.lost(bytes.Join(names(size, x.present...), nil)); got != x.lost {
				t.Errorf("size %d: of %v something is lost: %v, want %v", size, x.present, got, x.lost)
			}
		}
	}
}

// A cache that anything has happened to, or that others wrote, holds nothing.
func TestCacheTrustsNothing(t *testing.T) {
	s := &Sweep{Engine: engine(t, "key_[0-9]{8}"), CacheDir: t.TempDir()}
	if err := s.openCache(20).save(names(20, 1, 2), names(20, 3)); err != nil {
		t.Fatal(err)
	}
	file := s.openCache(20).file
	sound, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range sound {
		broken := slices.Clone(sound)
		broken[i] ^= 0x10
		for _, data := range [][]byte{broken, sound[:i]} {
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if c := s.openCache(20); len(c.have) != 0 {
				t.Fatalf("broken at byte %d of %d it is believed", i, len(sound))
			}
		}
	}
	if err := os.WriteFile(file, sound, 0o600); err != nil {
		t.Fatal(err)
	}
	if len(s.openCache(20).have) == 0 {
		t.Fatal("sound it is not believed")
	}
	for name, other := range map[string]*Sweep{
		"rules": {Engine: engine(t, "key_[0-9]{9}"), CacheDir: s.CacheDir},
		"key":   {Engine: s.Engine, CacheDir: s.CacheDir, CacheKey: "x"},
	} {
		if len(other.openCache(20).have) != 0 {
			t.Errorf("that of other %s is believed", name)
		}
	}
	if len(s.openCache(32).have) != 0 {
		t.Error("that of another kind of names is believed")
	}
}

func TestCachesOfOthersGo(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		s := &Sweep{Engine: engine(t, "key_[0-9]{8}"), CacheDir: dir, CacheKey: fmt.Sprint(i)}
		if err := s.openCache(20).save(names(20, 1), nil); err != nil {
			t.Fatal(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != keepCaches+1 {
		t.Errorf("%d files, want %d", len(left), keepCaches+1)
	}
}

func TestShown(t *testing.T) {
	s := &Sweep{Engine: engine(t, "key_[0-9]{8}")}
	secret := "key_" + "17294638"
	hidden := "…(8 to 15 bytes)"
	for name, want := range map[string]string{
		"":                            "",
		"a/b c.txt":                   "a/b c.txt",
		"a\nb":                        "a\nb",
		secret:                        hidden,
		"d/" + secret + "/x":          "d/" + hidden + "/x",
		"d\n" + secret + "/" + secret: "d\n" + hidden + "/" + hidden,
		"\xff/" + secret + ".\xff":    "\xff/" + hidden + ".\xff",
		"zip:" + secret + ".zip":      "zip:" + hidden + ".zip",
	} {
		for range 2 { // the second time from memory
			if got := s.Shown(t.Context(), name); got != want {
				t.Errorf("%q is shown as %q, want %q", name, got, want)
			}
		}
	}
}

func TestBlot(t *testing.T) {
	for _, x := range []struct {
		secrets []span
		want    string
	}{
		{nil, "0123456789"},
		{[]span{{0, 10, "-"}}, "-"},
		{[]span{{7, 9, "B"}, {1, 3, "A"}}, "0A3456B9"},
		{[]span{{2, 4, "A"}, {2, 8, "B"}}, "01A89"}, // the longer one counts
		{[]span{{2, 6, "A"}, {4, 8, "B"}}, "01A89"},
		{[]span{{2, 8, "A"}, {3, 5, "B"}}, "01A89"},
		{[]span{{2, 5, "A"}, {5, 8, "B"}}, "01AB89"},
		{[]span{{2, 11, "A"}}, "(not shown: it holds a secret)"},
		{[]span{{-1, 3, "A"}}, "(not shown: it holds a secret)"},
		{[]span{{4, 3, "A"}}, "(not shown: it holds a secret)"},
	} {
		if got := blot("0123456789", x.secrets); got != x.want {
			t.Errorf("%v: %q, want %q", x.secrets, got, x.want)
		}
	}
}

func TestBringers(t *testing.T) {
	b := bringers{"a": nil, "a/b/c": nil, "d": nil}
	for _, i := range []gitrepo.Introduction{
		{Path: "a/b/c/x", Commit: "1"}, {Path: "a/b/c/y", Commit: "1"}, {Path: "ab", Commit: "2"}, {Path: "a", Commit: "3"}, {Path: "d/e", Commit: "4"},
	} {
		b.add(i)
	}
	want := map[string][]string{"a": {"1", "3"}, "a/b/c": {"1"}, "d": {"4"}}
	for name, commits := range want {
		if !slices.Equal(b[name], commits) {
			t.Errorf("%s: %v, want %v", name, b[name], commits)
		}
	}
	if len(b) != len(want) {
		t.Errorf("%v: names that nobody waits for", b)
	}
}

// Each name is in one shard, and none has all of them.
func TestShards(t *testing.T) {
	for _, count := range []int{1, 2, 3, 7} {
		in := make([]int, count)
		for n := range 1000 {
			times := 0
			for i := range count {
				if (Shard{i + 1, count}).has(fmt.Sprintf("refs/heads/%d", n)) {
					times++
					in[i]++
				}
			}
			if times != 1 {
				t.Fatalf("name %d is in %d of %d shards", n, times, count)
			}
		}
		if slices.Min(in) < 1000/count/2 {
			t.Errorf("shares of %d shards: %v", count, in)
		}
	}
	if !(Shard{}).has("x") {
		t.Error("the whole lacks something")
	}
}
