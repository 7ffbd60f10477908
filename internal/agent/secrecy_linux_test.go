package agent

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// No other process of the user can read the agent's memory.
func TestNotDumpable(t *testing.T) {
	uid := uint32(os.Geteuid())
	dir := folder(t)
	if uid == 0 {
		uid = nobody
		must(t, os.Chmod(filepath.Dir(dir), 0o777))
	}
	agent, plain := as(uid, role("role:serve", dir)), as(uid, role("role:plain"))
	begin(t, agent)
	begin(t, plain)
	peek := func(cmd *exec.Cmd) (string, error) {
		out, err := as(uid, role("role:peek", strconv.Itoa(cmd.Process.Pid))).CombinedOutput()
		return string(out), err
	}
	if out, err := peek(agent); err == nil || !strings.Contains(out, "permission denied") {
		t.Errorf("the agent's memory: %s, %v", out, err)
	}
	if out, err := peek(plain); err != nil {
		t.Skipf("no other program's memory can be read either: %s", out)
	}
}

// A crash leaves no core file, whatever the limit was.
func TestNoCore(t *testing.T) {
	if pattern, _ := os.ReadFile("/proc/sys/kernel/core_pattern"); strings.ContainsAny(string(pattern), "|/") {
		t.Skipf("core files don't go to the working folder here, but to %s", pattern)
	}
	const unlimited = "ulimit -c unlimited"
	if out, err := exec.Command("sh", "-c", unlimited).CombinedOutput(); err != nil {
		t.Skipf("the limit on core files can't be raised: %s", out)
	}
	crash := func(args ...string) (found []string) {
		dir := t.TempDir()
		cmd := role(args...)
		exe, err := os.Executable()
		must(t, err)
		cmd.Path = "/bin/sh"
		cmd.Args = append([]string{"sh", "-c", unlimited + ` && exec "$0" "$@"`, exe}, args...)
		cmd.Dir = dir
		cmd.Env = append(cmd.Env, "GOTRACEBACK=crash")
		begin(t, cmd)
		must(t, cmd.Process.Signal(syscall.SIGABRT))
		_ = cmd.Wait()
		found, err = filepath.Glob(filepath.Join(dir, "core*"))
		must(t, err)
		return found
	}
	if len(crash("role:plain")) == 0 {
		t.Skip("no program leaves a core file here")
	}
	if found := crash("role:serve", folder(t)); len(found) > 0 {
		t.Errorf("left %v", found)
	}
}

// Keys are in locked memory that core dumps leave out, and nowhere else; after a
// wipe they are nowhere.
func TestMemory(t *testing.T) {
	needRoot(t, "look into an agent")
	client, pid := background(t)
	kept, passed := keyOf(t, 0x5a), keyOf(t, 0xa5)
	p, q := place("r", "kept", 1), place("r", "passed", 2)
	if places := find(t, pid, kept.Bytes()[:]); len(places) > 0 {
		t.Fatalf("a key that nobody put: %v", places)
	}
	must(t, client.Put(t.Context(), p, kept, hour))
	must(t, client.Put(t.Context(), q, passed, hour))
	for range 100 { // every place that answers, and the way out
		if got, _, err := client.Get(t.Context(), p); err != nil || !got.Equal(kept) {
			t.Fatal(err)
		}
	}
	must(t, client.Put(t.Context(), q, newKey(t), hour)) // the former one is overwritten
	places := find(t, pid, kept.Bytes()[:])
	if len(places) != 1 {
		t.Errorf("the key is in %d places", len(places))
	}
	for _, m := range places {
		for _, flag := range []string{"lo", "dd", "dc"} { // locked, not dumped, not forked
			if !slices.Contains(m.flags, flag) {
				t.Errorf("the key is in %s, which has no flag %s: %v", m.name, flag, m.flags)
			}
		}
	}
	if places := find(t, pid, passed.Bytes()[:]); len(places) > 0 {
		t.Errorf("a key that was replaced is in %v", places)
	}
	if n := locked(t, pid); n == 0 {
		t.Error("no memory is locked")
	}
	n, err := client.Wipe(t.Context(), Scope{Repository: "r", Ring: "kept"})
	must(t, err)
	if places := find(t, pid, kept.Bytes()[:]); n != 1 || len(places) > 0 {
		t.Errorf("wiped %d; the key is still in %v", n, places)
	}
}

// Nothing else that others may see of an agent holds a key.
func TestNoKeyInSight(t *testing.T) {
	needRoot(t, "look into an agent")
	client, pid := background(t)
	key := keyOf(t, 'k')
	must(t, client.Put(t.Context(), goodContext, key, hour))
	for _, name := range []string{"cmdline", "environ", "status", "comm"} {
		b, err := os.ReadFile(proc(pid, name))
		must(t, err)
		if bytes.Contains(b, key.Bytes()[:8]) {
			t.Errorf("%s holds the key", name)
		}
	}
	files, err := os.ReadDir(client.Dir)
	must(t, err)
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Size() > 0 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f.Name(), info, err)
		}
	}
}

// keyOf is a key whose bytes are easy to find, and differ.
func keyOf(t testing.TB, c byte) *keys.DataKey {
	t.Helper()
	k, err := keys.DataKeyFrom(append(bytes.Repeat([]byte{c}, keys.DataKeySize-1), c+1))
	must(t, err)
	return k
}

// mapping is a part of a process's memory.
type mapping struct {
	name       string // its line of maps
	start, end uint64
	flags      []string
}

// find searches a process's memory, as far as it can be read, and returns the
// mapping of each hit.
func find(t *testing.T, pid int, what []byte) []mapping {
	t.Helper()
	mem, err := os.Open(proc(pid, "mem"))
	must(t, err)
	defer mem.Close()
	var hits []mapping
	searched := 0
	for _, m := range mappings(t, pid) {
		const most = 1 << 30 // the race detector's shadow has more
		if m.end-m.start > most || m.end > 1<<63 {
			continue
		}
		b := make([]byte, m.end-m.start)
		n, _ := mem.ReadAt(b, int64(m.start))
		searched += n
		for range bytes.Count(b[:n], what) {
			hits = append(hits, m)
		}
	}
	if searched < 1<<20 {
		t.Errorf("only %d bytes could be read", searched)
	}
	return hits
}

// mappings are the readable ones of a process.
func mappings(t *testing.T, pid int) []mapping {
	t.Helper()
	smaps, err := os.ReadFile(proc(pid, "smaps"))
	must(t, err)
	var all []mapping
	for line := range strings.Lines(string(smaps)) {
		line = strings.TrimSpace(line)
		var m mapping
		var mode string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &m.start, &m.end, &mode); n == 3 {
			m.name = line
			all = append(all, m)
		} else if flags, ok := strings.CutPrefix(line, "VmFlags: "); ok {
			all[len(all)-1].flags = strings.Fields(flags)
		}
	}
	return slices.DeleteFunc(all, func(m mapping) bool { return !slices.Contains(m.flags, "rd") })
}

// locked is how many KiB of a process's memory are.
func locked(t *testing.T, pid int) (n int) {
	t.Helper()
	status, err := os.ReadFile(proc(pid, "status"))
	must(t, err)
	_, rest, _ := strings.Cut(string(status), "\nVmLck:")
	_, err = fmt.Sscan(rest, &n)
	must(t, err)
	return n
}
