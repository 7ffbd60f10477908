package gitrepo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// open opens a scratch repository and ends its processes after the test.
func open(t testing.TB, s *gittest.Repo) *gitrepo.Repo {
	t.Helper()
	return openAt(t, s, s.Dir)
}

func openAt(t testing.TB, s *gittest.Repo, dir string) *gitrepo.Repo {
	t.Helper()
	r, err := gitrepo.OpenEnv(t.Context(), dir, s.Env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return r
}

// fill makes one commit with awkward names and modes.
func fill(s *gittest.Repo) {
	s.Write("a.txt", "hello\n")
	s.Write("dir/sub/b.txt", "deep\n")
	s.Write("empty", "")
	s.Write(".gitattributes", "*.txt filter=x -text\ndir/** diff=d\n")
	if runtime.GOOS != "windows" {
		for _, name := range oddNames {
			s.Write(name, "odd "+name)
		}
		must(s.T, os.Symlink("a.txt", s.File("link")))
		s.Write("run", "#!/bin/sh\n")
		must(s.T, os.Chmod(s.File("run"), 0o777))
	}
	s.Commit("first")
}

var oddNames = []string{"new\nline", "-dash", `q"uote`, "tab\tin", "back\\slash", "caf\xc3\xa9", "latin\xe9", "a b/c d", ":colon", "*star", "100% %s", "HEAD:x missing"}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// kinds are the kinds of repository in which everything must work the same.
var kinds = []struct {
	name string
	make func(t *testing.T) (s *gittest.Repo, dir string)
}{
	{"plain", func(t *testing.T) (*gittest.Repo, string) {
		s := gittest.New(t)
		fill(s)
		return s, s.Dir
	}},
	{"subdirectory", func(t *testing.T) (*gittest.Repo, string) {
		s := gittest.New(t)
		fill(s)
		return s, s.File("dir/sub")
	}},
	{"sha256", func(t *testing.T) (*gittest.Repo, string) {
		s := gittest.New(t, "--object-format=sha256")
		fill(s)
		return s, s.Dir
	}},
	{"linked worktree", func(t *testing.T) (*gittest.Repo, string) {
		s := gittest.New(t)
		fill(s)
		dir := filepath.Join(gittest.TempDir(t), "linked")
		s.Git("worktree", "add", "--quiet", "-b", "side", dir)
		return s.At(dir), dir
	}},
	{"split index", func(t *testing.T) (*gittest.Repo, string) {
		s := gittest.New(t)
		fill(s)
		s.Git("update-index", "--split-index")
		return s, s.Dir
	}},
	{"index version 4", func(t *testing.T) (*gittest.Repo, string) {
		s := gittest.New(t)
		fill(s)
		s.Git("update-index", "--index-version", "4")
		return s, s.Dir
	}},
	{"worktree configuration", func(t *testing.T) (*gittest.Repo, string) {
		s := gittest.New(t)
		fill(s)
		s.Git("config", "extensions.worktreeConfig", "true")
		s.Git("config", "--worktree", "core.autocrlf", "false")
		return s, s.Dir
	}},
	{"submodule", func(t *testing.T) (*gittest.Repo, string) {
		inner := gittest.New(t)
		fill(inner)
		outer := gittest.New(t)
		outer.Git("submodule", "--quiet", "add", "file://"+inner.Dir, "sub")
		outer.Commit("with submodule")
		s := outer.At(outer.File("sub"))
		return s, s.Dir
	}},
	{"separate git dir", func(t *testing.T) (*gittest.Repo, string) {
		s := gittest.New(t, "--separate-git-dir", filepath.Join(t.TempDir(), "elsewhere"))
		fill(s)
		return s, s.Dir
	}},
	{"GIT_DIR and GIT_WORK_TREE, relative", func(t *testing.T) (*gittest.Repo, string) {
		s := gittest.New(t)
		fill(s)
		parent := filepath.Dir(s.Dir)
		base := filepath.Base(s.Dir)
		return s.With("GIT_DIR="+base+"/.git", "GIT_WORK_TREE="+base), parent
	}},
	{"GIT_DIR alone, at the top", func(t *testing.T) (*gittest.Repo, string) {
		s := gittest.New(t)
		fill(s)
		return s.With("GIT_DIR=.git"), s.Dir
	}},
	{"GIT_INDEX_FILE, relative, from a subdirectory", func(t *testing.T) (*gittest.Repo, string) {
		s := gittest.New(t)
		fill(s)
		must(t, os.Rename(s.File(".git/index"), s.File(".git/other-index")))
		return s.With("GIT_INDEX_FILE=.git/other-index"), s.File("dir/sub")
	}},
	{"core.worktree elsewhere", func(t *testing.T) (*gittest.Repo, string) {
		s := gittest.New(t)
		dir := gittest.TempDir(t)
		s.Git("config", "core.worktree", dir)
		w := s.At(dir).With("GIT_DIR="+s.File(".git"), "GIT_WORK_TREE="+dir)
		fill(w)
		return &gittest.Repo{T: t, Dir: dir, Env: s.Env}, s.Dir
	}},
	{"newline in the directory's name", func(t *testing.T) (*gittest.Repo, string) {
		outer := gittest.New(t)
		dir := outer.File("new\nline repo")
		outer.Git("init", "--quiet", dir)
		s := outer.At(dir)
		fill(s)
		must(t, os.MkdirAll(s.File("x"), 0o777))
		return s, s.File("x")
	}},
	{"alternates", func(t *testing.T) (*gittest.Repo, string) {
		s := gittest.New(t)
		fill(s)
		c := s.Clone("--shared")
		return c, c.Dir
	}},
	{"reference to a symlinked path", func(t *testing.T) (*gittest.Repo, string) {
		s := gittest.New(t)
		fill(s)
		link := filepath.Join(t.TempDir(), "link")
		must(t, os.Symlink(s.Dir, link))
		return s, link
	}},
}

// TestKinds asks each kind of repository everything and compares with what git
// says on its command line.
func TestKinds(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			s, dir := k.make(t)
			r := openAt(t, s, dir)
			if r.WorkTree != s.Dir && !strings.Contains(k.name, "GIT_") {
				t.Errorf("WorkTree = %q, want %q", r.WorkTree, s.Dir)
			}
			checkDirs(t, s, r, dir)
			checkEverything(t, s.At(dir), r)
		})
	}
}

