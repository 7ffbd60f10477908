//go:build ignore

// Hook times a commit hook: what it adds to 'git commit' is what it takes beside a
// hook that does nothing. Runs are interleaved, medians are shown. scripts/bench
// --hook builds and starts it.
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
	"time"
)

func main() {
	var b bench
	flag.StringVar(&b.dir, "dir", "", "folder to work in")
	flag.StringVar(&b.gitleaks, "gitleaks", "", "gitleaks, if it is there")
	flag.IntVar(&b.runs, "runs", 31, "interleaved runs")
	flag.Parse()
	if err := b.run(); err != nil {
		fmt.Fprintln(os.Stderr, "hook: error:", err)
		os.Exit(1)
	}
}

type bench struct {
	dir, gitleaks string
	runs          int
}

// scenes are repositories of so many files, of which some are staged.
var scenes = []struct {
	name          string
	files, staged int
	policy        bool
}{
	{"1 file staged of 20", 20, 1, false},
	{"1 file staged of 2,000", 2000, 1, false},
	{"1 file staged of 2,000, with a policy, 20 sealed", 2000, 1, true},
	{"200 files staged of 2,000", 2000, 200, false},
	{"200 files staged of 2,000, with a policy, 20 sealed", 2000, 200, true},
}

func (b *bench) run() error {
	if b.runs < 1 {
		return errors.New("--runs must be positive")
	}
	commands := [][]string{
		{"empty hook", "sh", filepath.Join(b.dir, "empty")},
		{"git diff --cached", "git", "diff", "--cached"},
		{"git-envelope", "sh", ".git/hooks/pre-commit"},
	}
	if err := os.WriteFile(filepath.Join(b.dir, "empty"), []byte("#!/bin/sh\nexit 0\n"), 0o700); err != nil {
		return err
	}
	if b.gitleaks != "" {
		commands = append(commands, []string{"gitleaks", b.gitleaks, "git", "--pre-commit", "--staged", "--no-banner"})
	}
	fmt.Printf("median of %d interleaved runs\n\n| | ms | over the empty hook, ms | × git diff | CPU, ms | CPU × git diff |\n|---|---|---|---|---|---|\n", b.runs)
	for i, s := range scenes {
		dir := filepath.Join(b.dir, fmt.Sprintf("scene%d", i))
		if err := b.repository(dir, s.files, s.staged, s.policy); err != nil {
			return err
		}
		if err := b.measure(dir, s.name, commands); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) measure(dir, scene string, commands [][]string) error {
	wall, cpu := make([][]time.Duration, len(commands)), make([][]time.Duration, len(commands))
	for range b.runs {
		for i, c := range commands {
			cmd := b.command(dir, c[1], c[2:]...)
			start := time.Now()
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("%s: %s: %w", scene, c[0], err)
			}
			wall[i] = append(wall[i], time.Since(start))
			cpu[i] = append(cpu[i], cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
		}
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	empty, diff, diffCPU := median(wall[0]), median(wall[1]), median(cpu[1])
	for i, c := range commands {
		w, u := median(wall[i]), median(cpu[i])
		fmt.Printf("| %s: %s | %.1f | %.1f | %.1f | %.1f | %.1f |\n", scene, c[0], ms(w), ms(w-empty), float64(w)/float64(diff), ms(u), float64(u)/float64(diffCPU))
	}
	return nil
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func (b *bench) command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	home := filepath.Join(b.dir, "hookhome")
	cmd.Env = []string{"HOME=" + home, "PATH=" + filepath.Join(b.dir, "bin") + ":" + os.Getenv("PATH"), "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=" + filepath.Join(home, "gitconfig"), "GIT_ENVELOPE_AGENT=off", "GIT_PAGER=cat"}
	return cmd
}

// repository makes files of some 4 KiB that look like source code, commits them
// twice, and stages a change of some.
func (b *bench) repository(dir string, files, staged int, policy bool) error {
	home := filepath.Join(b.dir, "hookhome")
	if err := errors.Join(os.MkdirAll(home, 0o700), os.MkdirAll(dir, 0o700)); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(home, "gitconfig"), []byte("[user]\n\tname = bench\n\temail = bench@example.com\n"), 0o600); err != nil {
		return err
	}
	steps := [][]string{{"git", "init", "-q"}}
	if policy {
		steps = append(steps, []string{"git-envelope", "init"}, []string{"git-envelope", "seal", "secret/**"})
	} else {
		steps = append(steps, []string{"git-envelope", "install"})
	}
	if err := b.steps(dir, steps...); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, uint64(files)))
	for i := range files {
		if err := write(dir, fmt.Sprintf("dir%02d/file%04d.go", i%40, i), source(r)); err != nil {
			return err
		}
	}
	for i := 0; policy && i < 20; i++ {
		if err := write(dir, fmt.Sprintf("secret/%d.yaml", i), fmt.Sprintf("user: u%d\npassword: %016x%016x\n", i, r.Uint64(), r.Uint64())); err != nil {
			return err
		}
	}
	commit := []string{"git", "commit", "-qm", "files", "--no-verify"}
	if err := b.steps(dir, []string{"git", "add", "."}, commit, []string{"git", "gc", "-q"}); err != nil {
		return err
	}
	for i := range staged {
		name := filepath.Join(dir, fmt.Sprintf("dir%02d/file%04d.go", i%40, i))
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(name, append(text, "\n// one line more\n"...), 0o600); err != nil {
			return err
		}
	}
	return b.steps(dir, []string{"git", "commit", "-q", "--allow-empty", "-m", "more", "--no-verify"}, []string{"git", "add", "."})
}

func (b *bench) steps(dir string, steps ...[]string) error {
	for _, s := range steps {
		if s[0] == "git-envelope" {
			s[0] = filepath.Join(b.dir, "bin", "git-envelope")
		}
		if out, err := b.command(dir, s[0], s[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w: %s", s, err, out)
		}
	}
	return nil
}

func write(dir, name, text string) error {
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o600)
}

var words = strings.Fields("context config client request reader name value error buffer index token user session handler parse write first last table count limit path")

// source is a text with names, calls and comments in it.
func source(r *rand.Rand) string {
	var t strings.Builder
	word := func() string { return words[r.IntN(len(words))] }
	for t.Len() < 4096 {
		fmt.Fprintf(&t, "// %s %s the %s\nfunc (%s *%s) %s%d(%s string) error {\n\tif %s := %s.%s(%d); %s != nil {\n\t\treturn %s\n\t}\n}\n\n",
			word(), word(), word(), "x", word(), word(), r.IntN(1000), word(), word(), word(), word(), r.IntN(100), word(), word())
	}
	return t.String()
}
