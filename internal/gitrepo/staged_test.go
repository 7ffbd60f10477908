package gitrepo

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// TestStagedContents reads what a first commit would hold where its paths are
// not plain files, from an index of its own.
func TestStagedContents(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		t.Run(format, func(t *testing.T) {
			g := gittest.New(t, "--object-format="+format)
			g.Write("in-main-index", "x")
			g.Git("add", "in-main-index")
			g = g.With("GIT_INDEX_FILE=" + filepath.Join(t.TempDir(), "index"))
			if err := os.Symlink("/target/of link", g.File("link")); err != nil {
				t.Fatal(err)
			}
			g.Write(".gitmodules", "[submodule \"s\"]\n\tpath = s\n\turl = https://user@example.com/s\n")
			g.Git("add", "link", ".gitmodules")
			g.Write("later", "not staged")
			g.Git("add", "--intent-to-add", "later")
			commit := g.GitIn("", "hash-object", "-t", "tree", "--stdin") // any id does
			g.Git("update-index", "--add", "--cacheinfo", "160000,"+commit+",s")

			r := openTest(t, g)
			changes, err := r.Staged(context.Background(), "")
			if err != nil {
				t.Fatal(err)
			}
			paths, oids := map[string]string{}, []string(nil)
			for _, c := range changes {
				if paths[c.NewOID] = c.Path; c.NewMode != ModeGitlink {
					oids = append(oids, c.NewOID)
				}
			}
			objects := collectObjects(r.ObjectsOf(context.Background(), oids))
			got := map[string]string{}
			for oid, content := range objects.content {
				got[paths[oid]] = content
			}
			want := map[string]string{"link": "/target/of link", ".gitmodules": g.Read(".gitmodules")}
			if len(changes) != 3 || paths[commit] != "s" || len(objects.bad) > 0 || !maps.Equal(got, want) {
				t.Errorf("%v: %q, %v", changes, got, objects.bad)
			}
		})
	}
}
