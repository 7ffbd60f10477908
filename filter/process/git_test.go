package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// asFilter, in the environment, makes the test binary a filter; its value says
// which.
const asFilter = "GIT_ENVELOPE_TEST_FILTER"

func TestMain(m *testing.M) {
	var h Handler
	switch os.Getenv(asFilter) {
	case "":
		os.Exit(m.Run())
	case "rot":
		h = rot{}
	case "delay":
		h = &rotLater{pending: map[string][]byte{}}
	}
	err := Serve(context.Background(), os.Stdin, os.Stdout, h, func(req Request, err error) {
		fmt.Fprintf(os.Stderr, "filter: %s %q: %v\n", req.Command, req.Path, err)
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "filter:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// rot adds 1 to each byte on clean and takes it off on smudge; it fails for a
// path with "refused" in it.
type rot struct{}

func (rot) Handle(_ context.Context, req Request, content io.Reader) (io.ReadCloser, error) {
	b, err := io.ReadAll(content)
	if err != nil {
		return nil, err
	}
	if strings.Contains(req.Path, "refused") {
		return nil, errors.New("refused")
	}
	return io.NopCloser(bytes.NewReader(rotate(b, req.Command))), nil
}

func rotate(b []byte, command string) []byte {
	by := byte(1)
	if command == Smudge {
		by = 255
	}
	r := make([]byte, len(b))
	for i := range b {
		r[i] = b[i] + by
	}
	return r
}

// rotLater postpones every smudge that may be.
type rotLater struct {
	pending map[string][]byte
	ready   []string
}

func (r *rotLater) Handle(ctx context.Context, req Request, content io.Reader) (io.ReadCloser, error) {
	if b, ok := r.pending[req.Path]; ok && !req.CanDelay {
		delete(r.pending, req.Path)
		content = bytes.NewReader(b)
	}
	if !req.CanDelay {
		return rot{}.Handle(ctx, req, content)
	}
	b, err := io.ReadAll(content)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "filter: delayed %q\n", req.Path)
	r.pending[req.Path] = b
	r.ready = append(r.ready, req.Path)
	return nil, ErrDelayed
}

// Available hands out one path at a time, so that Git has to ask again.
func (r *rotLater) Available(context.Context) ([]string, error) {
	if len(r.ready) == 0 {
		return nil, nil
	}
	path := r.ready[0]
	r.ready = r.ready[1:]
	return []string{path}, nil
}

// gitEnv is a Git that knows nothing but the filter named "rot".
type gitEnv struct {
	t    *testing.T
	env  []string
	base string
}

func newGitEnv(t *testing.T, filter string) *gitEnv {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("skipped: no git on this machine")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	base := t.TempDir()
	command := "'" + strings.ReplaceAll(filepath.ToSlash(self), "'", `'\''`) + "'"
	config := "[user]\nname = T\nemail = t@example.com\n[init]\ndefaultBranch = main\n" +
		"[filter \"rot\"]\nrequired = true\nprocess = \"" + command + "\"\n"
	global := filepath.Join(base, "gitconfig")
	if err := os.WriteFile(global, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	g := &gitEnv{t: t, base: base}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GIT_") && !strings.HasPrefix(v, "XDG_") {
			g.env = append(g.env, v)
		}
	}
	g.env = append(g.env, "HOME="+base, "GIT_CONFIG_GLOBAL="+global, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0", "LC_ALL=C", asFilter+"="+filter)
	return g
}

// run runs git in base/dir and returns what it printed. A deadlock is killed
// long after any honest run has ended.
func (g *gitEnv) run(dir string, args ...string) (string, error) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env = filepath.Join(g.base, dir), g.env
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		g.t.Fatalf("git %s hangs:\n%s", strings.Join(args, " "), out)
	}
	return string(out), err
}

