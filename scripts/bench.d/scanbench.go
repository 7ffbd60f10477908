//go:build ignore

// Scanbench times scans for secrets against plain reading of the same bytes and
// against another scanner, and tells their peak memory. scripts/bench --scan
// builds and starts it; see there.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

type options struct {
	dir, envelope, gitleaks string
	runs                    int
	memory                  bool
}

func main() {
	var o options
	flag.StringVar(&o.dir, "dir", "", "folder to work in")
	flag.StringVar(&o.envelope, "envelope", "", "path of git-envelope")
	flag.StringVar(&o.gitleaks, "gitleaks", "", "path of gitleaks; empty: leave it out")
	flag.IntVar(&o.runs, "runs", 5, "")
	flag.BoolVar(&o.memory, "memory", true, "show the memory with large contents, too")
	flag.Parse()
	if flag.NArg() == 0 || o.dir == "" || o.envelope == "" || o.runs < 1 {
		fmt.Fprintln(os.Stderr, "scanbench: error: wrong options")
		os.Exit(2)
	}
	b := &bench{options: o}
	if err := b.run(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "scanbench: error:", err)
		os.Exit(1)
	}
}

type bench struct {
	options
	env []string
}

func (b *bench) run(repos []string) error {
	home := filepath.Join(b.dir, "home")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	b.env = []string{
		"HOME=" + home, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "LC_ALL=C", "TMPDIR=" + b.dir,
		"PATH=" + filepath.Dir(b.envelope) + string(os.PathListSeparator) + os.Getenv("PATH"),
	}
	version, _ := exec.Command("git", "version").Output()
	fmt.Printf("%s, %s, %s/%s, %s, %d CPUs; medians of %d interleaved runs, gitleaks once\n", time.Now().UTC().Format(time.DateOnly),
		strings.TrimSpace(string(version)), runtime.GOOS, runtime.GOARCH, runtime.Version(), runtime.NumCPU(), b.runs)
	for _, repo := range repos {
		if err := b.repository(repo); err != nil {
			return fmt.Errorf("%s: %w", repo, err)
		}
	}
	if b.memory {
		return b.large(repos[0])
	}
	return nil
}

// cost is what one run took: CPU and memory of the program and all it started.
type cost struct {
	cpu, wall time.Duration
	peak      int64 // KiB
}

// variant is one command; the first of several is what the others are measured by.
type variant struct {
	name    string
	argv    []string
	stdin   string // a file
	prepare func() error
	once    bool // so slow that it takes part in the first run only
}

// repository compares everything there is to compare with one history.
func (b *bench) repository(repo string) error {
	out, err := b.git(repo, "rev-list", "--all", "--count")
	if err != nil {
		return err
	}
	work := filepath.Join(b.dir, "work")
	if err := errors.Join(os.RemoveAll(work), os.Mkdir(work, 0o755)); err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if _, err := b.git("", "clone", "--quiet", "--shared", repo, filepath.Join(work, "tree")); err != nil {
		return err
	}
	names, files, err := b.blobs(work, repo)
	if err != nil {
		return err
	}
	fmt.Printf("\n%s, %s commits\n", filepath.Base(repo), strings.TrimSpace(string(out)))
	cache := func() error { return b.dropCache(repo) }
	scan := func(args ...string) []string {
		return append([]string{b.envelope, "scan"}, args...)
	}
	history := []variant{
		{name: "read all objects", argv: []string{"git", "cat-file", "--batch-all-objects", "--unordered", "--batch", "--buffer"}},
		{name: "scan --history --no-cache", argv: scan("--history", "--no-cache")},
		{name: "scan --history, first", argv: scan("--history"), prepare: cache},
		{name: "scan --history, again", argv: scan("--history")},
	}
	if b.gitleaks != "" {
		history = append(history, variant{name: "gitleaks git", once: true,
			argv: []string{b.gitleaks, "git", "--no-banner", "--log-level", "error", "--log-opts=--all", "--exit-code", "0", repo}})
	}
	tree := []variant{
		{name: "read the tree", argv: []string{"git", "cat-file", "--batch", "--buffer"}, stdin: names},
		{name: "scan --tree HEAD", argv: scan("--tree", "HEAD", "--no-cache")},
	}
	path := []variant{
		{name: "cat all files", argv: []string{"xargs", "-0", "cat", "--"}, stdin: files},
		{name: "scan PATH", argv: scan(filepath.Join(work, "tree"))},
	}
	for _, group := range [][]variant{history, tree, path} {
		if err := b.compare(repo, group); err != nil {
			return err
		}
	}
	return cache()
}

