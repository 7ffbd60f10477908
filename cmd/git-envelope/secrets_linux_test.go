package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/agent"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/awskms"
	"github.com/git-envelope/git-envelope/internal/keys/awskms/kmstest"
)

// TestNoKeyMaterial uses a data key in every way there is, with every trace on,
// and then looks for it: in what was printed, in every file that was written, in
// the arguments and environment of the processes that hold it.
func TestNoKeyMaterial(t *testing.T) {
	work := t.TempDir()
	if err := os.Mkdir(filepath.Join(work, "run"), 0o700); err != nil {
		t.Fatal(err)
	}
	aws := kmstest.New(t)
	kmstest.SetEnv(t, aws.Env())
	key := aws.CreateKey(kmstest.Region)
	w := &witness{t: t, dir: filepath.Join(work, "r"), env: append(os.Environ(), aws.Env()...), places: map[string][]byte{}}
	home, err := makeHome(work, "alice")
	if err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env, scriptEnvironment()...)
	w.env = append(w.env, "HOME="+home, "GIT_CONFIG_GLOBAL="+filepath.Join(home, "gitconfig"), "TMPDIR="+filepath.Join(work, "tmp"), "XDG_RUNTIME_DIR="+filepath.Join(work, "run"),
		"GIT_TRACE=2", "GIT_TRACE_SETUP=2", "GIT_TRACE_PACKET=2", "GIT_ENVELOPE_TRACE=1", "GIT_TRACE2_EVENT="+filepath.Join(work, "trace2"), "AZURE_SDK_GO_LOGGING=all", "GODEBUG=http2debug=2")
	if err := os.MkdirAll(filepath.Join(work, "tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.run(work, "git", "init", "-q", "r")
	w.run(w.dir, "git", "envelope", "init", "--aws-kms", key)
	w.run(w.dir, "git", "envelope", "seal", "secret/**")
	w.run(w.dir, "sh", "-ec", "mkdir secret; echo one > secret/a; git add .; git commit -qm one; rm secret/a; git checkout -- secret; git log -p; git envelope status --json; git envelope doctor --keys")
	client := agent.Client{Dir: agent.Dir(filepath.Join(work, "run"), "", 0), Timeout: time.Minute}
	t.Cleanup(func() { _ = client.Stop(context.Background()) })
	w.run(w.dir, "git", "envelope", "unlock", "--ttl", "1h")
	status, err := client.Status(t.Context())
	if err != nil || len(status.Entries) != 1 {
		t.Fatalf("agent: %+v, %v", status, err)
	}
	w.run(w.dir, "sh", "-ec", "git log -p; git envelope status; git envelope agent --json")
	w.process("agent", status.PID)

	if err := gather(w.places, work); err != nil {
		t.Fatal(err)
	}
	secret := string(w.dataKey().Bytes()[:])
	if where := lookFor(secret, w.places); len(where) > 0 {
		t.Errorf("the data key is in %s", strings.Join(where, ", "))
	}
	if len(w.places) < 40 {
		t.Errorf("looked at %d places only", len(w.places))
	}
	w.places["control"] = fmt.Appendf(nil, "…%x…", secret)
	if where := lookFor(secret, w.places); len(where) != 1 {
		t.Errorf("a key put there was found in %v: the search does not work", where)
	}
}

// witness keeps what it sees of what it runs.
type witness struct {
	t      *testing.T
	dir    string
	env    []string
	places map[string][]byte
}

func (w *witness) run(dir, name string, args ...string) {
	w.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, w.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	w.places[fmt.Sprintf("what %d %s printed", len(w.places), name)] = out
}

// process looks at what others can see of a process.
func (w *witness) process(name string, pid int) {
	w.t.Helper()
	for _, file := range []string{"cmdline", "environ"} {
		b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), file))
		if err != nil {
			w.t.Logf("not looked at: %v", err) // not even we may, unless we are root
			continue
		}
		w.places[name+"'s "+file] = b
	}
}

// dataKey opens the ring's key as git-envelope does.
func (w *witness) dataKey() *keys.DataKey {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, keysDir, "*", "*", "*.json"))
	if err != nil || len(files) != 1 {
		w.t.Fatalf("key files %v, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		w.t.Fatal(err)
	}
	rel, err := filepath.Rel(w.dir, files[0])
	if err != nil {
		w.t.Fatal(err)
	}
	f, err := keyring.ParseFile(filepath.ToSlash(rel), data)
	if err != nil {
		w.t.Fatal(err)
	}
	k, err := awskms.New(awskms.Options{}).Unwrap(w.t.Context(), f.Recipient, f.Context(), f.Wrapped)
	if err != nil {
		w.t.Fatal(err)
	}
	return k
}

// TestNoCore: a process of ours that dies leaves no core dump, even where the
// user's limits ask for one.
func TestNoCore(t *testing.T) {
	abort := func(script string) bool {
		cmd := exec.Command("sh", "-c", "ulimit -c unlimited 2>/dev/null || exit 0; "+script)
		cmd.Dir = t.TempDir()
		cmd.Env = append(os.Environ(), "GOTRACEBACK=crash", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
		var said bytes.Buffer
		cmd.Stderr = &said
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(in, "0016git-filter-client\n000eversion=2\n0000")
		if _, err := out.Read(make([]byte, 4)); err == nil { // it lives, past its start
			_ = cmd.Process.Signal(syscall.SIGABRT)
		}
		_ = cmd.Wait()
		status := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if !status.Signaled() || status.Signal() != syscall.SIGABRT {
			t.Fatalf("%s ended with %v: %s", script, cmd.ProcessState, said.String())
		}
		return status.CoreDump()
	}
	if !abort("echo ready; exec sleep 60") {
		t.Skip("this system makes no core dumps")
	}
	if abort("git init -q . && exec git-envelope filter-process") {
		t.Error("the filter process left a core dump")
	}
}