// checkDirs compares the directories with git's answers from the same place.
func checkDirs(t *testing.T, s *gittest.Repo, r *gitrepo.Repo, dir string) {
	t.Helper()
	at := s.At(dir)
	for flag, got := range map[string]string{"--git-dir": r.GitDir, "--git-common-dir": r.CommonDir, "--show-toplevel": r.WorkTree} {
		if want := at.Git("rev-parse", "--path-format=absolute", flag); got != want {
			t.Errorf("%s: got %q, want %q", flag, got, want)
		}
	}
	if want := at.Git("rev-parse", "--path-format=absolute", "--git-path", "index"); r.IndexFile != want {
		t.Errorf("index file %q, want %q", r.IndexFile, want)
	}
	if want := at.Git("rev-parse", "--show-object-format"); r.ObjectFormat != want {
		t.Errorf("object format %q, want %q", r.ObjectFormat, want)
	}
	if want := at.GitIn("", "hash-object", "-t", "tree", "--stdin"); r.EmptyTree() != want {
		t.Errorf("empty tree %s, want %s", r.EmptyTree(), want)
	}
}

func checkEverything(t *testing.T, s *gittest.Repo, r *gitrepo.Repo) {
	t.Helper()
	ctx := t.Context()
	index, err := r.Index(ctx)
	must(t, err)
	tree, err := r.Tree(ctx, "HEAD")
	must(t, err)
	if len(index) == 0 || len(index) != len(tree) {
		t.Fatalf("%d index entries, %d tree entries", len(index), len(tree))
	}
	attrs := r.Attributes("filter", "diff", "text")
	for i, e := range index {
		if tree[i].Path != e.Path || tree[i].OID != e.OID || tree[i].Mode != e.Mode {
			t.Errorf("index has %+v, tree %+v", e, tree[i])
		}
		checkContent(t, r, e, tree[i].Size)
		got, err := attrs.Get(ctx, e.Path)
		must(t, err)
		if want := wantAttrs(e.Path); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("attributes of %q: %v, want %v", e.Path, got, want)
		}
	}
	staged, err := r.Staged(ctx, "")
	must(t, err)
	if len(staged) != 0 {
		t.Errorf("staged: %+v", staged)
	}
	all, err := r.Staged(ctx, r.EmptyTree())
	must(t, err)
	if len(all) != len(index) || all[0].Status != 'A' || all[0].OldOID != r.NullOID() {
		t.Errorf("staged against the empty tree: %+v", all)
	}
	head, born, err := r.Head(ctx)
	if err != nil || !born || head == "" {
		t.Errorf("head %q %v %v", head, born, err)
	}
	if want := s.Git("rev-parse", "HEAD"); len(want) != len(head) {
		t.Errorf("head %q, want %q", head, want)
	}
	oid, err := r.WriteBlob(ctx, strings.NewReader("hello\n"))
	must(t, err)
	if e := find(index, "a.txt"); e.OID != oid {
		t.Errorf("stored as %s, index has %s", oid, e.OID)
	}
}

