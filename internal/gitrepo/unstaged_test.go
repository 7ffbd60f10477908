package gitrepo_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

func TestUnstaged(t *testing.T) {
	for _, format := range []string{gitrepo.SHA1, gitrepo.SHA256} {
		t.Run(format, func(t *testing.T) {
			s := gittest.New(t, "--object-format="+format)
			for _, name := range []string{"gone", "kept", "line\nfeed", "mode", "type", "both"} {
				s.Write(name, "one\n")
			}
			s.Git("add", ".")
			s.Git("commit", "-qm", "one")
			s.Git("checkout", "-qb", "other")
			s.Write("both", "theirs\n")
			s.Git("commit", "-qam", "theirs")
			s.Git("checkout", "-q", "main")
			s.Write("both", "ours\n")
			s.Git("commit", "-qam", "ours")
			if _, err := s.Try("merge", "-q", "other"); err == nil {
				t.Fatal("no conflict")
			}
			s.Write("line\nfeed", "two\n")
			s.Write("new", "new\n")
			s.Git("add", "-N", "new")
			s.Write("untracked", "")
			must(t, os.Remove(s.File("gone")))
			must(t, os.Remove(s.File("type")))
			must(t, os.Symlink("kept", s.File("type")))
			must(t, os.Chmod(s.File("mode"), 0o755))

			got, err := open(t, s).Unstaged(t.Context(), "envelope")
			must(t, err)
			if want := "U both, D gone, M line\nfeed, M mode, A new, T type"; short(got) != want {
				t.Fatalf("got  %q\nwant %q", short(got), want)
			}
			if m := got[3]; m.OldMode != gitrepo.ModeFile || m.NewMode != gitrepo.ModeExecutable {
				t.Errorf("mode: %o to %o", m.OldMode, m.NewMode)
			}
		})
	}
}

// TestUnstagedRunsNoFilter: not even for a file as young as the index, of which Git
// else wants to know the content.
func TestUnstagedRunsNoFilter(t *testing.T) {
	s := gittest.New(t)
	s.Write(".gitattributes", "* filter=own\n")
	s.Write("file", "one\n")
	s.Git("add", ".")
	future := time.Now().Add(time.Hour)
	must(t, os.Chtimes(s.File("file"), future, future))
	s.Git("add", ".")
	s.Git("config", "filter.own.required", "true")
	s.Git("config", "filter.own.clean", "false")
	if _, err := s.Try("diff-files"); err == nil {
		t.Fatal("Git did not run the filter: this shows nothing")
	}
	_, err := open(t, s).Unstaged(t.Context(), "own")
	must(t, err)
}

func TestMatching(t *testing.T) {
	s := gittest.New(t)
	for _, name := range []string{"a", "d/a", "d/b", "d/*", "e/a"} {
		s.Write(name, name)
	}
	s.Git("add", ".")
	r := open(t, s)
	for _, tt := range []struct{ folder, spec, want string }{
		{".", "d", "d/* d/a d/b"},
		{"d", "a", "d/a"},
		{"d", ".", "d/* d/a d/b"},
		{"d", "../e", "e/a"},
		{"d", ":/a", "a"},
		{"d", ":(literal)*", "d/*"},
		{".", "a d/a", "a d/a"},
		{".", ":(glob)*/a", "d/a e/a"},
	} {
		got, err := r.Matching(t.Context(), tt.folder, strings.Fields(tt.spec)...)
		must(t, err)
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s in %s: %q, want %q", tt.spec, tt.folder, got, tt.want)
		}
	}
	if _, err := r.Matching(t.Context(), ".", "a", "none"); !errors.Is(err, gitrepo.ErrMissing) || !strings.Contains(err.Error(), "none") {
		t.Errorf("none: %v", err)
	}
	if _, err := r.Matching(t.Context(), "absent", "a"); err == nil || errors.Is(err, gitrepo.ErrMissing) {
		t.Errorf("in a folder that is not there: %v", err)
	}
}
