package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/keys/agekey"
)

// commands are what scripts can say beside testscript's own.
func commands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"absent":       cmdAbsent,
		"as":           cmdAs,
		"clean":        cmdClean,
		"exits":        cmdExits,
		"framework":    cmdFramework,
		"identity":     cmdIdentity,
		"json":         cmdJSON,
		"leak":         cmdLeak,
		"managed":      cmdManaged,
		"no-plaintext": cmdNoPlaintext,
		"repo":         cmdRepo,
		"rogue":        cmdRogue,
		"sealed":       cmdSealed,
		"settle":       cmdSettle,
		"sh":           cmdSh,
	}
}

// allCommands adds those about the scanner, and about clouds where the build has
// them.
func allCommands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	all := commands()
	maps.Copy(all, cloudCommands())
	maps.Copy(all, scanCommands())
	return all
}

// need stops a script whose command is called wrongly.
func need(ts *testscript.TestScript, ok bool, use string) {
	if !ok {
		ts.Fatalf("usage: %s", use)
	}
}

// as WHO: from here on the script is that person, with a home of their own.
func cmdAs(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 1, "as WHO")
	home, err := makeHomeOnce(ts.Getenv("WORK"), args[0])
	ts.Check(err)
	ts.Setenv("HOME", home)
	ts.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(home, "gitconfig"))
}

func makeHomeOnce(work, who string) (string, error) {
	home := filepath.Join(work, ".home", who)
	if _, err := os.Stat(home); err == nil {
		return home, nil
	}
	return makeHome(work, who)
}

// identity WHO…: makes an age identity in each one's default file; the recipient
// is then in the variable WHO, in capitals.
func cmdIdentity(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) > 0, "identity WHO...")
	for _, who := range args {
		home, err := makeHomeOnce(ts.Getenv("WORK"), who)
		ts.Check(err)
		dir := filepath.Join(home, ".config", "git-envelope")
		ts.Check(os.MkdirAll(dir, 0o700))
		f, err := os.OpenFile(filepath.Join(dir, "identities.txt"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		ts.Check(err)
		recipient, err := agekey.NewIdentity(f, time.Unix(0, 0))
		ts.Check(errors.Join(err, f.Close()))
		ts.Setenv(strings.ToUpper(who), recipient)
	}
}

// repo DIR [PATTERN…]: makes a repository that seals the patterns for the one
// who runs it, commits that, and enters it.
func cmdRepo(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) > 0, "repo DIR [PATTERN...]")
	must := func(command ...string) {
		if err := ts.Exec(command[0], command[1:]...); err != nil {
			ts.Fatalf("%s: %v", strings.Join(command, " "), err)
		}
	}
	must("git", "init", "-q", args[0])
	ts.Check(ts.Chdir(args[0]))
	must("git", "envelope", "init")
	if len(args) > 1 {
		must(append([]string{"git", "envelope", "seal", "--"}, args[1:]...)...)
	}
	must("git", "commit", "-qm", "start")
}

// exits CODE PROGRAM…: runs it as exec does; it must end with that very code, and
// print no secret that the script has made.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) > 1, "exits CODE PROGRAM [ARGS...]")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	unspoken(ts)
}

// [!] sh SCRIPT: a shell that stops at the first failure.
func cmdSh(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, len(args) == 1, "[!] sh SCRIPT")
	if err := ts.Exec("sh", "-euc", args[0]); (err != nil) != neg {
		ts.Fatalf("sh: %v", err)
	}
}

// clean: Git sees no change and no untracked file.
func cmdClean(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 0, "clean")
	if err := ts.Exec("git", "status", "--porcelain"); err != nil {
		ts.Fatalf("git status: %v", err)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("not clean:\n%s", out)
	}
}

// [!] sealed SPEC…: each is a well-formed sealed blob, or with ! each is there
// and is not. REV:PATH or :PATH is a stored object, anything else a file.
func cmdSealed(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, len(args) > 0, "[!] sealed PATH|REV:PATH...")
	for _, spec := range args {
		content := []byte(nil)
		if strings.Contains(spec, ":") {
			content = quietGit(ts, "cat-file", "blob", spec)
		} else {
			content = []byte(ts.ReadFile(spec))
		}
		_, err := envelope.Inspect(bytes.NewReader(content))
		switch {
		case neg && (err == nil || envelope.IsSealed(content)):
			ts.Fatalf("%s is sealed", spec)
		case !neg && err != nil:
			ts.Fatalf("%s is not sealed: %v", spec, err)
		}
	}
}

