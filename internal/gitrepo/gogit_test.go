package gitrepo

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// TestAgreesWithGoGit reads the same repository with an implementation of Git
// that shares no code with git: loose objects first, then packed ones.
func TestAgreesWithGoGit(t *testing.T) {
	g := gittest.New(t)
	for i := range 60 {
		g.Write(fmt.Sprintf("dir%d/file%d.txt", i%5, i), fmt.Sprintf("content %d\n", i%17))
	}
	g.Write("empty", "")
	g.Git("add", ".")
	commit := g.Commit("one")
	for _, state := range []string{"loose", "packed"} {
		t.Run(state, func(t *testing.T) {
			if state == "packed" {
				g.Git("gc", "--quiet")
			}
			other, err := gogit.PlainOpen(g.Dir)
			if err != nil {
				t.Fatal(err)
			}
			c, err := other.CommitObject(plumbing.NewHash(commit))
			if err != nil {
				t.Fatal(err)
			}
			files, err := c.Files()
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]*object.File{}
			if err := files.ForEach(func(f *object.File) error { want[f.Name] = f; return nil }); err != nil {
				t.Fatal(err)
			}
			r := opened(t, g)
			entries, err := r.Tree(t.Context(), commit)
			if err != nil {
				t.Fatal(err)
			}
			if len(entries) != 61 || len(want) != 61 {
				t.Fatalf("git lists %d files, go-git %d", len(entries), len(want))
			}
			for _, e := range entries {
				compare(t, r, e, want[e.Path])
			}
		})
	}
}

func compare(t *testing.T, r *Repo, e TreeEntry, f *object.File) {
	t.Helper()
	if f == nil || f.Hash.String() != e.OID || f.Size != e.Size || uint32(f.Mode) != e.Mode {
		t.Fatalf("%s: git says %+v, go-git %+v", e.Path, e, f)
	}
	text, err := f.Contents()
	if err != nil {
		t.Fatal(err)
	}
	o, err := r.Blobs().Open(t.Context(), e.OID)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	got, err := io.ReadAll(o)
	if err != nil || !bytes.Equal(got, []byte(text)) {
		t.Errorf("%s: git reads %q (%v), go-git %q", e.Path, got, err, text)
	}
}
