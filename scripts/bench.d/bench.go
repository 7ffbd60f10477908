//go:build ignore

// Bench times Git commands with several filters in turn and prints a table of
// ratios. scripts/bench builds and starts it; see there.
//
// To measure one more thing, add a work to smallWorks; one more competitor, add
// a variant.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type options struct {
	dir, disk, gitCrypt string
	runs, files, size   int
	large               bool
	largeSize           int
}

// variant is one way to have files stored.
type variant struct {
	name  string
	setup func(r *repo) error
	// prefix is what every stored file must begin with, lest we measure nothing.
	prefix string
	// once: so slow that it takes part in the first run only.
	once bool
	// skipped says why it does not take part.
	skipped string
}

// work is one thing whose cost is measured: prepare is not part of it.
type work struct {
	name    string
	prepare func(r *repo) error
	args    []string
	// spare the slow variants.
	spare bool
}

// cost is what one run of one work took.
type cost struct{ cpu, wall time.Duration }

func main() {
	if len(os.Args) > 3 && os.Args[1] == "peak" {
		os.Exit(peak(os.Args[2], os.Args[3:]))
	}
	var o options
	flag.StringVar(&o.dir, "dir", "", "folder to work in, with our programs in bin")
	flag.StringVar(&o.disk, "disk", "", "what to say of the folder")
	flag.StringVar(&o.gitCrypt, "git-crypt", "", "path of git-crypt; empty: not installed")
	flag.IntVar(&o.runs, "runs", 5, "")
	flag.IntVar(&o.files, "files", 2000, "")
	flag.IntVar(&o.size, "size", 4096, "")
	flag.BoolVar(&o.large, "large", false, "")
	flag.IntVar(&o.largeSize, "large-size", 256, "MiB")
	flag.Parse()
	if flag.NArg() > 0 || o.dir == "" || o.runs < 1 || o.files < 1 || o.size < 1 || o.largeSize < 1 {
		fmt.Fprintln(os.Stderr, "bench: error: wrong options")
		fmt.Fprintln(os.Stderr, "bench: hint: scripts/bench --help")
		os.Exit(2)
	}
	b := &bench{options: o, env: environment(o.dir)}
	if err := b.run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench: error:", err)
		os.Exit(1)
	}
}

type bench struct {
	options
	env   []string
	costs map[string]map[string][]cost // by work, by variant
}

// environment has nothing of the user's in it; the spool goes to the same disk.
func environment(dir string) []string {
	home, tmp := filepath.Join(dir, "home"), filepath.Join(dir, "tmp")
	_ = os.MkdirAll(home, 0o700)
	_ = os.MkdirAll(tmp, 0o700)
	return []string{
		"HOME=" + home, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + filepath.Join(home, ".gitconfig"),
		"GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "TMPDIR=" + tmp,
		"PATH=" + filepath.Join(dir, "bin") + string(os.PathListSeparator) + os.Getenv("PATH"),
	}
}

func (b *bench) variants() []variant {
	none := variant{name: "no filter", setup: func(*repo) error { return nil }}
	ours := variant{name: "git-envelope", setup: setupEnvelope, prefix: "\x00git-envelope\x00"}
	if b.large {
		return []variant{none, ours}
	}
	crypt := variant{name: "git-crypt", setup: setupGitCrypt, prefix: "\x00GITCRYPT\x00", once: true}
	if b.gitCrypt == "" {
		crypt.skipped = "not installed, and could not be"
	}
	return []variant{none, {name: "pass-through", setup: setupPassThrough}, ours, crypt}
}

func setupPassThrough(r *repo) error {
	return errors.Join(
		r.write(".gitattributes", "/files/** filter=pass -text\n"),
		r.git("config", "filter.pass.process", "passthrough"),
		r.git("config", "filter.pass.required", "true"))
}

func setupEnvelope(r *repo) error {
	return errors.Join(r.git("envelope", "init"), r.git("envelope", "seal", "files/**"))
}

func setupGitCrypt(r *repo) error {
	return errors.Join(
		r.write(".gitattributes", "/files/** filter=git-crypt diff=git-crypt\n"),
		r.git("crypt", "init"))
}

var smallWorks = []work{
	{name: "add", args: []string{"add", "files"}},
	{name: "checkout", prepare: (*repo).removeFiles, args: []string{"checkout", "--", "files"}},
	{name: "status, all touched", prepare: (*repo).touchFiles, args: []string{"status", "--porcelain"}, spare: true},
}

var largeWorks = smallWorks[:2]

