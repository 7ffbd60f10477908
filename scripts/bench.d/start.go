//go:build ignore

// Start times how long a filter process takes from its start until it has
// answered one request that needs no cloud: a smudge of a file sealed for an age
// recipient. It compares programs, interleaved, by medians. scripts/bench --start
// builds and starts it.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "start: error:", err)
		os.Exit(1)
	}
}

// run measures programs, the first being the one that the others are compared with.
func run(dir, runs string, programs []string) error {
	n, err := strconv.Atoi(runs)
	if err != nil || n < 1 || len(programs) < 2 {
		return errors.New("usage: start DIR RUNS BASELINE PROGRAM...")
	}
	w := &world{dir: filepath.Join(dir, "start"), home: filepath.Join(dir, "starthome")}
	blob, err := w.make(programs[0])
	if err != nil {
		return err
	}
	works := []struct {
		name string
		once func(program string) error
	}{
		{"version", func(program string) error { return w.command(program, "version").Run() }},
		{"filter process, one smudge", func(program string) error { return w.smudge(program, blob) }},
	}
	fmt.Printf("median of %d interleaved runs\n\n| | ms | × %s |\n|---|---|---|\n", n, filepath.Base(programs[0]))
	for _, work := range works {
		took := make([][]time.Duration, len(programs))
		for range n {
			for i, program := range programs {
				start := time.Now()
				if err := work.once(program); err != nil {
					return fmt.Errorf("%s: %s: %w", program, work.name, err)
				}
				took[i] = append(took[i], time.Since(start))
			}
		}
		base := median(took[0])
		for i, program := range programs {
			m := median(took[i])
			fmt.Printf("| %s: %s | %.2f | %.2f |\n", work.name, filepath.Base(program), float64(m.Microseconds())/1000, float64(m)/float64(base))
		}
	}
	return nil
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

type world struct{ dir, home string }

func (w *world) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = w.dir
	cmd.Env = []string{"HOME=" + w.home, "PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + filepath.Join(w.home, "gitconfig"), "LC_ALL=C",
		"GIT_ENVELOPE_AGENT=off"}
	return cmd
}

// make makes a repository with one sealed file, and gives its blob.
func (w *world) make(program string) ([]byte, error) {
	for _, dir := range []string{w.dir, w.home, filepath.Join(w.dir, "secret")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(filepath.Join(w.dir, "secret", "a"), bytes.Repeat([]byte("key: value\n"), 200), 0o600); err != nil {
		return nil, err
	}
	for _, args := range [][]string{{"git", "init", "-q"}, {program, "init"}, {program, "seal", "secret/**"}, {"git", "add", "."}} {
		if out, err := w.command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%v: %w: %s", args, err, out)
		}
	}
	return w.command("git", "cat-file", "blob", ":secret/a").Output()
}

// smudge speaks Git's protocol once (gitattributes(5), "Long Running Filter Process").
func (w *world) smudge(program string, blob []byte) error {
	cmd := w.command(program, "filter-process")
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	r := bufio.NewReader(out)
	say := func(lines ...string) {
		for _, l := range lines {
			fmt.Fprintf(in, "%04x%s\n", len(l)+5, l)
		}
		fmt.Fprint(in, "0000")
	}
	say("git-filter-client", "version=2")
	err = skip(r, 1)
	say("capability=clean", "capability=smudge")
	err = errors.Join(err, skip(r, 1))
	say("command=smudge", "pathname=secret/a")
	fmt.Fprintf(in, "%04x%s0000", len(blob)+4, blob)
	first, perr := packet(r)
	err = errors.Join(err, perr)
	if err == nil && string(first) != "status=success\n" {
		err = fmt.Errorf("answered %q", first)
	}
	err = errors.Join(err, skip(r, 3)) // the status list, content, its closing status
	return errors.Join(err, in.Close(), cmd.Wait())
}

// skip reads to the n-th flush packet.
func skip(r *bufio.Reader, n int) error {
	for n > 0 {
		b, err := packet(r)
		if err != nil {
			return err
		}
		if b == nil {
			n--
		}
	}
	return nil
}

// packet is nil for a flush packet.
func packet(r *bufio.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(string(head[:]), 16, 16)
	if err != nil || n == 0 {
		return nil, err
	}
	b := make([]byte, n-4)
	_, err = io.ReadFull(r, b)
	return b, err
}
