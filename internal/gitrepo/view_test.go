package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

func paths(entries []IndexEntry) []string {
	out := []string{}
	for _, e := range entries {
		out = append(out, e.Path)
	}
	return out
}

// opened opens a scratch repository with its own environment.
func opened(t *testing.T, g *gittest.Repo) *Repo {
	t.Helper()
	r, err := OpenEnv(t.Context(), g.Dir, g.Env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// TestView holds three states apart: a commit, the index and the work tree each
// have other attributes, and a view sees those of its own state alone.
func TestView(t *testing.T) {
	for _, format := range []string{SHA1, SHA256} {
		t.Run(format, func(t *testing.T) {
			g := gittest.New(t, "--object-format="+format)
			for _, p := range []string{"a.key", "sub/b.key", "c.txt", "sub/d e.txt"} {
				g.Write(p, p)
			}
			g.Write(".gitattributes", "*.key filter=none-such\n")
			g.Git("-c", "filter.none-such.clean=cat", "add", ".")
			commit := g.Commit("one")
			g.Write(".gitattributes", "*.txt filter=none-such envelope-ring=r\n")
			g.Git("add", ".gitattributes")
			g.Write(".gitattributes", "")
			g.Write("sub/.gitattributes", "* filter=none-such\n")

			r := opened(t, g)
			tree, closeTree, err := r.View(t.Context(), commit)
			if err != nil {
				t.Fatal(err)
			}
			index, closeIndex, err := r.View(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			for _, tc := range []struct {
				name string
				view *Repo
				want []string
			}{
				{"commit", tree, []string{"a.key", "sub/b.key"}},
				{"index", index, []string{"c.txt", "sub/d e.txt"}},
				{"work tree", r, []string{"sub/b.key", "sub/d e.txt"}},
			} {
				got, err := tc.view.Filtered(t.Context(), "none-such")
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(tc.want, paths(got)); d != "" {
					t.Errorf("%s: filtered paths (-want +got):\n%s", tc.name, d)
				}
			}
			attrs, err := index.AttributesCached("envelope-ring").Get(t.Context(), "new.txt")
			if err != nil || attrs["envelope-ring"] != "r" {
				t.Errorf("envelope-ring of the index: %v, %v", attrs, err)
			}
			dir := filepath.Dir(tree.WorkTree)
			for _, f := range []func() error{closeTree, closeIndex} {
				if err := f(); err != nil {
					t.Error(err)
				}
			}
			if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the view's folder is still there: %v", err)
			}
		})
	}
}

func TestViewOfNothing(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	g := gittest.New(t)
	if _, _, err := opened(t, g).View(t.Context(), "no-such-revision"); err == nil {
		t.Error("a view of a revision that does not exist")
	}
	left, err := filepath.Glob(filepath.Join(tmp, "git-envelope-view-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestModified(t *testing.T) {
	g := gittest.New(t)
	for _, p := range []string{"same", "staged", "edited", "gone", "odd\nname \"q\""} {
		g.Write(p, "1")
	}
	g.Git("add", ".")
	g.Commit("one")
	g.Write("staged", "2")
	g.Git("add", "staged")
	g.Write("edited", "2")
	g.Write("odd\nname \"q\"", "2")
	g.Write("untracked", "2")
	if err := os.Remove(g.File("gone")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(g.File("same"), aDayAgo(), aDayAgo()); err != nil {
		t.Fatal(err)
	}
	got, err := opened(t, g).Modified(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]bool{"edited": true, "gone": true, "odd\nname \"q\"": true}, got); d != "" {
		t.Errorf("modified (-want +got):\n%s", d)
	}
}

func TestStage(t *testing.T) {
	g := gittest.New(t)
	for _, p := range []string{"-dash", "*", "dir/new", "other"} {
		g.Write(p, p)
	}
	r := opened(t, g)
	if err := r.Stage(t.Context(), []string{"-dash", "*", "dir"}); err != nil {
		t.Fatal(err)
	}
	entries, err := r.Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"*", "-dash", "dir/new"}, paths(entries)); d != "" {
		t.Errorf("staged (-want +got):\n%s", d)
	}
	if err := r.Stage(t.Context(), []string{"other", "missing"}); err == nil {
		t.Error("staged a file that is not there")
	}
	if after, _ := r.Index(t.Context()); len(after) != 3 {
		t.Errorf("a failed Stage left %q", paths(after))
	}
}

// TestMergeFile compares with what git does when it has the files on disk.
func TestMergeFile(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("no files in memory on " + runtime.GOOS)
	}
	base := "1\n2\n3\n4\n5\n6\n7\n"
	for _, tc := range []struct {
		name, ours, theirs string
		config             string
		conflict           bool
	}{
		{"clean", strings.Replace(base, "1", "one", 1), strings.Replace(base, "7", "seven", 1), "", false},
		{"conflict", strings.Replace(base, "4", "vier", 1), strings.Replace(base, "4", "quatre", 1), "", true},
		{"diff3", strings.Replace(base, "4", "vier", 1), strings.Replace(base, "4", "quatre", 1), "diff3", true},
		{"zdiff3", strings.Replace(base, "4\n5", "x\nvier", 1), strings.Replace(base, "4\n5", "x\nquatre", 1), "zdiff3", true},
		{"two conflicts", strings.NewReplacer("1", "a", "7", "b").Replace(base), strings.NewReplacer("1", "c", "7", "d").Replace(base), "", true},
		{"ours empty", "", base, "", false},
		{"no line feed at the end", base + "8", base, "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := gittest.New(t)
			if tc.config != "" {
				g.Git("config", "merge.conflictStyle", tc.config)
			}
			g.Write("o", tc.ours)
			g.Write("b", base)
			g.Write("t", tc.theirs)
			r := opened(t, g)
			_, _ = g.Try("merge-file", "--marker-size=9", "-L", "us", "-L", "old", "-L", "them", "o", "b", "t") // fails on conflict
			want := g.Read("o")
			options := MergeOptions{MarkerSize: 9, BaseLabel: "old", OursLabel: "us", TheirsLabel: "them"}
			got, conflict, err := r.MergeFile(t.Context(), []byte(base), []byte(tc.ours), []byte(tc.theirs), options)
			if err != nil || conflict != tc.conflict {
				t.Fatalf("conflict %v, %v; want %v", conflict, err, tc.conflict)
			}
			if d := cmp.Diff(want, string(got)); d != "" {
				t.Errorf("merged (-git +ours):\n%s", d)
			}
			g.Write("o", tc.ours)
			named, conflict, err := r.MergeNamed(t.Context(), g.File("b"), g.File("o"), g.File("t"), options)
			if err != nil || conflict != tc.conflict || !bytes.Equal(named, got) {
				t.Errorf("by name: conflict %v, %v\n%s", conflict, err, named)
			}
		})
	}
}

func TestMergeFileRefuses(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("no files in memory on " + runtime.GOOS)
	}
	r := opened(t, gittest.New(t))
	if out, _, err := r.MergeFile(t.Context(), []byte("a\x00b"), []byte("a\x00c"), []byte("a\x00d"), MergeOptions{MarkerSize: 7}); err == nil {
		t.Errorf("merged binary content: %q", out)
	}
	if _, _, err := r.MergeFile(t.Context(), nil, nil, nil, MergeOptions{}); err == nil {
		t.Error("took a marker size of 0")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := r.MergeFile(ctx, nil, nil, nil, MergeOptions{MarkerSize: 7}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func aDayAgo() time.Time { return time.Now().Add(-24 * time.Hour) }