func wantAttrs(path string) map[string]string {
	m := map[string]string{"filter": "unspecified", "diff": "unspecified", "text": "unspecified"}
	if strings.HasSuffix(path, ".txt") {
		m["filter"], m["text"] = "x", "unset"
	}
	if strings.HasPrefix(path, "dir/") {
		m["diff"] = "d"
	}
	return m
}

func find(index []gitrepo.IndexEntry, path string) gitrepo.IndexEntry {
	i := slices.IndexFunc(index, func(e gitrepo.IndexEntry) bool { return e.Path == path })
	if i < 0 {
		return gitrepo.IndexEntry{}
	}
	return index[i]
}

// checkContent reads one entry in each of the ways there are.
func checkContent(t *testing.T, r *gitrepo.Repo, e gitrepo.IndexEntry, size int64) {
	t.Helper()
	ctx := t.Context()
	b := r.Blobs()
	ways := map[string]func() (gitrepo.Object, error){
		"by id":   func() (gitrepo.Object, error) { return b.Open(ctx, e.OID) },
		"by path": func() (gitrepo.Object, error) { return b.OpenPath(ctx, "HEAD", e.Path) },
		"index":   func() (gitrepo.Object, error) { return b.OpenIndex(ctx, e.Path, 0) },
	}
	for name, way := range ways {
		o, err := way()
		if err != nil {
			t.Errorf("%q %s: %v", e.Path, name, err)
			continue
		}
		data, err := io.ReadAll(o)
		must(t, err)
		must(t, o.Close())
		if o.OID != e.OID || o.Type != "blob" || o.Size != int64(len(data)) || o.Size != size {
			t.Errorf("%q %s: %+v with %d bytes, want %s with %d", e.Path, name, o, len(data), e.OID, size)
		}
		if slices.Contains(oddNames, e.Path) && string(data) != "odd "+e.Path {
			t.Errorf("%q %s: holds %q", e.Path, name, data)
		}
	}
	if o, err := b.Stat(ctx, e.OID); err != nil || o.Size != size {
		t.Errorf("stat %q: %+v, %v", e.Path, o, err)
	}
}

