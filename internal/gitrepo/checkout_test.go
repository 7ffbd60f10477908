package gitrepo_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// shout is a filter whose files are upper case in the work tree, unless the
// repository is "locked", and lower case in the index. It fails on paths with
// "bad" in their name while .git/fail exists.
func shout(t testing.TB, paths ...string) *gittest.Repo {
	t.Helper()
	s := gittest.New(t)
	s.Write(".git/smudge", `case "$1" in *bad*) if [ -e "$2/.git/fail" ]; then echo "no key" >&2; exit 1; fi;; esac
if [ -e "$2/.git/locked" ]; then cat; else tr a-z A-Z; fi
`)
	s.Git("config", "filter.shout.clean", "tr A-Z a-z")
	s.Git("config", "filter.shout.smudge", `sh "`+s.File(".git/smudge")+`" %f "`+s.Dir+`"`)
	s.Git("config", "filter.shout.required", "true")
	s.Write(".gitattributes", "* filter=shout\n.gitattributes !filter\n")
	s.Write(".git/locked", "")
	for _, p := range paths {
		s.Write(p, "secret of "+filepath.Base(p)+"\n")
	}
	s.Commit("one")
	return s
}

func unlock(s *gittest.Repo) { must(s.T, os.Remove(s.File(".git/locked"))) }

// isUnlocked checks content and that git status is quiet.
func isUnlocked(t *testing.T, s *gittest.Repo, paths ...string) {
	t.Helper()
	for _, p := range paths {
		if got, want := s.Read(p), shouted("secret of "+filepath.Base(p)+"\n"); got != want {
			t.Errorf("%q holds %q, want %q", p, got, want)
		}
	}
	if out := s.Git("status", "--porcelain"); out != "" {
		t.Errorf("status: %s", out)
	}
}

