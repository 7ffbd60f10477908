package hooks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

func opened(t *testing.T, g *gittest.Repo) *gitrepo.Repo {
	t.Helper()
	r, err := gitrepo.OpenEnv(t.Context(), g.Dir, g.Env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

const foreign = "#!/bin/sh\necho somebody else's\n"

// TestInstall takes each state a hook can be in through install, install again
// and uninstall: what was somebody else's must come back byte for byte.
func TestInstall(t *testing.T) {
	const program = "git-envelope"
	for _, tc := range []struct {
		name, before string
		state        State
		after        State
		chained      bool
		left         string // what uninstall leaves
	}{
		{"absent", "", Absent, Current, false, ""},
		{"not executable", string(script("pre-commit", program)), Outdated, Current, false, ""},
		{"older version", "#!/bin/sh\n" + marker + "0 (made long ago)\nexit 0\n", Outdated, Current, false, ""},
		{"other program", string(script("pre-commit", "'/elsewhere/git-envelope'")), Outdated, Current, false, ""},
		{"foreign", foreign, Foreign, Current, true, foreign},
		{"foreign that calls ours", foreign + "git-envelope hook pre-commit\n", Called, Called, false, foreign + "git-envelope hook pre-commit\n"},
		{"foreign that calls ours as a git command", foreign + "exec git envelope hook pre-commit\n", Called, Called, false, foreign + "exec git envelope hook pre-commit\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := gittest.New(t)
			repo := opened(t, g)
			path := g.File(".git/hooks/pre-commit")
			if tc.before != "" {
				g.Write(".git/hooks/pre-commit", tc.before)
			}
			list, err := List(t.Context(), repo, program)
			if err != nil {
				t.Fatal(err)
			}
			if list[0].State != tc.state {
				t.Errorf("state %v, want %v", list[0].State, tc.state)
			}
			for range 2 { // the second time changes nothing
				if list, err = Install(t.Context(), repo, program); err != nil {
					t.Fatal(err)
				}
				if list[0].State != tc.after || list[0].Chained != tc.chained {
					t.Errorf("after install: %+v", list[0])
				}
			}
			if info, err := os.Stat(path); err != nil || tc.after == Current && info.Mode().Perm()&0o111 == 0 {
				t.Errorf("the hook is not executable: %v, %v", info, err)
			}
			if _, err := Uninstall(t.Context(), repo, program); err != nil {
				t.Fatal(err)
			}
			if got, err := read(path); err != nil || string(got) != tc.left {
				t.Errorf("uninstall left %q, %v; want %q", got, err, tc.left)
			}
			if left, _ := filepath.Glob(path + ".*git-envelope"); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

func TestInstallRefusesTwoForeignHooks(t *testing.T) {
	g := gittest.New(t)
	g.Write(".git/hooks/pre-commit", foreign)
	g.Write(".git/hooks/pre-commit"+chainedSuffix, foreign+"# another\n")
	if _, err := Install(t.Context(), opened(t, g), "git-envelope"); err == nil {
		t.Error("installed over two foreign hooks")
	}
	if g.Read(".git/hooks/pre-commit") != foreign {
		t.Error("the foreign hook was changed")
	}
}

// TestForeignFolder: where core.hooksPath leads elsewhere nothing is written.
func TestForeignFolder(t *testing.T) {
	for name, inTree := range map[string]bool{"in the work tree": true, "outside": false} {
		t.Run(name, func(t *testing.T) {
			g := gittest.New(t)
			dir := t.TempDir()
			if inTree {
				dir = g.File(".husky")
				g.Write(".husky/pre-commit", foreign)
			}
			g.Git("config", "core.hooksPath", dir)
			before := listing(t, dir)
			list, err := Install(t.Context(), opened(t, g), "git-envelope")
			if err != nil {
				t.Fatal(err)
			}
			if list[0].Ours || list[0].State == Current || listing(t, dir) != before {
				t.Errorf("%+v; folder %s", list[0], listing(t, dir))
			}
			if removed, err := Uninstall(t.Context(), opened(t, g), "git-envelope"); err != nil || len(removed) > 0 {
				t.Errorf("uninstall: %v, %v", removed, err)
			}
		})
	}
}

func listing(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		text, _ := os.ReadFile(filepath.Join(dir, e.Name()))
		b.WriteString(e.Name() + "=" + string(text) + ";")
	}
	return b.String()
}

// TestStaged: what a commit is judged for, for each kind of commit.
func TestStaged(t *testing.T) {
	g := gittest.New(t)
	repo := opened(t, g)
	want := func(phase string, paths ...string) {
		t.Helper()
		stage, err := Staged(t.Context(), repo)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, c := range stage.Changes {
			got[c.Path] = true
		}
		for _, p := range paths {
			if !got[p] {
				t.Errorf("%s: %s is not judged", phase, p)
			}
			delete(got, p)
		}
		if len(got) > 0 {
			t.Errorf("%s: judged as well: %v", phase, got)
		}
	}
	want("nothing staged")
	g.Write("a", "1")
	g.Write("b", "1")
	g.Git("add", ".")
	want("first commit", "a", "b")
	g.Git("commit", "-qm", "one")
	want("after the first commit")
	g.Write("b", "2")
	g.Git("add", "b")
	want("second commit", "b")
	g.Git("commit", "-qm", "two")
	want("amending the second", "b")
	g.Git("rm", "-q", "a")
	want("a deletion", "a", "b")
	g.Git("reset", "-q", "--hard")
	g.Write("c", "1")
	g.Git("add", "c")
	g.Git("commit", "-qm", "three")
	g.Write("sub/.gitattributes", "* text\n")
	g.Git("add", "sub")
	want("attributes change: everything", "a", "b", "c", "sub/.gitattributes")
}
