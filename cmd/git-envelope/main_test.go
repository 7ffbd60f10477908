package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/git-envelope/git-envelope/internal/agent"
)

// TestMain puts this test binary on PATH under the names below, so that a real
// 'git add' or 'git checkout' of a script starts it as filter, driver or hook.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"git-envelope": program,
		"ordinary":     ordinary,
		"pty":          pty,
		"older":        older,
	})
}

// program is git-envelope. Scripts that set TEST_DELAY have every smudge delayed
// that Git allows to be, as if its key were far away; those that set TEST_CLOCK
// say what time it is; in the file TEST_PEAK each process notes the memory it had.
func program() {
	if at, err := time.Parse(time.RFC3339, os.Getenv("TEST_CLOCK")); err == nil {
		clock = func() time.Time { return at }
	}
	if os.Getenv("TEST_DELAY") != "" {
		delayAfter = time.Nanosecond
	}
	code := run(os.Args[1:])
	if file := os.Getenv("TEST_PEAK"); file != "" {
		notePeak(file)
	}
	os.Exit(code)
}

// TestScript runs the end-to-end scripts. See script_test.go for the commands
// they have beside testscript's own.
func TestScript(t *testing.T) {
	const dir = "testdata/script"
	scripts, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts in %s: %v", dir, err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		Setup:               setup,
		Condition:           condition,
		Cmds:                allCommands(),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// setup shuts out the machine's and the user's Git configuration. Scripts begin
// as alice, who has no age identity yet.
func setup(env *testscript.Env) error {
	for _, v := range scriptEnvironment() {
		key, value, _ := strings.Cut(v, "=")
		env.Setenv(key, value)
	}
	home, err := makeHome(env.WorkDir, "alice")
	if err != nil {
		return err
	}
	env.Setenv("HOME", home)
	env.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(home, "gitconfig"))
	addClouds(env)
	return ownAgent(env)
}

// ownAgent gives a script a place for a key agent of its own, and ends the one
// that the script has left.
func ownAgent(env *testscript.Env) error {
	run := filepath.Join(env.WorkDir, ".run")
	if err := os.Mkdir(run, 0o700); err != nil {
		return err
	}
	env.Setenv("XDG_RUNTIME_DIR", run)
	client := agent.Client{Dir: agent.Dir(run, "", 0), Timeout: time.Minute} // a busy machine is no hung agent
	env.Defer(func() {
		if err := client.Stop(context.Background()); err != nil && !errors.Is(err, agent.ErrNotRunning) {
			panic(fmt.Sprintf("stop the script's key agent: %v", err))
		}
	})
	return nil
}

// scriptEnvironment is what every git under test sees.
func scriptEnvironment() []string {
	env := []string{
		"LANG=C", "LC_ALL=C", "TZ=UTC",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "GIT_EDITOR=true", "GIT_PAGER=cat",
	}
	if os.Getenv("GORACE") == "" {
		env = append(env, "GORACE=atexit_sleep_ms=0") // a race-enabled program else sleeps before it exits
	}
	return env
}

// makeHome makes a home folder with a Git configuration for a person.
func makeHome(work, who string) (string, error) {
	home := filepath.Join(work, ".home", who)
	if err := os.MkdirAll(home, 0o755); err != nil {
		return "", err
	}
	config := fmt.Sprintf("[user]\n\tname = %s\n\temail = %s@example.com\n[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n", who, who)
	return home, os.WriteFile(filepath.Join(home, "gitconfig"), []byte(config), 0o644)
}

// condition answers [ordinary], [tmpfs] and [race]. Scripts skip with a message where
// one does not hold; 'go test -v' prints it.
func condition(name string) (bool, error) {
	switch name {
	case "ordinary":
		return canBeOrdinary(), nil
	case "tmpfs":
		return canMount(), nil
	case "race":
		return raceEnabled, nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

// noOverride drops the right of root to ignore file modes.
var noOverride = []string{"setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"}

// canBeOrdinary tells whether programs can be run that file modes bind.
var canBeOrdinary = sync.OnceValue(func() bool {
	if runtime.GOOS == "windows" {
		return false
	}
	return os.Geteuid() != 0 || exec.Command(noOverride[0], append(noOverride[1:], "true")...).Run() == nil
})

// ordinary is the program of that name: it runs its arguments as a user whom
// file modes bind, also where the tests run as root.
func ordinary() {
	args := os.Args[1:]
	if os.Geteuid() == 0 {
		args = append(noOverride, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, "ordinary:", err)
		os.Exit(126)
	}
	os.Exit(cmd.ProcessState.ExitCode())
}

// canMount tells whether a small file system can be had in a mount namespace of
// its own, which vanishes with its last process.
var canMount = sync.OnceValue(func() bool {
	out, err := exec.Command("unshare", "-rm", "sh", "-ec", "mount -t tmpfs -o size=64k none /mnt && echo yes").Output()
	return err == nil && bytes.Equal(out, []byte("yes\n"))
})
