package gitrepo_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// short prints changes as "A path".
func short(changes []gitrepo.Change) string {
	var all []string
	for _, c := range changes {
		all = append(all, string(c.Status)+" "+c.Path)
	}
	return strings.Join(all, ", ")
}

func staged(t *testing.T, r *gitrepo.Repo, base, want string) {
	t.Helper()
	got, err := r.Staged(t.Context(), base)
	must(t, err)
	if short(got) != want {
		t.Errorf("staged %q, want %q", short(got), want)
	}
}

func TestUnborn(t *testing.T) {
	for _, format := range []string{gitrepo.SHA1, gitrepo.SHA256} {
		s := gittest.New(t, "--object-format="+format)
		r := open(t, s)
		if oid, born, err := r.Head(t.Context()); oid != "" || born || err != nil {
			t.Errorf("%q %v %v", oid, born, err)
		}
		staged(t, r, "", "")
		s.Write("f", "x")
		s.Git("add", "f")
		staged(t, r, "", "A f")
		if index, err := r.Index(t.Context()); err != nil || len(index) != 1 || len(index[0].OID) != 2*r.HashSize() {
			t.Errorf("%+v %v", index, err)
		}
	}
}

// A HEAD that names a commit which is not there is no empty repository: a hook
// would take all protection for new.
func TestBrokenHead(t *testing.T) {
	for name, content := range map[string]string{
		".git/refs/heads/main": "garbage\n",
		".git/HEAD":            strings.Repeat("1", 40) + "\n",
	} {
		s := gittest.New(t)
		s.Write("f", "x")
		s.Commit("one")
		must(t, os.WriteFile(s.File(name), []byte(content), 0o644))
		r := open(t, s)
		if _, err := r.Staged(t.Context(), ""); err == nil {
			t.Errorf("%s broken: no error", name)
		}
	}
}

func TestStaged(t *testing.T) {
	s := gittest.New(t)
	for _, f := range []string{"keep", "edit", "remove", "rename", "mode", "type", "gone\nline"} {
		s.Write(f, "content of "+f+"\n")
	}
	first := s.Commit("one")
	s.Git("config", "diff.renames", "copies")
	s.Git("config", "diff.ignoreSubmodules", "all")
	s.Git("config", "diff.relative", "true")
	s.Git("config", "diff.external", "false")
	s.Write(".gitattributes", "* -diff\n")
	s.Write("edit", "edited\n")
	s.Git("mv", "rename", "dir-renamed")
	s.Git("rm", "-q", "remove", "gone\nline")
	must(t, os.Chmod(s.File("mode"), 0o755))
	must(t, os.Remove(s.File("type")))
	must(t, os.Symlink("keep", s.File("type")))
	s.Git("add", "--all")
	s.Git("update-index", "--add", "--cacheinfo", "160000,"+first+",sub")
	s.Write("intended", "later")
	s.Git("add", "--intent-to-add", "intended")
	s.Write("keep", "not staged")
	r := open(t, s)
	staged(t, r, "", "A .gitattributes, A dir-renamed, M edit, D gone\nline, M mode, D remove, D rename, A sub, T type")
	staged(t, r, first, "A .gitattributes, A dir-renamed, M edit, D gone\nline, M mode, D remove, D rename, A sub, T type")
	for _, base := range []string{"nope", strings.Repeat("1", 40), "--output=x"} {
		if _, err := r.Staged(t.Context(), base); err == nil {
			t.Errorf("base %q: no error", base)
		} else if base == "nope" && !errors.Is(err, gitrepo.ErrMissing) {
			t.Errorf("base %q: %v", base, err)
		}
	}
}