// Nothing about the files or the index entries differs, only the filter does; git
// must be made to run it whatever it compares.
func TestCheckoutIndex(t *testing.T) {
	paths := append([]string{"a", "dir/b", "run"}, lower(oddNames)...)
	for name, prepare := range map[string]func(s *gittest.Repo){
		"default":           func(*gittest.Repo) {},
		"no ctime":          func(s *gittest.Repo) { s.Git("config", "core.trustctime", "false") },
		"minimal stat":      func(s *gittest.Repo) { s.Git("config", "core.checkStat", "minimal") },
		"assume unchanged":  func(s *gittest.Repo) { s.Git("update-index", "--assume-unchanged", "a") },
		"ignore stat":       func(s *gittest.Repo) { s.Git("config", "core.ignoreStat", "true") },
		"split index":       func(s *gittest.Repo) { s.Git("update-index", "--split-index") },
		"untracked cache":   func(s *gittest.Repo) { s.Git("update-index", "--force-untracked-cache") },
		"parallel checkout": func(s *gittest.Repo) { s.Git("config", "checkout.workers", "4") },
		"fsmonitor says valid": func(s *gittest.Repo) {
			s.Write(".git/fsm", "#!/bin/sh\ntouch .git/fsm-was-run\nprintf 'token\\0'\n")
			must(t, os.Chmod(s.File(".git/fsm"), 0o755))
			s.Git("config", "core.fsmonitor", s.File(".git/fsm"))
			s.Git("status")
			s.Git("update-index", "--fsmonitor-valid", "a", "dir/b")
			must(t, os.Remove(s.File(".git/fsm-was-run")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := shout(t, paths...)
			must(t, os.Chmod(s.File("run"), 0o755))
			s.Commit("executable")
			prepare(s)
			unlock(s)
			r := open(t, s)
			must(t, r.CheckoutIndex(t.Context(), slices.Concat(paths, paths[:2]))) // twice named is once done
			if _, err := os.Stat(s.File(".git/fsm-was-run")); err == nil {
				t.Error("the repository's fsmonitor hook was run")
			}
			s.Git("update-index", "--no-assume-unchanged", "a")
			isUnlocked(t, s, paths...)
			if info, err := os.Stat(s.File("run")); err != nil || info.Mode()&0o100 == 0 {
				t.Errorf("run: %v, %v", info.Mode(), err)
			}
		})
	}
}

// shouted is what tr makes of text: other than strings.ToUpper, ASCII only.
func shouted(text string) string {
	b := []byte(text)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

func lower(names []string) []string {
	var all []string
	for _, n := range names {
		all = append(all, strings.NewReplacer("HEAD", "head").Replace(n))
	}
	return all
}

// Files and index written within one tick of the clock, and times in the index that
// an interrupted run of ours left there.
func TestCheckoutIndexTimes(t *testing.T) {
	for _, when := range []time.Time{time.Now(), time.Unix(0, 0), time.Unix(1, 0), time.Unix(700_000_000, 0), time.Now().Add(time.Hour)} {
		s := shout(t, "a", "b")
		must(t, os.Chtimes(s.File("a"), when, when))
		s.Git("update-index", "--refresh")
		must(t, os.Chtimes(s.File(".git/index"), when, when))
		unlock(s)
		must(t, open(t, s).CheckoutIndex(t.Context(), []string{"a", "b"}))
		isUnlocked(t, s, "a", "b")
	}
}

// Files that were edited, deleted or are of another kind.
func TestCheckoutIndexOddities(t *testing.T) {
	s := shout(t, "edited", "deleted", "now-link", "now-dir", "plain", "linked/file", "sparse")
	must(t, os.Symlink("plain", s.File("link")))
	s.Commit("link")
	s.Write("edited", "other, longer content\n")
	must(t, os.Remove(s.File("deleted")))
	must(t, os.Remove(s.File("now-link")))
	must(t, os.Symlink("plain", s.File("now-link")))
	must(t, os.Remove(s.File("now-dir")))
	must(t, os.Mkdir(s.File("now-dir"), 0o777))
	outside := gittest.TempDir(t)
	must(t, os.Rename(s.File("linked"), filepath.Join(outside, "dir")))
	must(t, os.Symlink(filepath.Join(outside, "dir"), s.File("linked")))
	s.Git("update-index", "--skip-worktree", "sparse")
	s.Write("untracked", "x")
	when := time.Unix(1_000_000_000, 0)
	for _, f := range []string{s.File("plain"), filepath.Join(outside, "dir/file"), s.File("untracked")} {
		must(t, os.Chtimes(f, when, when))
	}
	unlock(s)
	err := open(t, s).CheckoutIndex(t.Context(), []string{"edited", "deleted", "now-link", "now-dir", "plain", "link", "linked/file", "untracked", "sparse", "nowhere"})
	var e *gitrepo.PathsError
	if !errors.As(err, &e) {
		t.Fatalf("%v", err)
	}
	var failed []string
	for _, f := range e.Failed {
		failed = append(failed, f.Error())
	}
	want := `"linked/file": leads through a symbolic link; "untracked": not in the index; "sparse": left out by the sparse checkout`
	if got := strings.Join(failed, "; "); got != want || e.Err != nil || len(e.Untried)+len(e.Stale) > 0 {
		t.Errorf("%s\nwant %s\n%+v", got, want, e)
	}
	for _, p := range []string{"edited", "plain"} {
		if s.Read(p) != strings.ToUpper("secret of "+p+"\n") {
			t.Errorf("%s: %q", p, s.Read(p))
		}
	}
	if _, err := os.Lstat(s.File("deleted")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a deleted file came back")
	}
	for _, l := range []string{"now-link", "link", "linked"} {
		if info, err := os.Lstat(s.File(l)); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%s is no link any more", l)
		}
	}
	for _, f := range []string{filepath.Join(outside, "dir/file"), s.File("untracked")} {
		if info, err := os.Stat(f); err != nil || !info.ModTime().Equal(when) {
			t.Errorf("%s was touched: %v %v", f, info.ModTime(), err)
		}
	}
	for _, p := range []string{"../x", "/etc/passwd", ".git/config", ""} {
		if err := open(t, s).CheckoutIndex(t.Context(), []string{p}); err == nil {
			t.Errorf("%q was accepted", p)
		}
	}
}

// One file's filter fails: the others are done and recorded, it is named.
func TestCheckoutIndexFailure(t *testing.T) {
	paths := []string{"a", "bad1", "c", "d/bad\n2", "d/e", "f"}
	s := shout(t, paths...)
	unlock(s)
	s.Write(".git/fail", "")
	r := open(t, s)
	err := r.CheckoutIndex(t.Context(), paths)
	var e *gitrepo.PathsError
	if !errors.As(err, &e) || len(e.Failed) != 2 || e.Failed[0].Path != "bad1" || e.Failed[1].Path != "d/bad\n2" || len(e.Stale)+len(e.Untried) != 0 {
		t.Fatalf("%v %+v", err, e)
	}
	if !strings.Contains(err.Error(), "2 files failed") || !strings.Contains(e.Failed[0].Error(), "smudge filter shout failed") {
		t.Errorf("%v", err)
	}
	for _, f := range e.Failed {
		if _, err := os.Lstat(s.File(f.Path)); f.Removed != errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: removed %v, %v", f.Path, f.Removed, err)
		}
	}
	must(t, os.Remove(s.File(".git/fail")))
	s.Git("checkout", "--", ".")
	isUnlocked(t, s, paths...)
}

