package memlock

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// nobody is an ordinary user.
const nobody = 65534

// roles are what the test binary can be instead: its first argument says which.
var roles = map[string]func() error{
	"role:limited": func() error { // may lock no memory
		if err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{}); err != nil {
			return err
		}
		_, err := New(1)
		return err
	},
	"role:harden": func() error {
		defer show()
		return Harden()
	},
	"role:harden-fully": func() error {
		defer show()
		return HardenFully()
	},
	"role:harden-child": func() error {
		if err := Harden(); err != nil {
			return err
		}
		cmd := role("role:show")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		return cmd.Run()
	},
	"role:show": func() error { show(); return nil },
}

// role is a command that runs the test binary as one.
func role(name string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", name)
	cmd.Env = []string{"GORACE=atexit_sleep_ms=0"} // a race-enabled program else sleeps before it exits
	return cmd
}

// show prints what hardening changes.
func show() {
	dumpable, _ := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	var limit unix.Rlimit
	_ = unix.Getrlimit(unix.RLIMIT_CORE, &limit)
	fmt.Printf("dumpable %d, core %v\n", dumpable, limit)
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		if err := roles[os.Args[1]](); err != nil {
			fmt.Fprint(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestHarden(t *testing.T) {
	var limit unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_CORE, &limit))
	for _, tt := range []struct{ role, want string }{
		{"role:show", fmt.Sprintf("dumpable 1, core %v\n", limit)},
		{"role:harden", fmt.Sprintf("dumpable 0, core %v\n", limit)},
		{"role:harden-child", fmt.Sprintf("dumpable 1, core %v\n", limit)},
		{"role:harden-fully", "dumpable 0, core {0 0}\n"},
	} {
		out, err := role(tt.role).CombinedOutput()
		if err != nil || string(out) != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.role, out, err, tt.want)
		}
	}
}

// The memory is locked, left out of core dumps and not handed to a fork.
func TestLocked(t *testing.T) {
	a := arena(t, 1)
	smaps, err := os.ReadFile("/proc/self/smaps")
	must(t, err)
	_, here, found := strings.Cut(string(smaps), fmt.Sprintf("\n%x-", uintptr(unsafe.Pointer(&a.mem[0]))))
	if !found {
		t.Fatal("no mapping begins where the arena does")
	}
	_, flags, _ := strings.Cut(here, "\nVmFlags: ")
	flags, _, _ = strings.Cut(flags, "\n")
	for _, flag := range []string{"lo", "dd", "dc"} {
		if !slices.Contains(strings.Fields(flags), flag) {
			t.Errorf("no flag %s among %s", flag, flags)
		}
	}
}

// Memory that can't be locked is not given out.
func TestLimit(t *testing.T) {
	cmd := role("role:limited")
	if os.Geteuid() == 0 { // the limit is not for root
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	out, err := cmd.CombinedOutput()
	if err == nil || !bytes.HasPrefix(out, []byte("lock 4 KiB of memory: ")) || !bytes.Contains(out, []byte("ulimit -l")) {
		t.Errorf("said %q, %v", out, err)
	}
}

// Both ways mark what our parent left open, and nothing of standard input,
// output and error.
func TestCloseOnExec(t *testing.T) {
	for _, tt := range []struct {
		name string
		mark func() error
	}{
		{"close_range", CloseOnExec},
		{"listed", func() error { return markAll("/proc/self/fd") }},
	} {
		fd, err := unix.Open(os.DevNull, unix.O_RDONLY, 0)
		must(t, err)
		if marked(t, fd) {
			t.Fatal("marked from the start")
		}
		must(t, tt.mark())
		if !marked(t, fd) {
			t.Errorf("%s: not marked", tt.name)
		}
		for std := range 3 {
			if marked(t, std) {
				t.Errorf("%s: descriptor %d is marked", tt.name, std)
			}
		}
		must(t, unix.Close(fd))
	}
}

func marked(t *testing.T, fd int) bool {
	t.Helper()
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	must(t, err)
	return flags&unix.FD_CLOEXEC != 0
}
