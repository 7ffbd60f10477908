package gitrepo_test

import (
	"maps"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

func TestCommitted(t *testing.T) {
	r := gittest.New(t)
	for _, path := range []string{"same", "changed", "dir/gone"} {
		r.Write(path, path+"\n")
	}
	r.Commit("one")
	repo, err := gitrepo.OpenEnv(t.Context(), r.Dir, r.Env)
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	want := map[string]string{}
	for range 2 {
		got, err := repo.Committed(t.Context())
		if err != nil || !maps.Equal(got, want) {
			t.Fatalf("committed, and not in the index: %v, %v; want %v", got, err, want)
		}
		want = map[string]string{"changed": r.Git("rev-parse", "HEAD:changed"), "dir/gone": r.Git("rev-parse", "HEAD:dir/gone")}
		r.Write("changed", "otherwise\n")
		r.Write("new", "new\n")
		r.Git("rm", "--quiet", "--ignore-unmatch", "dir/gone")
		r.Git("add", "--all")
	}
}