// The pre-commit hook's own index is the one looked at, in each form of commit.
func TestStagedInHook(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{}, "M a"},
		{[]string{"-a"}, "M a, M b"},
		{[]string{"--only", "b"}, "M b"},
		{[]string{"--include", "b"}, "M a, M b"},
		{[]string{"--amend"}, "M a"},
	} {
		s := gittest.New(t)
		s.Write("a", "1")
		s.Write("b", "1")
		s.Commit("one")
		s.Write("a", "2")
		s.Git("add", "a")
		s.Write("b", "2")
		hook := "#!/bin/sh\nenv > " + s.File(".git/env") + "\npwd > " + s.File(".git/pwd") + "\n" +
			`cp "${GIT_INDEX_FILE:-.git/index}" ` + s.File(".git/seen") + "\n" + `touch "$PWD/.git/blocked"; while [ ! -e .git/go ]; do sleep 0.05; done`
		s.Write(".git/hooks/pre-commit", hook)
		must(t, os.Chmod(s.File(".git/hooks/pre-commit"), 0o755))
		end := make(chan error, 1)
		go func() {
			_, err := s.Try(append([]string{"commit", "--quiet", "-m", "two"}, c.args...)...)
			end <- err
		}()
		for {
			if _, err := os.Stat(s.File(".git/blocked")); err == nil {
				break
			}
			select {
			case err := <-end:
				t.Fatalf("commit %v ended: %v", c.args, err)
			case <-time.After(5 * time.Millisecond):
			}
		}
		env, err := os.ReadFile(s.File(".git/env"))
		must(t, err)
		h := &gittest.Repo{T: t, Dir: s.Dir, Env: strings.Split(strings.TrimSpace(string(env)), "\n")}
		t.Run(fmt.Sprint(c.args), func(t *testing.T) { staged(t, open(t, h), "", c.want) })
		s.Write(".git/go", "")
		must(t, <-end)
	}
}

func TestConflictStages(t *testing.T) {
	s := gittest.New(t)
	s.Write("f", "base\n")
	s.Commit("base")
	s.Git("checkout", "-qb", "side")
	s.Write("f", "theirs\n")
	s.Commit("theirs")
	s.Git("checkout", "-q", "main")
	s.Write("f", "ours\n")
	s.Commit("ours")
	if _, err := s.Try("merge", "side"); err == nil {
		t.Fatal("no conflict")
	}
	r := open(t, s)
	for stage, want := range map[int]string{1: "base\n", 2: "ours\n", 3: "theirs\n"} {
		o, err := r.Blobs().OpenIndex(t.Context(), "f", stage)
		must(t, err)
		if o.Size != int64(len(want)) {
			t.Errorf("stage %d: %+v", stage, o)
		}
	}
	if _, err := r.Blobs().OpenIndex(t.Context(), "f", 0); !errors.Is(err, gitrepo.ErrMissing) {
		t.Errorf("stage 0: %v", err)
	}
	index, err := r.Index(t.Context())
	if err != nil || len(index) != 3 || index[2].Stage != 3 {
		t.Errorf("%+v %v", index, err)
	}
	staged(t, r, "", "U f")
	if entries, err := r.IndexEntries(t.Context()); err != nil || len(entries) != 0 {
		t.Errorf("%v %v", entries, err)
	}
	for _, err := range []error{r.CheckoutIndex(t.Context(), []string{"f"}), r.Add(t.Context(), []string{"f"})} {
		if err == nil || !strings.Contains(err.Error(), `"f": in conflict`) {
			t.Errorf("got %v", err)
		}
	}
}

func TestIndexFlags(t *testing.T) {
	s := gittest.New(t)
	for _, f := range []string{"empty", "full", "skipped", "assumed"} {
		s.Write(f, strings.Repeat("x", len(f)-5+max(0, 5-len(f))))
	}
	s.Write("empty", "")
	s.Commit("one")
	s.Write("intended", "x")
	s.Git("add", "-N", "intended")
	s.Git("update-index", "--skip-worktree", "skipped")
	s.Git("update-index", "--assume-unchanged", "assumed")
	index, err := open(t, s).Index(t.Context())
	must(t, err)
	for _, e := range index {
		if e.IntentToAdd != (e.Path == "intended") || e.SkipWorktree != (e.Path == "skipped") || e.AssumeUnchanged != (e.Path == "assumed") {
			t.Errorf("%+v", e)
		}
	}
	if some, err := open(t, s).Index(t.Context(), "*l", ":!full"); err != nil || len(some) != 0 {
		t.Errorf("pathspec: %+v, %v", some, err)
	}
	if some, err := open(t, s).Index(t.Context(), "f*"); err != nil || len(some) != 1 {
		t.Errorf("pathspec: %+v, %v", some, err)
	}
}

