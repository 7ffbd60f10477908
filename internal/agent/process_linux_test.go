package agent

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// nobody is an ordinary user, of whom there are no files.
const nobody = 65534

// roles are what the test binary can be instead: its first argument says which.
var roles = map[string]func(args []string) error{
	"role:agent": func(args []string) error { // in the background
		err := Serve(context.Background(), Options{Dir: args[0], Ready: Detach})
		if errors.Is(err, ErrRunning) {
			return nil
		}
		return err
	},
	"role:serve": func(args []string) error { // in the foreground
		return Serve(context.Background(), Options{Dir: args[0], Ready: ready})
	},
	"role:plain": func([]string) error { // a program without an agent, for comparison
		_ = ready()
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	},
	"role:fail": func([]string) error { return errors.New("can't,\nfor a reason") },
	"role:start": func(args []string) error {
		return Start(context.Background(), StartOptions{Program: "/proc/self/exe", Args: []string{"role:agent", args[0]}, Dir: args[0], Timeout: unhurried})
	},
	"role:status": func(args []string) error { // asks without looking at the folder
		conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: args[0], Net: "unix"})
		if err != nil {
			return err
		}
		_, err = conn.Write(request{kind: kindStatus}.frame())
		err = errors.Join(err, conn.CloseWrite())
		answer, readErr := io.ReadAll(conn)
		fmt.Printf("%d bytes, %v\n", len(answer), errors.Join(err, readErr))
		return nil
	},
	"role:listen": func([]string) error { // at a socket that someone else made
		if err := unix.Listen(3, 1); err != nil {
			return err
		}
		_ = ready()
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	},
	"role:peek": func(args []string) error {
		f, err := os.Open("/proc/" + args[0] + "/mem")
		if err == nil {
			_ = f.Close()
		}
		return err
	},
}

func ready() error {
	_, err := fmt.Println("ready")
	return err
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		if err := roles[os.Args[1]](os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	harden = func() error { return nil } // its limits would be those of every child
	os.Exit(m.Run())
}

// role is a command that runs the test binary, also where its path is closed to
// the user that it is to run as.
func role(args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = []string{"GORACE=atexit_sleep_ms=0"}
	return cmd
}

func as(uid uint32, cmd *exec.Cmd) *exec.Cmd {
	if int64(uid) != int64(os.Geteuid()) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	return cmd
}

func needRoot(t *testing.T, why string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can " + why)
	}
}

// begin starts a command that says "ready", and ends it with the test.
func begin(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		_ = cmd.Wait()
		t.Fatalf("said %q, %v: %s", line, err, stderr.String())
	}
}

// background starts an agent by way of a process of its own, which has ended.
func background(t *testing.T) (client *Client, pid int) {
	t.Helper()
	dir := folder(t)
	must(t, role("role:start", dir).Run())
	client = &Client{Dir: dir, Timeout: unhurried}
	s, err := client.Status(t.Context())
	must(t, err)
	t.Cleanup(func() { end(t, client, s.PID) })
	return client, s.PID
}

// end stops an agent and waits until its process is gone.
func end(t *testing.T, client *Client, pid int) {
	t.Helper()
	if err := client.Stop(context.Background()); err != nil && !errors.Is(err, ErrNotRunning) {
		t.Errorf("stop: %v", err)
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err == unix.ESRCH {
		return
	}
	must(t, err)
	defer unix.Close(fd)
	if n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(unhurried.Milliseconds())); n != 1 {
		t.Errorf("the agent's process stays: %v", err)
	}
}

func proc(pid int, name string) string { return filepath.Join("/proc", strconv.Itoa(pid), name) }

// An agent holds on to nothing of who started it: no descriptor, no folder, no
// environment, no session. So a pipe that Git left open to its filter ends with
// the filter.
func TestStartInherits(t *testing.T) {
	r, w, err := os.Pipe()
	must(t, err)
	defer r.Close()
	dir := folder(t)
	cmd := role("role:start", dir)
	cmd.Env = append(cmd.Env, "SECRET=1")
	cmd.ExtraFiles = []*os.File{w, w}
	must(t, cmd.Start())
	must(t, w.Close())
	must(t, r.SetDeadline(time.Now().Add(unhurried)))
	_, err = io.Copy(io.Discard, r)
	must(t, err) // the end of the pipe, not of the time
	must(t, cmd.Wait())

	client := &Client{Dir: dir, Timeout: unhurried}
	s, err := client.Status(t.Context())
	must(t, err)
	defer end(t, client, s.PID)
	if os.Geteuid() != 0 {
		t.Skip("only root sees the rest: the agent is not dumpable")
	}
	fds, err := os.ReadDir(proc(s.PID, "fd"))
	must(t, err)
	for _, fd := range fds {
		target, err := os.Readlink(filepath.Join(proc(s.PID, "fd"), fd.Name()))
		must(t, err)
		n, _ := strconv.Atoi(fd.Name())
		own := target == filepath.Join(dir, lockName) || slices.ContainsFunc([]string{"socket:", "anon_inode:[event", "/sys/fs/cgroup/"},
			func(s string) bool { return strings.HasPrefix(target, s) }) // the last are Go's, for the number of processors
		if n <= 2 != (target == os.DevNull) || n > 2 && !own {
			t.Errorf("descriptor %d is %s", n, target)
		}
	}
	if cwd, err := os.Readlink(proc(s.PID, "cwd")); cwd != "/" {
		t.Errorf("works in %s, %v", cwd, err)
	}
	if environ, err := os.ReadFile(proc(s.PID, "environ")); len(environ) > 0 || err != nil {
		t.Errorf("environment %q, %v", environ, err)
	}
	if sid, err := unix.Getsid(s.PID); sid != s.PID {
		t.Errorf("in session %d, %v", sid, err)
	}
}