// The old file can't be replaced: git names it, it stays, the others are done.
func TestCheckoutIndexReadOnlyDirectory(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	s := shout(t, "a", "ro/b", "z")
	unlock(s)
	must(t, os.Chmod(s.File("ro"), 0o555))
	defer os.Chmod(s.File("ro"), 0o755)
	var e *gitrepo.PathsError
	if err := open(t, s).CheckoutIndex(t.Context(), []string{"a", "ro/b", "z"}); !errors.As(err, &e) || len(e.Failed) != 1 || e.Failed[0].Removed || len(e.Untried)+len(e.Stale) != 0 {
		t.Fatalf("%v %+v", err, e)
	}
}

// Every file fails: it stops, says so, and leaves what it did not try as it was.
func TestCheckoutIndexGivesUp(t *testing.T) {
	var paths []string
	for i := range 40 {
		paths = append(paths, fmt.Sprintf("bad%02d", i))
	}
	paths = append([]string{"a"}, paths...)
	s := shout(t, paths...)
	when := time.Unix(1_000_000_000, 0)
	must(t, os.Chtimes(s.File("bad39"), when, when))
	unlock(s)
	s.Write(".git/fail", "")
	var e *gitrepo.PathsError
	if err := open(t, s).CheckoutIndex(t.Context(), paths); !errors.As(err, &e) || len(e.Failed) != 32 || len(e.Untried) != 8 || len(e.Stale) != 0 {
		t.Fatalf("%v %+v", err, e)
	}
	if info, err := os.Stat(s.File("bad39")); err != nil || !info.ModTime().Equal(when) || s.Read("bad39") != "secret of bad39\n" {
		t.Errorf("bad39: %v %v", info, err)
	}
	if got := s.Git("status", "--porcelain", "a"); got != "" || s.Read("a") != "SECRET OF A\n" {
		t.Errorf("a: %q, %q", got, s.Read("a"))
	}
}

// A fault that concerns no file in particular is not blamed on one.
func TestCheckoutIndexLocked(t *testing.T) {
	s := shout(t, "a", "b")
	when := time.Unix(1_000_000_000, 0)
	must(t, os.Chtimes(s.File("a"), when, when))
	unlock(s)
	s.Write(".git/index.lock", "")
	err := open(t, s).CheckoutIndex(t.Context(), []string{"a", "b"})
	var e *gitrepo.PathsError
	if !errors.As(err, &e) || len(e.Failed) != 0 || len(e.Untried) != 2 || !strings.Contains(err.Error(), "index.lock") {
		t.Fatalf("%v %+v", err, e)
	}
	if info, err := os.Stat(s.File("a")); err != nil || !info.ModTime().Equal(when) || s.Read("a") != "secret of a\n" {
		t.Errorf("a: %v %v", info, err)
	}
}

