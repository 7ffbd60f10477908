//go:build ignore

// Reseal times 'git envelope reseal' of many small files against 'git add' of the
// same files into an empty index: without a filter, through one that changes
// nothing, and through git-envelope, which is the other way to seal everything
// anew. Runs are interleaved, each in a fresh copy of the repository, and medians
// are shown. scripts/bench --reseal builds and starts it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const runs, size = 5, 4096

func main() {
	dir := flag.String("dir", "", "folder to work in")
	n := flag.Int("files", 5000, "how many files")
	flag.Parse()
	if err := run(&bench{*dir, *n}); err != nil {
		fmt.Fprintln(os.Stderr, "reseal: error:", err)
		os.Exit(1)
	}
}

type bench struct {
	dir   string
	files int
}

// way is one way to have all files stored.
type way struct {
	name, repo string
	argv       []string
	empty      bool // the index is removed first

	wall, cpu []time.Duration
	peak      int64 // KiB, of any process
}

func run(b *bench) error {
	envelope := filepath.Join(b.dir, "bin", "git-envelope")
	ways := []*way{
		{name: "git add, no filter", repo: "none", argv: []string{"git", "add", "secret"}, empty: true},
		{name: "git add, pass-through", repo: "same", argv: []string{"git", "add", "secret"}, empty: true},
		{name: "git add, git-envelope", repo: "envelope", argv: []string{"git", "add", "secret"}, empty: true},
		{name: "git envelope reseal", repo: "envelope", argv: []string{envelope, "reseal"}},
	}
	if err := b.repositories(envelope); err != nil {
		return err
	}
	for range runs {
		for _, w := range ways {
			if err := b.once(w); err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
		}
	}
	fmt.Printf("%d files of %d bytes, medians of %d interleaved runs\n\n| | CPU s | × pass-through | wall s | × pass-through | files/s | peak MiB |\n|---|---|---|---|---|---|---|\n", b.files, size, runs)
	for _, w := range ways {
		cpu, wall := median(w.cpu), median(w.wall)
		fmt.Printf("| %s | %.3f | %.2f | %.3f | %.2f | %.0f | %.0f |\n", w.name, cpu.Seconds(), float64(cpu)/float64(median(ways[1].cpu)),
			wall.Seconds(), float64(wall)/float64(median(ways[1].wall)), float64(b.files)/wall.Seconds(), float64(w.peak)/1024)
	}
	return nil
}

func median(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2]
}

func (b *bench) once(w *way) error {
	fresh, live := filepath.Join(b.dir, w.repo, ".git-fresh"), filepath.Join(b.dir, w.repo, ".git")
	if err := errors.Join(os.RemoveAll(live), os.CopyFS(live, os.DirFS(fresh))); err != nil {
		return err
	}
	index := filepath.Join(live, "index")
	if w.empty {
		if err := os.Remove(index); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	} else if err := b.steps(w.repo, []string{"git", "update-index", "-q", "--refresh"}); err != nil {
		return err
	}
	cmd := b.command(w.repo, w.argv...)
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	w.wall = append(w.wall, time.Since(start))
	w.cpu = append(w.cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		w.peak = max(w.peak, usage.Maxrss)
	}
	return nil
}

func (b *bench) command(repo string, argv ...string) *exec.Cmd {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = filepath.Join(b.dir, repo)
	home := filepath.Join(b.dir, "resealhome")
	cmd.Env = []string{"HOME=" + home, "PATH=" + filepath.Join(b.dir, "bin") + ":" + os.Getenv("PATH"), "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=" + filepath.Join(home, "gitconfig"), "GIT_ENVELOPE_AGENT=off"}
	return cmd
}

func (b *bench) steps(repo string, steps ...[]string) error {
	for _, s := range steps {
		if out, err := b.command(repo, s...).CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w: %s", s, err, out)
		}
	}
	return nil
}

// repositories makes the same files in three of them, that of git-envelope being
// sealed and then rotated.
func (b *bench) repositories(envelope string) error {
	home := filepath.Join(b.dir, "resealhome")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(home, "gitconfig"), []byte("[user]\n\tname = bench\n\temail = bench@example.com\n"), 0o600); err != nil {
		return err
	}
	same := filepath.Join(b.dir, "bin", "passthrough")
	setup := map[string][][]string{
		"none":     {{"git", "init", "-q"}},
		"same":     {{"git", "init", "-q"}, {"git", "config", "filter.same.process", same}, {"git", "config", "filter.same.required", "true"}},
		"envelope": {{"git", "init", "-q"}, {envelope, "init"}, {envelope, "seal", "secret/**"}},
	}
	commit := [][]string{{"git", "add", "."}, {"git", "commit", "-qm", "files", "--no-verify"}}
	for repo, steps := range setup {
		dir := filepath.Join(b.dir, repo)
		if err := os.MkdirAll(filepath.Join(dir, "secret"), 0o700); err != nil {
			return err
		}
		if repo == "same" {
			if err := os.WriteFile(filepath.Join(dir, ".gitattributes"), []byte("secret/** filter=same -text\n"), 0o600); err != nil {
				return err
			}
		}
		if err := errors.Join(b.steps(repo, steps...), b.write(filepath.Join(dir, "secret"))); err != nil {
			return err
		}
		if repo == "envelope" { // the others have stored nothing yet
			if err := errors.Join(b.steps(repo, commit...), b.steps(repo, []string{envelope, "rotate"}, commit[1])); err != nil {
				return err
			}
		}
		if err := os.Rename(filepath.Join(dir, ".git"), filepath.Join(dir, ".git-fresh")); err != nil {
			return err
		}
	}
	return nil
}

// write makes files that look like text and were not written just now.
func (b *bench) write(dir string) error {
	r := rand.New(rand.NewPCG(1, 2))
	words := make([]string, 2000)
	for i := range words {
		words[i] = fmt.Sprintf("%x", r.Uint32())
	}
	for i := range b.files {
		var t strings.Builder
		for t.Len() < size {
			t.WriteString(words[r.IntN(len(words))] + " ")
		}
		name := filepath.Join(dir, fmt.Sprintf("file%05d", i))
		if err := errors.Join(os.WriteFile(name, []byte(t.String()[:size]), 0o600), os.Chtimes(name, time.Time{}, time.Unix(1e9, 0))); err != nil {
			return err
		}
	}
	return nil
}