func (b *bench) run() error {
	if err := os.WriteFile(filepath.Join(b.dir, "home", ".gitconfig"), []byte("[gc]\n\tauto = 0\n"), 0o600); err != nil {
		return err
	}
	works, what := smallWorks, fmt.Sprintf("%d files of %d bytes", b.files, b.size)
	content := smallFiles(b.files, b.size)
	if b.large {
		works, what = largeWorks, fmt.Sprintf("one text-like file of %d MiB", b.largeSize)
		content = map[string][]byte{"dump.sql": text(b.largeSize<<20, 1)}
	}
	b.heading(what)
	variants := b.variants()
	b.costs = map[string]map[string][]cost{}
	for round := range b.runs {
		for _, v := range variants {
			if v.skipped != "" || v.once && round > 0 {
				continue
			}
			if err := b.round(v, works, content); err != nil {
				return fmt.Errorf("%s: %w", v.name, err)
			}
			fmt.Fprint(os.Stderr, ".")
		}
	}
	fmt.Fprintln(os.Stderr)
	b.table(works, variants)
	if b.large {
		return b.memory(content)
	}
	return nil
}

func (b *bench) heading(what string) {
	version, _ := exec.Command("git", "version").Output()
	fmt.Printf("%s; medians of %d interleaved runs\n", what, b.runs)
	fmt.Printf("%s, %s, %s/%s, %s, %d CPUs%s\nin %s\n", time.Now().UTC().Format(time.DateOnly), strings.TrimSpace(string(version)),
		runtime.GOOS, runtime.GOARCH, runtime.Version(), runtime.NumCPU(), load(), b.disk)
}

// load tells how busy the machine was before we started.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if f := strings.Fields(string(text)); err == nil && len(f) > 0 {
		return ", load " + f[0]
	}
	return ""
}

// round measures all works once, in a new repository.
func (b *bench) round(v variant, works []work, content map[string][]byte) error {
	r, err := b.newRepo(v, content)
	if err != nil {
		return err
	}
	defer os.RemoveAll(r.dir)
	for _, w := range works {
		if w.spare && v.once {
			continue
		}
		if w.prepare != nil {
			if err := w.prepare(r); err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
		}
		c, err := r.timed(w.args...)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		if err := r.verify(v); err != nil {
			return fmt.Errorf("after %s: %w", w.name, err)
		}
		if b.costs[w.name] == nil {
			b.costs[w.name] = map[string][]cost{}
		}
		b.costs[w.name][v.name] = append(b.costs[w.name][v.name], c)
	}
	return nil
}

func (b *bench) table(works []work, variants []variant) {
	fmt.Printf("\n%-22s %9s %8s %8s   %9s %8s %8s %5s\n", "", "CPU s", "×none", "×pass", "wall s", "×none", "×pass", "runs")
	for _, w := range works {
		fmt.Println(w.name)
		none, pass := medians(b.costs[w.name]["no filter"]), medians(b.costs[w.name]["pass-through"])
		for _, v := range variants {
			if w.spare && v.once {
				continue // told by scripts/bench --help
			}
			if v.skipped != "" {
				fmt.Printf("  %-20s skipped: %s\n", v.name, v.skipped)
				continue
			}
			all := b.costs[w.name][v.name]
			m := medians(all)
			fmt.Printf("  %-20s %9.3f %8s %8s   %9.3f %8s %8s %5d\n", v.name,
				m.cpu.Seconds(), ratio(m.cpu, none.cpu), ratio(m.cpu, pass.cpu),
				m.wall.Seconds(), ratio(m.wall, none.wall), ratio(m.wall, pass.wall), len(all))
		}
	}
}

func medians(all []cost) cost {
	if len(all) == 0 {
		return cost{}
	}
	var cpu, wall []time.Duration
	for _, c := range all {
		cpu, wall = append(cpu, c.cpu), append(wall, c.wall)
	}
	slices.Sort(cpu)
	slices.Sort(wall)
	return cost{cpu[len(cpu)/2], wall[len(wall)/2]}
}

func ratio(a, b time.Duration) string {
	if b == 0 {
		return ""
	}
	return strconv.FormatFloat(a.Seconds()/b.Seconds(), 'f', 2, 64)
}

// memory tells the most memory that one filter process had, in runs of their own.
func (b *bench) memory(content map[string][]byte) error {
	ours := b.variants()[1]
	r, err := b.newRepo(ours, content)
	if err != nil {
		return err
	}
	defer os.RemoveAll(r.dir)
	report := filepath.Join(b.dir, "peak")
	wrapped := fmt.Sprintf("bench peak '%s' git-envelope filter-process", report)
	if err := r.git("config", "filter.envelope.process", wrapped); err != nil {
		return err
	}
	fmt.Println()
	for _, w := range largeWorks {
		if w.prepare != nil {
			if err := w.prepare(r); err != nil {
				return err
			}
		}
		if err := errors.Join(r.git(w.args...), r.verify(ours)); err != nil {
			return err
		}
		kib, err := os.ReadFile(report)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(kib))
		if err != nil {
			return err
		}
		fmt.Printf("peak resident memory of git-envelope, %-9s %6.1f MiB\n", w.name+":", float64(n)/1024)
		if err := os.Remove(report); err != nil {
			return err
		}
	}
	stored, err := r.storedSize()
	plain := 0
	for _, c := range content {
		plain += len(c)
	}
	fmt.Printf("sealed size: %.1f%% of the plaintext\n", 100*float64(stored)/float64(plain))
	return err
}

