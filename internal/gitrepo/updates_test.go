package gitrepo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

const id2 = "89abcdef0123456789abcdef0123456789abcdef"

func TestParseUpdates(t *testing.T) {
	got, err := ParseUpdates(strings.NewReader(null1+" "+id1+" refs/heads/new\n"+id1+" "+null1+" refs/heads/g\xf6ne\n"), 20)
	if want := []Update{{"", id1, "refs/heads/new"}, {id1, "", "refs/heads/g\xf6ne"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	for name, in := range map[string]string{
		"cut":          id1 + " " + id1 + " refs/heads/x",
		"no ref":       id1 + " " + id1 + "\n",
		"empty ref":    id1 + " " + id1 + " \n",
		"two refs":     id1 + " " + id1 + " a b\n",
		"short id":     id1[1:] + " " + id1 + " a\n",
		"option":       id1 + " " + id1 + " --all\n",
		"empty line":   "\n",
		"carriage":     id1 + "\r " + id1 + " a\n",
		"endless line": strings.Repeat("x", maxUpdateLine+1) + "\n",
		"NUL":          id1 + " " + id1 + " a\x00\n",
	} {
		if _, err := ParseUpdates(strings.NewReader(in), 20); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestParsePushes(t *testing.T) {
	got, err := ParsePushes(strings.NewReader("refs/heads/a "+id1+" refs/heads/b "+null1+"\n(delete) "+null1+" refs/heads/c "+id2+"\nHEAD@{1 day ago} "+id1+" refs/heads/d "+id2+"\n"), 20)
	want := []Push{{"refs/heads/a", id1, "refs/heads/b", ""}, {"(delete)", "", "refs/heads/c", id2}, {"HEAD@{1 day ago}", id1, "refs/heads/d", id2}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	for _, in := range []string{"\n", id1 + " refs/heads/b " + id2 + "\n", " " + id1 + " refs/heads/b " + id2 + "\n", "a " + id1 + " b " + id2, "a x b " + id2 + "\n"} {
		if _, err := ParsePushes(strings.NewReader(in), 20); err == nil {
			t.Errorf("%q: no error", in)
		}
	}
}

func FuzzParseUpdates(f *testing.F) {
	f.Add(null1 + " " + id1 + " refs/heads/new\n")
	f.Add("refs/heads/a b " + id1 + " refs/heads/b " + null1 + "\n")
	f.Fuzz(func(t *testing.T, in string) {
		if updates, err := ParseUpdates(strings.NewReader(in), 20); err == nil {
			if again := formatUpdates(updates); again != in {
				t.Errorf("%q is read as %q", in, again)
			}
		}
		if pushes, err := ParsePushes(strings.NewReader(in), 20); err == nil && len(pushes) != strings.Count(in, "\n") {
			t.Errorf("%d pushes in %q", len(pushes), in)
		}
	})
}

func formatUpdates(updates []Update) string {
	var b strings.Builder
	null := func(oid string) string {
		if oid == "" {
			return null1
		}
		return oid
	}
	for _, u := range updates {
		fmt.Fprintf(&b, "%s %s %s\n", null(u.Old), null(u.New), u.Ref)
	}
	return b.String()
}

// hookHelper makes TestAsHook act as a hook: it writes what a range scan sees to
// the named file.
const hookHelper, hookRemote = "GITREPO_TEST_HOOK", "GITREPO_TEST_REMOTE"

func TestAsHook(t *testing.T) {
	out := os.Getenv(hookHelper)
	if out == "" {
		t.Skip("runs within the hooks of TestPush")
	}
	if err := runHook(out, os.Getenv(hookRemote)); err != nil {
		t.Fatal(err)
	}
}

func runHook(out, remote string) error {
	ctx := context.Background()
	r, err := Open(ctx, ".")
	if err != nil {
		return err
	}
	var include, exclude []string
	if remote == "" {
		updates, err := ParseUpdates(os.Stdin, r.HashSize())
		if err != nil {
			return err
		}
		include, exclude, err = r.Received(ctx, updates)
		if err != nil {
			return err
		}
	} else {
		pushes, err := ParsePushes(os.Stdin, r.HashSize())
		if err != nil {
			return err
		}
		if include, exclude, err = r.Pushed(ctx, remote, pushes); err != nil {
			return err
		}
	}
	var b strings.Builder
	var oids []string
	for o, err := range r.NewObjects(ctx, include, exclude) {
		if err != nil {
			return err
		}
		oids = append(oids, o.OID)
	}
	for o, err := range r.ObjectsOf(ctx, oids) {
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %s\n", o.Type, o.OID)
	}
	return os.WriteFile(out, []byte(b.String()), 0o600)
}

// TestPush has a real push tell both hooks what it brings.
func TestPush(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		t.Run(format, func(t *testing.T) {
			server := gittest.New(t, "--bare", "--object-format="+format)
			work := gittest.New(t, "--object-format="+format)
			work.Git("remote", "add", "origin", server.Dir)
			dir := t.TempDir()
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			hook := func(file, out string) {
				script := fmt.Sprintf("#!/bin/sh\n%s='%s' %s=\"$1\" exec '%s' -test.run='^TestAsHook$'\n", hookHelper, out, hookRemote, self)
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(script), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			sent, received := filepath.Join(dir, "sent"), filepath.Join(dir, "received")
			hook(filepath.Join(server.Dir, "hooks/pre-receive"), received)
			hook(work.File(".git/hooks/pre-push"), sent)
			push := func(what string, want []string, args ...string) {
				t.Helper()
				work.Git(append([]string{"push", "-q", "origin"}, args...)...)
				slices.Sort(want)
				for _, file := range []string{sent, received} {
					data, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					got := strings.Fields(string(data))
					var oids []string
					for i := 1; i < len(got); i += 2 {
						oids = append(oids, got[i])
					}
					if slices.Sort(oids); !slices.Equal(oids, want) {
						t.Errorf("%s, %s: %v, want %v", what, filepath.Base(file), oids, want)
					}
				}
			}
			parts := func(rev, blob string) []string {
				return []string{work.Git("rev-parse", rev), work.Git("rev-parse", rev+"^{tree}"), blobOf(work, blob)}
			}
			work.Write("f", "one")
			work.Commit("one")
			push("first", parts("HEAD", "one"), "main")
			work.Write("f", "two")
			two := work.Commit("two")
			want := parts(two, "two")
			work.Git("commit", "-q", "--amend", "-m", "two again")
			push("next", append(parts("HEAD", "two"), want[0])[:4], "main", two+":refs/heads/old")
			push("known", nil, "main:refs/heads/other")
			push("deleted", nil, ":refs/heads/other")
			blob := work.GitIn("loose blob", "hash-object", "-w", "--stdin")
			work.Git("tag", "-a", "-m", "message", "v1", blob)
			push("tag of a blob", []string{blob, work.Git("rev-parse", "v1")}, "v1")
			work.Write("f", "three")
			work.Commit("three")
			push("forced", parts("HEAD", "three"), "+main")
		})
	}
}
