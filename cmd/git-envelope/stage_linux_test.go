package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestStageWritesNoPlaintext watches the system calls of 'stage -p' and of every
// git it runs: plaintext goes to the terminal, and nothing but the index and
// objects is opened for writing, not even a file that is gone at the end.
func TestStageWritesNoPlaintext(t *testing.T) {
	trace := []string{"strace", "-f", "-qq", "-y", "-s", "100000", "-e", "trace=open,openat,creat,memfd_create,write,pwrite64,writev,sendto,sendmsg"}
	if exec.Command(trace[0], append(trace[1:], "-o", os.DevNull, "true")...).Run() != nil {
		t.Skip("this system has no strace that may look")
	}
	work := t.TempDir()
	dir, log := filepath.Join(work, "r"), filepath.Join(work, "log")
	home, err := makeHome(work, "alice")
	if err != nil {
		t.Fatal(err)
	}
	w := &witness{t: t, dir: dir, env: append(os.Environ(), scriptEnvironment()...), places: map[string][]byte{}}
	w.env = append(w.env, "HOME="+home, "GIT_CONFIG_GLOBAL="+filepath.Join(home, "gitconfig"), "TMPDIR="+work, "XDG_RUNTIME_DIR="+work, "TERM=xterm")
	w.run(work, "git", "init", "-q", "r")
	w.run(dir, "git", "envelope", "init")
	w.run(dir, "git", "envelope", "seal", "secret/**")
	w.run(dir, "sh", "-ec", "mkdir secret; seq 2000 > secret/f; git add .; git commit -qm one; (echo rose-garden-1; seq 2000; echo rose-garden-2) > secret/f")
	w.run(dir, "pty", append([]string{"y n"}, append(append(trace, "-o", log), "git-envelope", "stage", "-p")...)...)

	told, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	opened := regexp.MustCompile(`(?:open|openat|creat)\((?:AT_FDCWD<[^>]*>, |\d+<[^>]*>, )?"([^"]*)", .*O_(?:WRONLY|RDWR|CREAT)`)
	mayOpen := regexp.MustCompile(`^/dev/(null|tty|pts/\d+)$|\.git/(index\.lock|objects/.*tmp_obj_\w+)$`)
	shown, stored := 0, 0
	for line := range strings.Lines(string(told)) {
		if m := opened.FindStringSubmatch(line); m != nil {
			if stored++; !mayOpen.MatchString(m[1]) {
				t.Errorf("opened for writing: %s", m[1])
			}
		}
		if strings.Contains(line, "memfd_create(") {
			t.Errorf("a file in memory: %s", line)
		}
		if strings.Contains(line, "rose-garden-") {
			if shown++; !regexp.MustCompile(`write\([12]</dev/pts/\d+>`).MatchString(line) {
				t.Errorf("plaintext left the process: %.200s", line)
			}
		}
	}
	if shown < 2 || stored < 2 {
		t.Errorf("saw plaintext %d times and %d files: the watch does not work", shown, stored)
	}
}