func TestSparseIndex(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	for i := range 5 {
		s.Write(fmt.Sprintf("far/%d/f", i), "x")
	}
	s.Commit("two")
	s.Git("sparse-checkout", "set", "--cone", "--sparse-index", "dir")
	if !strings.Contains(s.Git("ls-files", "--sparse"), "far/\n") {
		t.Fatal("the index is not sparse")
	}
	r := open(t, s)
	index, err := r.Index(t.Context())
	must(t, err)
	if e := find(index, "far/3/f"); !e.SkipWorktree {
		t.Errorf("far/3/f: %+v", e)
	}
	checkEverything(t, s, r)
	must(t, r.CheckoutIndex(t.Context(), []string{"far/3/f", "a.txt"}))
	if _, err := os.Lstat(s.File("far")); err == nil {
		t.Error("checkout brought back what sparse checkout left out")
	}
}

func TestIndexEntriesAndUpdate(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	r := open(t, s)
	before, err := r.IndexEntries(t.Context())
	must(t, err)
	oid, err := r.WriteBlob(t.Context(), strings.NewReader("new\n"))
	must(t, err)
	read(t, r, ":a.txt")
	must(t, r.UpdateIndex(t.Context(), []gitrepo.IndexEntry{
		{Mode: gitrepo.ModeFile, OID: oid, Path: "a.txt"},
		{Mode: gitrepo.ModeExecutable, OID: oid, Path: "new\n\"path"},
		{Path: "empty"},
	}))
	after, err := r.IndexEntries(t.Context())
	must(t, err)
	if before["a.txt"].OID == oid || after["a.txt"].OID != oid || after["new\n\"path"].Mode != gitrepo.ModeExecutable || after["empty"].Path != "" {
		t.Errorf("%+v", after)
	}
	if read(t, r, ":a.txt") != "new\n" {
		t.Error("the object reader has the index of before")
	}
	for _, e := range []gitrepo.IndexEntry{{Mode: gitrepo.ModeFile, OID: "1234", Path: "x"}, {Mode: gitrepo.ModeFile, OID: oid, Path: "../x"}, {Mode: gitrepo.ModeFile, OID: oid, Path: "x", Stage: 4}} {
		if err := r.UpdateIndex(t.Context(), []gitrepo.IndexEntry{e}); err == nil {
			t.Errorf("%+v was accepted", e)
		}
	}
}