func (g *gitEnv) must(dir string, args ...string) string {
	g.t.Helper()
	out, err := g.run(dir, args...)
	if err != nil {
		g.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (g *gitEnv) write(path string, data []byte) {
	g.t.Helper()
	if err := os.WriteFile(filepath.Join(g.base, path), data, 0o600); err != nil {
		g.t.Fatal(err)
	}
}

// sample is a repository's worth of sizes: around a packet, and well beyond what
// the two pipes hold, where a filter that answers early deadlocks.
func sample() map[string][]byte {
	random := rand.NewChaCha8([32]byte{1})
	files := map[string][]byte{}
	for _, size := range []int{0, 1, 4096, maxData, maxData + 1, 400 << 10, 5 << 20} {
		b := make([]byte, size)
		_, _ = random.Read(b)
		files[fmt.Sprintf("size %d=%d.rot", size, size)] = b
	}
	return files
}

// TestGit drives the filter with real git: add, checkout, clone.
func TestGit(t *testing.T) {
	for _, filter := range []string{"rot", "delay"} {
		t.Run(filter, func(t *testing.T) { testGit(t, newGitEnv(t, filter), filter == "delay") })
	}
}

func testGit(t *testing.T, g *gitEnv, delay bool) {
	g.must("", "init", "-q", "a")
	g.write("a/.gitattributes", []byte("*.rot filter=rot -text\n"))
	files := sample()
	for path, data := range files {
		g.write("a/"+path, data)
	}
	g.must("a", "add", ".")
	g.must("a", "commit", "-qm", "all")
	for path, data := range files {
		if got := g.must("a", "cat-file", "blob", ":"+path); got != string(rotate(data, Clean)) {
			t.Errorf("%s: wrong blob of %d bytes", path, len(got))
		}
		if err := os.Remove(filepath.Join(g.base, "a", path)); err != nil {
			t.Fatal(err)
		}
	}
	out := g.must("a", "checkout", "--", ".") + g.must("", "clone", "a", "b")
	if got, want := strings.Count(out, "delayed"), 2*len(files); delay && got != want {
		t.Errorf("%d smudges delayed, want %d:\n%s", got, want, out)
	}
	for path, data := range files {
		for _, dir := range []string{"a", "b"} {
			got, err := os.ReadFile(filepath.Join(g.base, dir, path))
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("%s/%s: %d bytes, want %d, %v", dir, path, len(got), len(data), err)
			}
		}
	}
	if status := g.must("b", "status", "--porcelain"); status != "" {
		t.Errorf("the clone is not clean:\n%s", status)
	}
}

// TestGitFailure: one refused file stops git add and stages nothing, and the
// process lives on to answer for the others.
func TestGitFailure(t *testing.T) {
	g := newGitEnv(t, "rot")
	g.must("", "init", "-q", "a")
	g.write("a/.gitattributes", []byte("*.rot filter=rot -text\n"))
	for _, path := range []string{"1.rot", "2-refused.rot", "3.rot"} {
		g.write("a/"+path, []byte("text of "+path))
	}
	out, err := g.run("a", "add", ".")
	if err == nil || !strings.Contains(out, "refused.rot") {
		t.Errorf("git add of a refused file: %v\n%s", err, out)
	}
	if staged := g.must("a", "ls-files"); staged != "" {
		t.Errorf("staged:\n%s", staged)
	}
	// Without required Git goes on: the others are answered, by the same process.
	out = g.must("a", "-c", "filter.rot.required=false", "add", ".")
	for path, command := range map[string]string{"1.rot": Clean, "2-refused.rot": "", "3.rot": Clean} {
		want := []byte("text of " + path)
		if command != "" {
			want = rotate(want, command)
		}
		if got := g.must("a", "cat-file", "blob", ":"+path); got != string(want) {
			t.Errorf("%s is %q", path, got)
		}
	}
	if n := strings.Count(out, "filter:"); n != 1 {
		t.Errorf("%d complaints, want one:\n%s", n, out)
	}
}