// blobs writes files that list the blobs of HEAD, and the files of a checkout.
func (b *bench) blobs(work, repo string) (names, files string, err error) {
	out, err := b.git(repo, "ls-tree", "-r", "-z", "HEAD")
	if err != nil {
		return "", "", err
	}
	var oids, paths bytes.Buffer
	for entry := range bytes.SplitSeq(bytes.TrimSuffix(out, []byte{0}), []byte{0}) {
		meta, path, _ := bytes.Cut(entry, []byte{'\t'})
		if f := bytes.Fields(meta); string(f[1]) == "blob" {
			fmt.Fprintf(&oids, "%s\n", f[2])
			fmt.Fprintf(&paths, "%s\x00", filepath.Join(work, "tree", string(path)))
		}
	}
	names, files = filepath.Join(work, "names"), filepath.Join(work, "files")
	return names, files, errors.Join(os.WriteFile(names, oids.Bytes(), 0o644), os.WriteFile(files, paths.Bytes(), 0o644))
}

func (b *bench) dropCache(repo string) error {
	out, err := b.git(repo, "rev-parse", "--path-format=absolute", "--git-common-dir")
	if err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(strings.TrimSpace(string(out)), "envelope", "scan"))
}

// compare runs the variants in turn and prints the table of their medians.
func (b *bench) compare(repo string, variants []variant) error {
	costs := make([][]cost, len(variants))
	for run := range b.runs {
		for i, v := range variants {
			if v.once && run > 0 {
				continue
			}
			if v.prepare != nil {
				if err := v.prepare(); err != nil {
					return err
				}
			}
			c, err := b.timed(repo, v.argv, v.stdin)
			if err != nil {
				return fmt.Errorf("%s: %w", v.name, err)
			}
			costs[i] = append(costs[i], c)
		}
	}
	fmt.Printf("  %-28s %9s %7s   %9s %7s   %8s\n", "", "CPU s", "×", "wall s", "×", "peak MiB")
	first := medians(costs[0])
	for i, v := range variants {
		m := medians(costs[i])
		fmt.Printf("  %-28s %9.3f %7.2f   %9.3f %7.2f   %8.1f\n", v.name, m.cpu.Seconds(), m.cpu.Seconds()/first.cpu.Seconds(),
			m.wall.Seconds(), m.wall.Seconds()/first.wall.Seconds(), float64(m.peak)/1024)
	}
	return nil
}

// medians are of the times; the peak is the highest of all.
func medians(all []cost) (m cost) {
	var cpu, wall []time.Duration
	for _, c := range all {
		cpu, wall, m.peak = append(cpu, c.cpu), append(wall, c.wall), max(m.peak, c.peak)
	}
	slices.Sort(cpu)
	slices.Sort(wall)
	m.cpu, m.wall = cpu[len(cpu)/2], wall[len(wall)/2]
	return m
}

// timed runs a command whose output nobody reads. That it found something, or
// could not look everywhere (exits 1 and 3 of git-envelope), is no failure.
func (b *bench) timed(dir string, argv []string, stdin string) (cost, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = dir, b.env
	var said bytes.Buffer
	cmd.Stderr = &said
	if stdin != "" {
		f, err := os.Open(stdin)
		if err != nil {
			return cost{}, err
		}
		defer f.Close()
		cmd.Stdin = f
	}
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if code := cmd.ProcessState.ExitCode(); err != nil && (argv[0] != b.envelope || code != 1 && code != 3) {
		return cost{}, fmt.Errorf("%w\n%s", err, said.String())
	}
	c := cost{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall: wall}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.peak = int64(u.Maxrss)
		if runtime.GOOS == "darwin" {
			c.peak /= 1024
		}
	}
	return c, nil
}

func (b *bench) git(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env, cmd.Stderr = dir, b.env, os.Stderr
	return cmd.Output()
}

const (
	largeTree = 300 << 20
	largeBlob = 1 << 30
)

