package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// endDelay is how long a git that was told to end may take before it is killed.
// Told first, it removes its lock files; killed at once, it leaves them behind.
const endDelay = 5 * time.Second

// runner starts git processes in one directory with prepared environments.
type runner struct {
	dir   string
	read  []string // environment of commands that only read
	write []string // environment of commands that change something
}

// safe is passed to every command but "git config", which would list it. An
// fsmonitor hook or daemon is a program named by the repository's configuration.
var safe = []string{"--no-pager", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"}

// Run runs a git command that only reads and returns its standard output. It
// takes no optional locks, fetches nothing and ignores replacement refs.
func (r *Repo) Run(ctx context.Context, stdin io.Reader, args ...string) ([]byte, error) {
	return r.git.output(ctx, r.git.read, stdin, append(safe[:len(safe):len(safe)], args...))
}

// RunWrite runs a git command that may change the repository, run filters and
// hooks, and fetch.
func (r *Repo) RunWrite(ctx context.Context, stdin io.Reader, args ...string) ([]byte, error) {
	return r.git.output(ctx, r.git.write, stdin, append(safe[:len(safe):len(safe)], args...))
}

// Stream runs a git command that only reads and returns its standard output
// while it is produced. Close ends the command; its error, and that of the last
// Read, tell whether git failed. Closing before the end stops git silently.
func (r *Repo) Stream(ctx context.Context, stdin io.Reader, args ...string) (io.ReadCloser, error) {
	return r.start(ctx, stdin, (*exec.Cmd).StdoutPipe, args)
}

// start is Stream through a pipe of the caller's choice.
func (r *Repo) start(ctx context.Context, stdin io.Reader, pipe func(*exec.Cmd) (io.ReadCloser, error), args []string) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := r.git.command(ctx, r.git.read, append(safe[:len(safe):len(safe)], args...))
	cmd.Stdin = stdin
	stderr := new(excerpt)
	cmd.Stderr = stderr
	out, err := pipe(cmd)
	if err == nil {
		err = cmd.Start()
		if w, ours := cmd.Stdout.(*os.File); ours {
			_ = w.Close() // git has it, and we would never see the end
		}
	}
	if err != nil {
		cancel()
		if out != nil {
			_ = out.Close()
		}
		return nil, gitError(ctx, cmd, stderr, err)
	}
	return &stream{ctx: ctx, cancel: cancel, cmd: cmd, out: out, stderr: stderr}, nil
}

type stream struct {
	ctx    context.Context
	cancel context.CancelFunc
	cmd    *exec.Cmd
	out    io.ReadCloser
	stderr *excerpt
	ended  bool
	err    error
}

// Read turns a failed exit of git into an error in place of io.EOF, so that
// output cut short is never taken for all of it.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.out.Read(p)
	if err != nil {
		if e := s.wait(); e != nil {
			return n, e
		}
	}
	return n, err
}

func (s *stream) wait() error {
	if !s.ended {
		s.ended = true
		if err := s.cmd.Wait(); err != nil {
			s.err = gitError(s.ctx, s.cmd, s.stderr, err)
		}
		_ = s.out.Close()
		s.cancel()
	}
	return s.err
}

func (s *stream) Close() error {
	if s.ended {
		return s.err
	}
	s.cancel()
	_ = s.wait()
	s.err = nil
	return nil
}

func (g runner) command(ctx context.Context, env, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env = g.dir, env
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(syscall.SIGTERM); err == nil || errors.Is(err, os.ErrProcessDone) {
			return err
		}
		return cmd.Process.Kill() // Windows knows no other signal
	}
	cmd.WaitDelay = endDelay
	return cmd
}

func (g runner) output(ctx context.Context, env []string, stdin io.Reader, args []string) ([]byte, error) {
	cmd := g.command(ctx, env, args)
	var out bytes.Buffer
	stderr := new(excerpt)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &out, stderr
	if err := cmd.Run(); err != nil {
		return out.Bytes(), gitError(ctx, cmd, stderr, err)
	}
	return out.Bytes(), nil
}

// GitError is a git command that failed.
type GitError struct {
	Op       string // the git command, such as "ls-files"
	Stderr   string // what it wrote to standard error; of a long text beginning and end
	ExitCode int    // -1 when it did not start or was killed
	Err      error  // what os/exec said, or why we ended it
}

// Error is the operation and git's own first line.
func (e *GitError) Error() string {
	if line := firstLine(e.Stderr); line != "" && !e.ended() {
		return "git " + e.Op + ": " + line
	}
	return fmt.Sprintf("git %s: %v", e.Op, e.Err)
}

// Unwrap gives context.Canceled and the like.
func (e *GitError) Unwrap() error { return e.Err }

func (e *GitError) ended() bool {
	return errors.Is(e.Err, context.Canceled) || errors.Is(e.Err, context.DeadlineExceeded)
}

func gitError(ctx context.Context, cmd *exec.Cmd, stderr *excerpt, err error) error {
	e := &GitError{Op: operation(cmd.Args[1:]), Stderr: stderr.String(), ExitCode: -1, Err: err}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		e.ExitCode = exit.ExitCode()
	}
	if cause := context.Cause(ctx); cause != nil {
		e.Err = cause
	}
	return e
}

// operation is the name of the git command among its arguments.
func operation(args []string) string {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "-c" || args[i] == "-C":
			i++
		case !strings.HasPrefix(args[i], "-"):
			return args[i]
		}
	}
	return "command"
}

// firstLine is the line that says what failed: the first "fatal:", else the first
// "error:", since warnings, advice and what filters print may come before it, else
// the first of all.
func firstLine(text string) string {
	for _, kind := range []string{"fatal: ", "error: ", ""} {
		for line := range strings.Lines(text) {
			if rest, ok := strings.CutPrefix(strings.TrimSpace(line), kind); ok && rest != "" {
				return rest
			}
		}
	}
	return ""
}

// exitCode is the code with which git ended, or -1.
func exitCode(err error) int {
	var e *GitError
	if errors.As(err, &e) {
		return e.ExitCode
	}
	return -1
}

// excerpt keeps the beginning and the end of what is written to it, so that a
// chatty filter can't fill memory. Its zero value is ready.
type excerpt struct {
	head, tail []byte
	cut        bool
}

const excerptPart = 8 << 10

func (b *excerpt) Write(p []byte) (int, error) {
	n := len(p)
	if room := excerptPart - len(b.head); room > 0 {
		k := min(room, len(p))
		b.head, p = append(b.head, p[:k]...), p[k:]
	}
	b.tail = append(b.tail, p...)
	if over := len(b.tail) - excerptPart; over > 0 {
		b.tail, b.cut = append(b.tail[:0], b.tail[over:]...), true
	}
	return n, nil
}

func (b *excerpt) String() string {
	if b.cut {
		return string(b.head) + "\n[…]\n" + string(b.tail)
	}
	return string(b.head) + string(b.tail)
}