func TestCheckoutIndexCancelled(t *testing.T) {
	s := shout(t, "a", "slow", "z")
	unlock(s)
	s.Write(".git/smudge", `case "$1" in *slow*) touch "$2/.git/reached"; exec sleep 60;; *) tr a-z A-Z;; esac`)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for {
			if _, err := os.Stat(s.File(".git/reached")); err == nil {
				cancel()
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	err := open(t, s).CheckoutIndex(ctx, []string{"a", "slow", "z"})
	var e *gitrepo.PathsError
	if !errors.As(err, &e) || !errors.Is(err, context.Canceled) || fmt.Sprint(e.Stale, e.Untried) != "[a] [slow z]" {
		t.Fatalf("%v %+v", err, e)
	}
	if _, err := os.Stat(s.File(".git/index.lock")); err == nil {
		t.Error("index.lock was left behind")
	}
}

func TestCheckoutIndexProgress(t *testing.T) {
	var paths []string
	for i := range 50 {
		paths = append(paths, fmt.Sprint(i))
	}
	s := shout(t, paths...)
	unlock(s)
	last := -1
	must(t, open(t, s).CheckoutIndex(t.Context(), paths, func(done, total int) {
		if done < last || total != 50 {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last = done
	}))
	if last != 50 {
		t.Errorf("ended at %d", last)
	}
}

// Add runs clean although nothing but the attributes changed.
func TestAdd(t *testing.T) {
	for _, n := range []int{10, 2000} {
		s := gittest.New(t)
		paths := slices.Clone(oddNames)
		for i := range n {
			paths = append(paths, fmt.Sprintf("d%d/f%d", i%7, i))
		}
		for _, p := range paths {
			s.Write(p, "x\r\n")
		}
		s.Write("other*star", "x\r\n")
		s.Commit("one")
		s.Write(".gitattributes", "* text\n")
		s.Git("add", ".gitattributes")
		r := open(t, s)
		must(t, r.Add(t.Context(), paths))
		index, err := r.Index(t.Context())
		must(t, err)
		want := s.GitIn("x\n", "hash-object", "--stdin")
		for _, e := range index {
			if e.Path != ".gitattributes" && (e.OID == want) == (e.Path == "other*star") {
				t.Errorf("%q: %s", e.Path, e.OID)
			}
		}
	}
}

func TestAddRefusals(t *testing.T) {
	s := shout(t, "a", "b", "gone", "dir/f")
	must(t, os.Symlink("a", s.File("link")))
	s.Commit("link")
	must(t, os.Remove(s.File("gone")))
	must(t, os.Rename(s.File("dir"), s.File("dir2")))
	must(t, os.Symlink("dir2", s.File("dir")))
	s.Write("a", "EDITED\n")
	s.Write("untracked", "x")
	r := open(t, s)
	err := r.Add(t.Context(), []string{"a", "gone", "link", "untracked", "dir/f"})
	var e *gitrepo.PathsError
	if !errors.As(err, &e) || len(e.Failed) != 4 || len(e.Untried) != 0 {
		t.Fatalf("%v %+v", err, e)
	}
	if read(t, r, ":a") != "edited\n" {
		t.Error("a was not staged")
	}
	// A filter that fails: git's words, and nothing staged.
	s.Git("config", "filter.shout.clean", `sh -c "if [ \"\$1\" = b ]; then exit 1; fi; tr A-Z a-z" -- %f`)
	s.Write("a", "AGAIN\n")
	err = r.Add(t.Context(), []string{"a", "b"})
	if !errors.As(err, &e) || len(e.Failed) != 0 || len(e.Untried) != 2 || !strings.Contains(err.Error(), "clean filter 'shout' failed") {
		t.Fatalf("%v %+v", err, e)
	}
	if read(t, r, ":a") != "edited\n" {
		t.Error("a was staged although b failed")
	}
}