// large shows the memory of scans of a large tree and of large contents.
func (b *bench) large(repo string) error {
	work := filepath.Join(b.dir, "large")
	if err := os.Mkdir(work, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(work)
	fmt.Printf("\nmemory\n  %-40s %9s %9s   %8s\n", "", "CPU s", "wall s", "peak MiB")
	tree := filepath.Join(work, "tree")
	if err := b.fill(tree, repo); err != nil {
		return err
	}
	if err := b.show(tree, "folder of 300 MiB", tree); err != nil {
		return err
	}
	if err := b.asHistory(tree, tree, "tree of 300 MiB"); err != nil {
		return err
	}
	sample, err := b.sample(repo)
	if err != nil {
		return err
	}
	contents := []struct {
		name  string
		write func(w io.Writer, r *rand.Rand, done int64) (int, error)
	}{
		{"text", func(w io.Writer, r *rand.Rand, _ int64) (int, error) { return w.Write(varied(sample, r, '\n')) }},
		{"one line", func(w io.Writer, r *rand.Rand, _ int64) (int, error) { return w.Write(varied(sample, r, ' ')) }},
		{"binary", func(w io.Writer, r *rand.Rand, _ int64) (int, error) {
			p := make([]byte, 1<<20)
			for i := 0; i < len(p); i += 8 {
				x := r.Uint64()
				for k := range 8 {
					p[i+k] = byte(x >> (8 * k))
				}
			}
			return w.Write(p)
		}},
	}
	for _, c := range contents {
		folder := filepath.Join(work, "blob")
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
		f, err := os.Create(filepath.Join(folder, "large.dat"))
		if err != nil {
			return err
		}
		r := rand.New(rand.NewPCG(1, 2))
		for n := int64(0); n < largeBlob; {
			more, err := c.write(f, r, n)
			if err != nil {
				return errors.Join(err, f.Close())
			}
			n += int64(more)
		}
		if err := f.Close(); err != nil {
			return err
		}
		what := "1 GiB, " + c.name
		if err := b.show(folder, "file of "+what, folder); err != nil {
			return err
		}
		if err := b.asHistory(folder, folder, "blob of "+what); err != nil {
			return err
		}
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
	}
	return nil
}

// fill checks out one version after the other until there are 300 MiB.
func (b *bench) fill(tree, repo string) error {
	out, err := b.git(repo, "rev-list", "HEAD")
	if err != nil {
		return err
	}
	commits := strings.Fields(string(out))
	total := int64(0)
	for i := 0; total < largeTree; i++ {
		dir := filepath.Join(tree, fmt.Sprint("version-", i))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		cmd := exec.Command("sh", "-c", `git -C "$1" archive "$2" | tar -x -C "$3"`, "sh", repo, commits[i*40%len(commits)], dir)
		cmd.Env, cmd.Stderr = b.env, os.Stderr
		if err := cmd.Run(); err != nil {
			return err
		}
		if err := filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
			if info, e := d.Info(); err == nil && e == nil && info.Mode().IsRegular() {
				total += info.Size()
			}
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// sample is some MiB of source text.
func (b *bench) sample(repo string) ([]byte, error) {
	out, err := b.git(repo, "archive", "HEAD")
	return bytes.ReplaceAll(out, []byte{0}, nil), err
}

// varied is text in which a number is put behind each line, so that none of it
// was seen before.
func varied(sample []byte, r *rand.Rand, end byte) []byte {
	out := make([]byte, 0, len(sample)*5/4)
	for line := range bytes.SplitSeq(sample, []byte{'\n'}) {
		out = fmt.Appendf(out, "%s %x%c", line, r.Uint32(), end)
	}
	return out
}

// asHistory commits a folder and scans it as history and as tree.
func (b *bench) asHistory(folder, dir, what string) error {
	for _, args := range [][]string{
		{"init", "--quiet"}, {"config", "core.compression", "1"}, {"add", "."},
		{"-c", "user.name=Bench", "-c", "user.email=bench@example.invalid", "commit", "--quiet", "--message=large"},
	} {
		if _, err := b.git(folder, args...); err != nil {
			return err
		}
	}
	if err := b.show(dir, what+", --history", "--history", "--no-cache"); err != nil {
		return err
	}
	return b.show(dir, what+", --tree", "--tree", "HEAD", "--no-cache")
}

func (b *bench) show(dir, what string, args ...string) error {
	c, err := b.timed(dir, append([]string{b.envelope, "scan"}, args...), "")
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	fmt.Printf("  %-40s %9.3f %9.3f   %8.1f\n", what, c.cpu.Seconds(), c.wall.Seconds(), float64(c.peak)/1024)
	return nil
}
