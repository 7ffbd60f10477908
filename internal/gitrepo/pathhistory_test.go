package gitrepo

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// TestPathHistory: a merge has a step for each parent it differs from, so what it
// threw away shows, and configuration hides nothing.
func TestPathHistory(t *testing.T) {
	g := gittest.New(t)
	commit := func(name string) {
		g.Git("add", "-A")
		g.Git("commit", "-qm", name, "--allow-empty")
		g.Git("tag", name)
	}
	g.Git("config", "log.follow", "true")
	g.Git("config", "diff.renames", "copies")
	g.Write("kept/a", "1")
	g.Write("other", "1")
	commit("root")
	g.Git("checkout", "-qb", "side")
	g.Write("kept/b", "side")
	commit("side-adds")
	g.Git("checkout", "-q", "-")
	g.Write("other", "2")
	commit("elsewhere")
	g.Git("merge", "-q", "-s", "ours", "-m", "drop", "side")
	g.Git("tag", "drop")
	g.Git("mv", "kept/a", "kept/c d\n")
	commit("rename")

	r := openTest(t, g)
	names := map[string]string{}
	for _, tag := range []string{"root", "side-adds", "elsewhere", "drop", "rename"} {
		oid, err := r.Resolve(t.Context(), tag)
		if err != nil {
			t.Fatal(err)
		}
		names[oid] = tag
	}
	head, _, err := r.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for s, err := range r.PathHistory(t.Context(), []string{head}, "kept") {
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range s.Changes {
			got = append(got, fmt.Sprintf("%s %c %q", names[s.Commit], c.Status, c.Path))
		}
	}
	want := []string{`root A "kept/a"`, `side-adds A "kept/b"`, `drop D "kept/b"`, `rename D "kept/a"`, `rename A "kept/c d\n"`}
	if !slices.Equal(got, want) {
		t.Errorf("steps:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, err := range r.PathHistory(t.Context(), []string{head}, "../x") {
		if err == nil {
			t.Error("a path outside was accepted")
		}
	}
}