// settle makes every tracked file old, so that Git need not run the filter over
// it only because it was written in the same moment as the index.
func cmdSettle(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 0, "settle")
	old := time.Unix(1_000_000_000, 0)
	for _, name := range strings.Split(string(quietGit(ts, "ls-files", "-z")), "\x00") {
		if info, err := os.Lstat(ts.MkAbs(name)); name != "" && err == nil && info.Mode().IsRegular() {
			ts.Check(os.Chtimes(ts.MkAbs(name), old, old))
		}
	}
	if err := ts.Exec("git", "update-index", "-q", "--refresh"); err != nil {
		ts.Fatalf("git update-index: %v", err)
	}
}

// quietGit runs a plumbing command of which the script's log need not tell:
// what it prints is binary.
func quietGit(ts *testscript.TestScript, args ...string) []byte {
	cmd := exec.Command("git", args...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1",
		"HOME=" + ts.Getenv("HOME"), "GIT_CONFIG_GLOBAL=" + ts.Getenv("GIT_CONFIG_GLOBAL")}
	out, err := cmd.Output()
	if err != nil {
		ts.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// json FILE PATH VALUE: the JSON document has VALUE at PATH, which is made of
// field names and array indexes, dots between them; "len" is the length of an array.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 3, "json FILE PATH VALUE")
	var doc any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &doc); err != nil {
		ts.Fatalf("not JSON: %v", err)
	}
	got, err := jsonAt(doc, strings.Split(args[1], "."))
	if err != nil {
		ts.Fatalf("%s: %v", args[1], err)
	}
	if got != args[2] {
		ts.Fatalf("%s is %s, want %s", args[1], got, args[2])
	}
}

func jsonAt(doc any, path []string) (string, error) {
	for _, step := range path {
		switch v := doc.(type) {
		case map[string]any:
			next, ok := v[step]
			if !ok {
				return "", fmt.Errorf("no field %q", step)
			}
			doc = next
		case []any:
			if step == "len" {
				doc = float64(len(v))
				continue
			}
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return "", fmt.Errorf("no element %q among %d", step, len(v))
			}
			doc = v[i]
		default:
			return "", fmt.Errorf("nothing below %v at %q", v, step)
		}
	}
	return fmt.Sprint(doc), nil
}

// [!] no-plaintext MARKER…: no marker is found anywhere Git keeps things for
// this repository, nor in TMPDIR. With !, each is found: the search works.
func cmdNoPlaintext(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, len(args) > 0, "[!] no-plaintext MARKER...")
	dir := strings.TrimSpace(string(quietGit(ts, "rev-parse", "--path-format=absolute", "--git-common-dir")))
	places := map[string][]byte{"an object": quietGit(ts, "cat-file", "--batch-all-objects", "--unordered", "--batch")}
	for _, root := range []string{dir, ts.Getenv("TMPDIR")} {
		ts.Check(gather(places, root))
	}
	for _, marker := range args {
		where := lookFor(marker, places)
		if len(where) > 0 != neg {
			ts.Fatalf("%q found in %d places of %d: %s", marker, len(where), len(places), strings.Join(where, ", "))
		}
	}
}

// gather reads every file below root.
func gather(into map[string][]byte, root string) error {
	return filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		into[path], err = io.ReadAll(f)
		return err
	})
}

// rogue MODE: from here on something else serves the socket of the key agent: it
// never answers (hang), talks nonsense (garbage), or gives a key of its own
// (wrong-key). Each connection is a byte of the file rogue in $WORK.
func cmdRogue(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 1, "rogue hang|garbage|wrong-key")
	answer := rogueAnswer(args[0])
	dir := filepath.Join(ts.Getenv("XDG_RUNTIME_DIR"), "git-envelope")
	ts.Check(os.MkdirAll(dir, 0o700))
	socket := filepath.Join(dir, "agent.sock")
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		ts.Fatalf("%v", err)
	}
	l, err := net.Listen("unix", socket)
	ts.Check(err)
	asked, err := os.Create(filepath.Join(ts.Getenv("WORK"), "rogue"))
	ts.Check(err)
	ended := make(chan struct{})
	ts.Defer(func() { close(ended); _ = l.Close(); _ = asked.Close(); _ = os.Remove(socket) })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = asked.WriteString(".")
			go func() {
				defer conn.Close()
				if answer == nil {
					<-ended
				}
				_, _ = io.Copy(io.Discard, conn) // a client closes its half first
				_, _ = conn.Write(answer)
			}()
		}
	}()
}

// rogueAnswer is what it says whatever it is asked; nil is nothing.
func rogueAnswer(mode string) []byte {
	if mode == "garbage" {
		return []byte("HTTP/1.1 400 Bad Request\r\n\r\n")
	}
	if mode == "hang" {
		return nil
	}
	var body []byte
	for _, number := range []int64{time.Now().UnixNano(), time.Now().Add(time.Hour).UnixNano(), 0, 1} {
		body = binary.BigEndian.AppendUint64(body, uint64(number))
	}
	body = append(body, "a key that nobody has ever wrapped"[:32]...)
	return append([]byte{1, 'K', 0, byte(len(body))}, body...)
}
