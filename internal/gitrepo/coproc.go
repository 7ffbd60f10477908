package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// coproc is a git that answers questions until its standard input is closed. If
// we are killed, it sees the end of its input and ends too: only we hold the
// other end of the pipe.
type coproc struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *excerpt
	merged bool // its complaints come in out
	asked  bool // it has answered before
}

// startCoproc does not bind the process to a request's context: it outlives the
// request. See interruptible. With merged, what git complains of stands in its
// output, before the answer it belongs to.
func (g runner) startCoproc(merged bool, args ...string) (*coproc, error) {
	cmd := g.command(context.Background(), g.read, append(safe[:len(safe):len(safe)], args...))
	c := &coproc{cmd: cmd, stderr: new(excerpt), merged: merged}
	cmd.Stderr = c.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w", operation(args), err)
	}
	out, err := cmd.StdoutPipe()
	if merged {
		cmd.Stderr = cmd.Stdout
	}
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		_ = in.Close()
		return nil, gitError(context.Background(), cmd, c.stderr, err)
	}
	c.in, c.out = in, bufio.NewReaderSize(out, 64<<10)
	return c, nil
}

// ask writes questions, one a line, while the answers are read: one after the other
// would fill both pipes and stop.
func (c *coproc) ask(questions []string) (written <-chan error) {
	done := make(chan error, 1)
	go func() {
		_, err := io.WriteString(c.in, strings.Join(questions, "\n")+"\n")
		done <- err
	}()
	return done
}

// interruptible kills the process when ctx ends before the returned function is
// called, so that a question never outlives its context.
func (c *coproc) interruptible(ctx context.Context) (done func() bool) {
	return context.AfterFunc(ctx, func() { _ = c.cmd.Process.Kill() })
}

// end closes the input and waits. Git ends at once then, unless it is stuck in
// an answer nobody reads; after a delay it is killed.
func (c *coproc) end() error {
	_ = c.in.Close()
	late := time.AfterFunc(endDelay, func() { _ = c.cmd.Process.Kill() })
	defer late.Stop()
	rest := io.Discard
	if c.merged {
		rest = c.stderr
	}
	_, _ = io.Copy(rest, c.out)
	if err := c.cmd.Wait(); err != nil {
		return gitError(context.Background(), c.cmd, c.stderr, err)
	}
	return nil
}

// abandon ends a process whose state is unknown and says why it failed: git's
// own message when it has died of something, else err.
func (c *coproc) abandon(ctx context.Context, err error) error {
	if ctx.Err() != nil || !broken(err) {
		_ = c.cmd.Process.Kill()
	}
	ended := c.end()
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("git %s: %w", operation(c.cmd.Args[1:]), cause)
	}
	var e *GitError
	if errors.As(ended, &e) && e.ExitCode > 0 {
		return &lostError{e}
	}
	return &lostError{fmt.Errorf("git %s: %w", operation(c.cmd.Args[1:]), err)}
}

// broken reports whether err is what one sees when the process is gone.
func broken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isPipe(err)
}

// lostError marks a process that went away under a request.
type lostError struct{ err error }

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

func lost(err error) bool {
	var e *lostError
	return errors.As(err, &e)
}