// Many processes may start an agent at once: all find one, the same.
func TestStartRace(t *testing.T) {
	dir := folder(t)
	var cmds []*exec.Cmd
	for range 4 {
		cmd := role("role:start", dir)
		cmd.Stderr = os.Stderr
		must(t, cmd.Start())
		cmds = append(cmds, cmd)
	}
	for _, cmd := range cmds {
		must(t, cmd.Wait())
	}
	client := &Client{Dir: dir, Timeout: unhurried}
	s, err := client.Status(t.Context())
	must(t, err)
	must(t, Start(t.Context(), StartOptions{Program: "/nonexistent/program", Dir: dir})) // there is one
	if again, err := client.Status(t.Context()); err != nil || again.PID != s.PID {
		t.Errorf("process %d, then %d, %v", s.PID, again.PID, err)
	}
	end(t, client, s.PID)
}

// An agent that can't start says why.
func TestStartFails(t *testing.T) {
	for _, tt := range []struct{ program, arg, want string }{
		{"/proc/self/exe", "role:fail", "can't, for a reason"},
		{"/nonexistent/program", "", "fork/exec /nonexistent/program: no such file or directory"},
	} {
		err := Start(t.Context(), StartOptions{Program: tt.program, Args: []string{tt.arg}, Dir: folder(t)})
		if err == nil || err.Error() != tt.want {
			t.Errorf("error %q, want %q", err, tt.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Start(ctx, StartOptions{Program: "/proc/self/exe", Args: []string{"role:fail"}, Dir: folder(t)}); err == nil {
		t.Error("started for one who has gone")
	}
}

// Signals end an agent as Stop does; after a crash the next one takes over.
func TestSignals(t *testing.T) {
	for _, tt := range []struct {
		signal syscall.Signal
		left   bool
	}{{syscall.SIGTERM, false}, {syscall.SIGINT, false}, {syscall.SIGHUP, false}, {syscall.SIGKILL, true}} {
		t.Run(tt.signal.String(), func(t *testing.T) {
			dir := folder(t)
			cmd := role("role:serve", dir)
			begin(t, cmd)
			must(t, cmd.Process.Signal(tt.signal))
			if err := cmd.Wait(); (err != nil) != tt.left {
				t.Errorf("ended with %v", err)
			}
			if _, err := os.Lstat(filepath.Join(dir, socketName)); (err == nil) != tt.left {
				t.Errorf("socket: %v", err)
			}
			serve(t, Options{Dir: dir})
		})
	}
}

// A client speaks to no process of another user, even in a folder of its own.
func TestForeignAgent(t *testing.T) {
	needRoot(t, "be another user")
	dir := folder(t)
	must(t, os.Mkdir(dir, 0o700))
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	must(t, err)
	f := os.NewFile(uintptr(fd), "socket")
	defer f.Close()
	must(t, unix.Bind(fd, &unix.SockaddrUnix{Name: filepath.Join(dir, socketName)}))
	cmd := as(nobody, role("role:listen"))
	cmd.ExtraFiles = []*os.File{f}
	begin(t, cmd)
	_, err = (&Client{Dir: dir, Timeout: unhurried}).Status(t.Context())
	if !errors.Is(err, ErrUntrusted) {
		t.Errorf("error %v", err)
	}
}

// An agent answers no process of another user, even if its folder were open.
func TestForeignClient(t *testing.T) {
	needRoot(t, "be another user")
	a := serve(t, Options{Dir: folder(t)})
	path := filepath.Join(a.Dir, socketName)
	must(t, os.Chmod(filepath.Dir(a.Dir), 0o755))
	must(t, os.Chmod(a.Dir, 0o755))
	must(t, os.Chmod(path, 0o666))
	for uid, want := range map[int]bool{0: true, nobody: false} {
		out, err := as(uint32(uid), role("role:status", path)).CombinedOutput()
		must(t, err)
		if answered := !strings.HasPrefix(string(out), "0 bytes"); answered != want {
			t.Errorf("user %d got %s", uid, out)
		}
	}
}
