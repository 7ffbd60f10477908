// Package gittest makes scratch repositories for tests that run real git. Nothing
// of the user's or the machine's configuration reaches them. It is for tests only
// and imports nothing of ours.
package gittest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Repo is a scratch repository.
type Repo struct {
	T   testing.TB
	Dir string   // top of the work tree, or the bare repository; symbolic links resolved
	Env []string // environment of every git command
}

// Environ is an environment in which git sees no configuration but a fresh home
// directory with an author's name, no GIT_* variable of ours, and fixed dates.
func Environ(t testing.TB) []string {
	t.Helper()
	home := t.TempDir()
	config := "[user]\n\tname = A U Thor\n\temail = author@example.com\n[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n[protocol \"file\"]\n\tallow = always\n"
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "GIT_") || name == "HOME" || name == "USERPROFILE" || strings.HasPrefix(name, "XDG_") {
			continue
		}
		env = append(env, kv)
	}
	return append(env, isolation(home)...)
}

func isolation(home string) []string {
	return []string{
		"HOME=" + home, "USERPROFILE=" + home, "XDG_CONFIG_HOME=" + filepath.Join(home, ".config"),
		"GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C",
		"GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z",
	}
}

// Isolate gives the test process itself the environment of Environ, for code that
// reads os.Environ. Not for parallel tests. It returns the home directory.
func Isolate(t *testing.T) (home string) {
	t.Helper()
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "GIT_") {
			t.Setenv(name, "") // so that it is restored
			os.Unsetenv(name)
		}
	}
	for _, kv := range Environ(t) {
		name, value, _ := strings.Cut(kv, "=")
		if old, ok := os.LookupEnv(name); !ok || old != value {
			t.Setenv(name, value)
		}
		if name == "HOME" {
			home = value
		}
	}
	return home
}

// New makes an empty repository; args go to git init ("--bare",
// "--object-format=sha256").
func New(t testing.TB, args ...string) *Repo {
	t.Helper()
	r := &Repo{T: t, Dir: TempDir(t), Env: Environ(t)}
	r.Git(append([]string{"init", "--quiet"}, args...)...)
	return r
}

// TempDir is t.TempDir with symbolic links resolved, as git prints it.
func TempDir(t testing.TB) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// At is the same environment in another directory.
func (r *Repo) At(dir string) *Repo {
	return &Repo{T: r.T, Dir: dir, Env: r.Env}
}

// With is the same directory with more environment variables ("NAME=value").
func (r *Repo) With(env ...string) *Repo {
	return &Repo{T: r.T, Dir: r.Dir, Env: append(r.Env[:len(r.Env):len(r.Env)], env...)}
}

// Clone clones the repository into a new directory; args go to git clone.
func (r *Repo) Clone(args ...string) *Repo {
	r.T.Helper()
	dir := filepath.Join(TempDir(r.T), "clone")
	r.Git(append(append([]string{"clone", "--quiet"}, args...), "file://"+filepath.ToSlash(r.Dir), dir)...)
	return r.At(dir)
}

// Git runs git and returns its standard output without the last newline. A
// failure ends the test.
func (r *Repo) Git(args ...string) string {
	r.T.Helper()
	return r.GitIn("", args...)
}

// GitIn is Git with standard input.
func (r *Repo) GitIn(stdin string, args ...string) string {
	r.T.Helper()
	out, err := r.try(stdin, args)
	if err != nil {
		r.T.Fatal(err)
	}
	return out
}

// Try is Git for commands that may fail; the error holds standard error.
func (r *Repo) Try(args ...string) (string, error) { return r.try("", args) }

func (r *Repo) try(stdin string, args []string) (string, error) {
	cmd := exec.Command("git", args...)
	var out, stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = r.Dir, r.Env, strings.NewReader(stdin), &out, &stderr
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSuffix(out.String(), "\n"), err
}

// Write writes a file of the work tree, making its directories.
func (r *Repo) Write(path, content string) {
	r.T.Helper()
	name := r.File(path)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		r.T.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		r.T.Fatal(err)
	}
}

// Read is the content of a file of the work tree.
func (r *Repo) Read(path string) string {
	r.T.Helper()
	data, err := os.ReadFile(r.File(path))
	if err != nil {
		r.T.Fatal(err)
	}
	return string(data)
}

// File is the file system name of a path.
func (r *Repo) File(path string) string { return filepath.Join(r.Dir, filepath.FromSlash(path)) }

// Commit stages everything, commits, and returns the commit's id.
func (r *Repo) Commit(message string) string {
	r.T.Helper()
	r.Git("add", "--all")
	r.Git("commit", "--quiet", "--allow-empty", "--message", message)
	return r.Git("rev-parse", "HEAD")
}