func TestBare(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	bare := s.Clone("--bare")
	for _, dir := range []string{bare.Dir, bare.File("refs")} {
		r := openAt(t, bare, dir)
		if !r.Bare() || r.GitDir != bare.Dir || r.CommonDir != bare.Dir {
			t.Errorf("%q: %+v", dir, r)
		}
		if _, err := r.Blobs().Open(t.Context(), "HEAD:a.txt"); err != nil {
			t.Error(err)
		}
		if err := r.CheckoutIndex(t.Context(), []string{"a.txt"}); !errors.Is(err, gitrepo.ErrBare) {
			t.Errorf("checkout: %v", err)
		}
		if err := r.Add(t.Context(), []string{"a.txt"}); !errors.Is(err, gitrepo.ErrBare) {
			t.Errorf("add: %v", err)
		}
	}
	// As a hook of receive-pack sees a repository that has a work tree.
	r := openAt(t, s.With("GIT_DIR=."), s.File(".git"))
	if !r.Bare() || r.GitDir != s.File(".git") {
		t.Errorf("GIT_DIR=. inside .git: %+v", r)
	}
	if r := openAt(t, s, s.File(".git/refs")); !r.Bare() || r.GitDir != s.File(".git") {
		t.Errorf("inside .git: %+v", r)
	}
}

func TestNoRepository(t *testing.T) {
	env := gittest.Environ(t)
	for name, e := range map[string][]string{
		"nowhere":         env,
		"GIT_DIR empty":   slices.Concat(env, []string{"GIT_DIR="}),
		"GIT_DIR missing": slices.Concat(env, []string{"GIT_DIR=/nonexistent"}),
	} {
		_, err := gitrepo.OpenEnv(t.Context(), gittest.TempDir(t), e)
		if !errors.Is(err, gitrepo.ErrNotRepository) || !strings.Contains(err.Error(), "git rev-parse: not a git repository") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := gitrepo.OpenEnv(t.Context(), "/nonexistent", env); err == nil {
		t.Error("a directory that does not exist was opened")
	}
}

// An empty .git directory is not a repository: git looks further up.
func TestEmptyDotGit(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	must(t, os.MkdirAll(s.File("dir/.git"), 0o777))
	if r := openAt(t, s, s.File("dir")); r.WorkTree != s.Dir {
		t.Errorf("%+v", r)
	}
}

// The common case must start no process: with no git on PATH it still works.
func TestOpenStartsNothing(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	linked := filepath.Join(gittest.TempDir(t), "linked")
	s.Git("worktree", "add", "--quiet", "-b", "side", linked)
	t.Setenv("PATH", t.TempDir())
	for name, c := range map[string]struct {
		dir string
		env []string
	}{
		"plain":                  {s.Dir, s.Env},
		"linked":                 {linked, s.Env},
		"as a filter, linked":    {linked, s.With("GIT_DIR=" + s.File(".git/worktrees/linked")).Env},
		"as a filter of stash":   {s.Dir, s.With("GIT_DIR=.git", "GIT_WORK_TREE=.", "GIT_INDEX_FILE=.git/index.stash.1").Env},
		"as a hook of commit -a": {s.Dir, s.With("GIT_INDEX_FILE=.git/index.lock").Env},
	} {
		r, err := gitrepo.OpenEnv(context.Background(), c.dir, c.env)
		if err != nil || r.WorkTree != c.dir || r.CommonDir != s.File(".git") {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	if _, err := gitrepo.OpenEnv(context.Background(), s.File("dir"), s.Env); err == nil {
		t.Error("a subdirectory was resolved without git?")
	}
}

func TestDubiousOwnershipIsGitsToSay(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	e := s.With("GIT_TEST_ASSUME_DIFFERENT_OWNER=1")
	_, err := gitrepo.OpenEnv(t.Context(), s.File("dir"), e.Env)
	if err == nil || !strings.Contains(err.Error(), "dubious ownership") {
		t.Errorf("from a subdirectory: %v", err)
	}
	r, err := gitrepo.OpenEnv(t.Context(), s.Dir, e.Env)
	must(t, err)
	if _, err := r.Index(t.Context()); err == nil || !strings.Contains(err.Error(), "dubious ownership") {
		t.Errorf("index: %v", err)
	}
	if _, err := r.Blobs().Open(t.Context(), "HEAD"); err == nil || !strings.Contains(err.Error(), "dubious ownership") {
		t.Errorf("blobs: %v", err)
	}
}