// peak runs a command and writes its peak memory in KiB to a file. It does
// nothing else, since on Linux the child inherits our own peak.
func peak(report string, argv []string) int {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		kib := u.Maxrss
		if runtime.GOOS == "darwin" {
			kib /= 1024
		}
		_ = os.WriteFile(report, []byte(strconv.FormatInt(int64(kib), 10)), 0o600)
	}
	if err != nil {
		return 1
	}
	return 0
}

// repo is a repository with the content in its folder "files".
type repo struct {
	dir     string
	env     []string
	content map[string][]byte
}

func (b *bench) newRepo(v variant, content map[string][]byte) (*repo, error) {
	r := &repo{dir: filepath.Join(b.dir, "repo"), env: b.env, content: content}
	if err := errors.Join(os.RemoveAll(r.dir), os.Mkdir(r.dir, 0o755)); err != nil {
		return nil, err
	}
	if err := r.git("init", "--quiet"); err != nil {
		return nil, err
	}
	if err := v.setup(r); err != nil {
		return nil, err
	}
	for name, c := range content {
		if err := r.write(filepath.Join("files", name), string(c)); err != nil {
			return nil, err
		}
	}
	// What is as young as the index has to be read again by git: "racily clean".
	return r, r.touchFiles()
}

func (r *repo) write(name, text string) error {
	name = filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o644)
}

func (r *repo) removeFiles() error { return os.RemoveAll(filepath.Join(r.dir, "files")) }

// touchFiles gives every file another time, a while ago.
func (r *repo) touchFiles() error {
	when := time.Now().Add(-time.Hour - time.Duration(rand.IntN(1000))*time.Second)
	for name := range r.content {
		if err := os.Chtimes(filepath.Join(r.dir, "files", name), when, when); err != nil {
			return err
		}
	}
	return nil
}

// verify tells whether the work tree is as it should be and what Git stored is
// of the variant: a filter that did not run would look fast.
func (r *repo) verify(v variant) error {
	for name, want := range r.content {
		got, err := os.ReadFile(filepath.Join(r.dir, "files", name))
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("%s is not what it was", name)
		}
	}
	first := slices.Min(keysOf(r.content))
	stored, err := r.command("cat-file", "blob", ":files/"+first).Output()
	if err != nil {
		return err
	}
	if v.prefix == "" && bytes.Equal(stored, r.content[first]) || v.prefix != "" && bytes.HasPrefix(stored, []byte(v.prefix)) {
		return nil
	}
	return fmt.Errorf("%s is not stored as it should be", first)
}

func (r *repo) storedSize() (int, error) {
	first := slices.Min(keysOf(r.content))
	out, err := r.command("cat-file", "-s", ":files/"+first).Output()
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(out)))
}

func keysOf(m map[string][]byte) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

func (r *repo) command(args ...string) *exec.Cmd {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = r.dir, r.env
	return cmd
}

func (r *repo) git(args ...string) error {
	_, err := r.timed(args...)
	return err
}

// timed runs git. What it waited for counts as its own, and it waits for its
// filters.
func (r *repo) timed(args ...string) (cost, error) {
	cmd := r.command(args...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return cost{}, fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, said.String())
	}
	return cost{cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall}, nil
}

func smallFiles(n, size int) map[string][]byte {
	m := make(map[string][]byte, n)
	for i := range n {
		m[fmt.Sprintf("service-%05d.yaml", i)] = text(size, uint64(i))
	}
	return m
}

// text is what settings, state files and dumps are like: words that repeat, and
// values that do not. The same seed gives the same text.
func text(size int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 7))
	names := []string{"host", "user", "password", "region", "timeout", "endpoint", "role", "bucket", "replicas", "token"}
	b := make([]byte, 0, size+128)
	for n := 0; len(b) < size; n++ {
		switch name := names[r.IntN(len(names))]; r.IntN(4) {
		case 0:
			b = fmt.Appendf(b, "- name: %s-%d\n", name, n)
		case 1:
			b = fmt.Appendf(b, "  %s: %x\n", name, r.Uint64())
		case 2:
			b = fmt.Appendf(b, "  %s_%d: https://%s.eu-west-1.example.com/%d\n", name, r.IntN(9), name, r.IntN(1e6))
		default:
			b = fmt.Appendf(b, "  %s_enabled: %t # see the runbook before you change it\n", name, r.IntN(2) == 0)
		}
	}
	return b[:size]
}