func TestIterStopsEarly(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	r := open(t, s)
	n := 0
	for _, err := range r.IndexIter(t.Context()) {
		must(t, err)
		if n++; n == 2 {
			break
		}
	}
	for _, err := range r.TreeIter(t.Context(), "HEAD") {
		must(t, err)
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Index(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestTree(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	r := open(t, s)
	got, err := r.Tree(t.Context(), "HEAD", "dir/", "new\nline", "*star")
	must(t, err)
	var paths []string
	for _, e := range got {
		paths = append(paths, e.Path)
	}
	slices.Sort(paths)
	if fmt.Sprintf("%q", paths) != `["*star" "dir/sub/b.txt" "new\nline"]` {
		t.Errorf("%q", paths)
	}
	for _, treeish := range []string{"nope", strings.Repeat("1", 40), "HEAD:a.txt"} {
		if _, err := r.Tree(t.Context(), treeish); !errors.Is(err, gitrepo.ErrMissing) {
			t.Errorf("tree %q: %v", treeish, err)
		}
	}
	if _, err := r.Resolve(t.Context(), "nope"); !errors.Is(err, gitrepo.ErrMissing) {
		t.Error(err)
	}
	if oid, err := r.Resolve(t.Context(), "HEAD^{tree}"); err != nil || oid != s.Git("rev-parse", "HEAD^{tree}") {
		t.Errorf("%q %v", oid, err)
	}
}

func TestRefs(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	head := s.Git("rev-parse", "HEAD")
	s.Git("tag", "light")
	s.Git("tag", "-a", "-m", "x", "annotated")
	s.Git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
	refs, err := open(t, s).Refs(t.Context())
	must(t, err)
	var got []string
	for _, r := range refs {
		got = append(got, fmt.Sprintf("%s %s %v %v %s", r.Name, r.Type, r.OID == head, r.Peeled == head, r.Symref))
	}
	want := "refs/heads/alias commit true false refs/heads/main|refs/heads/main commit true false |refs/tags/annotated tag false true |refs/tags/light commit true false "
	if strings.Join(got, "|") != want {
		t.Errorf("got %q", strings.Join(got, "|"))
	}
	shallow := s.Clone("--depth=1")
	if yes, err := open(t, shallow).Shallow(t.Context()); err != nil || yes {
		t.Logf("one commit only: shallow %v %v", yes, err)
	}
	s.Commit("two")
	if yes, err := open(t, s.Clone("--depth=1")).Shallow(t.Context()); err != nil || !yes {
		t.Errorf("shallow %v %v", yes, err)
	}
	if yes, err := open(t, s).Shallow(t.Context()); err != nil || yes {
		t.Errorf("shallow %v %v", yes, err)
	}
}

func TestWorktreesAndHooks(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	linked := filepath.Join(gittest.TempDir(t), "li\nnked")
	s.Git("worktree", "add", "--quiet", "-b", "side", linked)
	detached := filepath.Join(gittest.TempDir(t), "detached")
	s.Git("worktree", "add", "--quiet", "--detach", detached)
	s.Git("worktree", "lock", detached)
	r := openAt(t, s, linked)
	all, err := r.Worktrees(t.Context())
	must(t, err)
	if len(all) != 3 || all[0].Path != s.Dir || all[0].Branch != "refs/heads/main" || all[1].Path != linked || !all[2].Detached || !all[2].Locked {
		t.Errorf("%+v", all)
	}
	wantHooks := func(dir string, custom bool) {
		t.Helper()
		got, c, err := openAt(t, s, linked).HooksDir(t.Context())
		if err != nil || got != dir || c != custom {
			t.Errorf("hooks in %q, %v, %v; want %q, %v", got, c, err, dir, custom)
		}
	}
	wantHooks(s.File(".git/hooks"), false)
	s.Git("config", "core.hooksPath", "my hooks")
	wantHooks(filepath.Join(linked, "my hooks"), true)
	s.Git("config", "core.hooksPath", "/abs/hooks")
	wantHooks("/abs/hooks", true)
}

func TestConfig(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	s.Git("config", "--global", "envelope.identity", "global")
	s.Git("config", "envelope.identity", "local")
	s.Git("config", "--add", "envelope.identity", "local 2")
	s.Git("config", "Filter.Sub.Section.Clean", "line one\nline = two")
	s.Write("more", "[envelope]\n\tbare\n\tempty =\n\tbad = maybe\n\tnumber = 2k\n")
	s.Git("config", "include.path", s.File("more"))
	e := s.With("GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=envelope.fromenv", "GIT_CONFIG_VALUE_0=yes")
	r := open(t, e)
	c, err := r.Config(t.Context())
	must(t, err)
	if v, ok := c.Get("ENVELOPE.Identity"); v != "local 2" || !ok {
		t.Errorf("%q %v", v, ok)
	}
	if v, ok := c.GetOwn("envelope.identity"); v != "global" || !ok {
		t.Errorf("own %q %v", v, ok)
	}
	if v, ok := c.GetOwn("envelope.fromenv"); v != "yes" || !ok {
		t.Errorf("own %q %v", v, ok)
	}
	if got := c.All("envelope.identity"); fmt.Sprint(got) != "[global local local 2]" {
		t.Errorf("%q", got)
	}
	if v, _ := c.Get("filter.Sub.Section.clean"); v != "line one\nline = two" {
		t.Errorf("%q", v)
	}
	if _, ok := c.Get("filter.sub.section.clean"); ok {
		t.Error("subsections differ in case")
	}
	if _, ok := c.Get("core.fsmonitor"); ok {
		t.Error("our own -c options are listed")
	}
	if got := c.Section("filter.Sub.Section"); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	for key, want := range map[string]bool{"envelope.bare": true, "envelope.empty": false, "envelope.fromenv": true, "envelope.none": true, "envelope.number": true, "core.bare": false} {
		if b, err := c.Bool(key, true); err != nil || b != want {
			t.Errorf("%s: %v %v", key, b, err)
		}
	}
	if _, err := c.Bool("envelope.bad", true); err == nil {
		t.Error("maybe is a boolean")
	}
	if b, err := c.BoolScoped("envelope.fromenv", false, gitrepo.Local); b || err != nil {
		t.Errorf("scoped: %v %v", b, err)
	}
}

func TestConfigChange(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	r := open(t, s)
	ctx := t.Context()
	c, err := r.Config(ctx)
	must(t, err)
	for range 2 {
		must(t, c.Set(ctx, gitrepo.Local, "filter.envelope.process", `git-envelope "x"; %f`))
		must(t, c.Set(ctx, gitrepo.Global, "filter.envelope.required", "true"))
	}
	if got := s.Git("config", "--get-all", "filter.envelope.process"); got != `git-envelope "x"; %f` {
		t.Errorf("%q", got)
	}
	before, err := os.Stat(s.File(".git/config"))
	must(t, err)
	must(t, c.Set(ctx, gitrepo.Local, "filter.envelope.process", `git-envelope "x"; %f`))
	if after, err := os.Stat(s.File(".git/config")); err != nil || !os.SameFile(before, after) {
		t.Error("a file that already says so was written again")
	}
	s.Git("config", "--add", "filter.envelope.process", "second")
	c, err = open(t, s).Config(ctx)
	must(t, err)
	must(t, c.Set(ctx, gitrepo.Local, "filter.envelope.process", "second"))
	if got := s.Git("config", "--get-all", "filter.envelope.process"); got != "second" {
		t.Errorf("%q", got)
	}
	for range 2 {
		must(t, c.Unset(ctx, gitrepo.Local, "filter.envelope.process"))
		must(t, c.RemoveSection(ctx, gitrepo.Global, "filter.envelope"))
	}
	if _, ok := c.Get("filter.envelope.process"); ok {
		t.Error("still there")
	}
	if err := c.Set(ctx, gitrepo.Command, "a.b", "c"); err == nil {
		t.Error("written to the command line?")
	}
	if err := c.Set(ctx, gitrepo.Local, "nokey", "c"); err == nil {
		t.Error("a key without section was set")
	}
}

func TestUserConfig(t *testing.T) {
	s := gittest.New(t)
	t.Chdir(s.Dir) // in a repository, whose own configuration must not count
	s.Git("config", "envelope.x", "local")
	c, err := gitrepo.UserConfigEnv(t.Context(), s.Env)
	must(t, err)
	if _, ok := c.Get("envelope.x"); ok {
		t.Error("the repository's configuration was read")
	}
	must(t, c.Set(t.Context(), gitrepo.Global, "envelope.y", "1"))
	if got := s.Git("config", "--global", "envelope.y"); got != "1" {
		t.Errorf("%q", got)
	}
	if v, _ := c.Get("envelope.y"); v != "1" {
		t.Errorf("%q", v)
	}
	if err := c.Set(t.Context(), gitrepo.Local, "envelope.z", "1"); err == nil {
		t.Error("local was written")
	}
}

func TestVersion(t *testing.T) {
	v, err := open(t, gittest.New(t)).Version(t.Context())
	if err != nil || !v.AtLeast(gitrepo.MinVersion.Major, gitrepo.MinVersion.Minor) {
		t.Errorf("%v %v", v, err)
	}
}
