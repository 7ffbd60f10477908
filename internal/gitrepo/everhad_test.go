package gitrepo

import (
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// TestEverHad: also what a merge threw away was there once.
func TestEverHad(t *testing.T) {
	g := gittest.New(t)
	g.Write("a", "1")
	g.Git("add", "a")
	g.Git("commit", "-qm", "one")
	g.Git("checkout", "-qb", "side")
	g.Write("dir/once", "x")
	g.Git("add", "dir")
	g.Git("commit", "-qm", "side")
	g.Git("checkout", "-q", "-")
	g.Git("commit", "-q", "--allow-empty", "-m", "two")
	g.Git("merge", "-q", "-s", "ours", "-m", "merge", "side")
	r := openTest(t, g)
	head, _, err := r.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"a": true, "dir/once": true, "never": false, "dir/other": false} {
		if got, err := r.EverHad(t.Context(), []string{head}, path); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", path, got, err, want)
		}
	}
}
