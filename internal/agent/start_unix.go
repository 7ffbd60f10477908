//go:build linux || darwin

package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/memlock"
)

// maxComplaint is as much as Start repeats of what a failing agent wrote.
const maxComplaint = 1 << 10

// Start makes sure that an agent answers: one that is there, or the one that it
// runs in the background, or another that was quicker. The agent gets a session
// of its own, the root folder, no environment and no descriptor of ours: a
// caller may be a filter whose pipes Git waits for.
//
// Until it is ready the agent's standard error is a pipe to us. It lets go of it
// in Detach, or says there why it fails.
func Start(ctx context.Context, opt StartOptions) error {
	client := Client{Dir: opt.Dir}
	if _, err := client.Status(ctx); !errors.Is(err, ErrNotRunning) {
		return err // another beside one that hangs would find its place taken
	}
	if opt.Timeout <= 0 {
		opt.Timeout = DefaultStartTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, opt.Timeout)
	defer cancel()
	if err := memlock.CloseOnExec(); err != nil {
		return err
	}
	complaint, err := spawn(ctx, opt)
	if err != nil {
		return err
	}
	client.Timeout = opt.Timeout
	for {
		switch _, err := client.Status(ctx); {
		case err == nil:
			return nil
		case complaint != "":
			return errors.New(complaint)
		case errors.Is(err, ErrNotRunning) && wait(ctx, claimPoll):
			continue // the one that was quicker has the lock, but no socket yet
		default:
			return err
		}
	}
}

// spawn starts the program and returns what it says until it detaches or ends.
func spawn(ctx context.Context, opt StartOptions) (string, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer r.Close()
	cmd := exec.Command(opt.Program, opt.Args...)
	cmd.Dir = "/"
	cmd.Env = []string{}
	cmd.Stderr = w
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	_ = w.Close()
	if err != nil {
		return "", err
	}
	go func() { _ = cmd.Wait() }() // no zombie while we live
	defer context.AfterFunc(ctx, func() { _ = r.SetReadDeadline(time.Unix(1, 0)) })()
	said, err := io.ReadAll(io.LimitReader(r, maxComplaint))
	if ctx.Err() != nil {
		err = fmt.Errorf("not ready within %v", opt.Timeout)
	}
	return keys.OneLine(strings.TrimSpace(string(said)), maxComplaint), err
}

// Detach lets go of the standard streams, which Start waits for.
func Detach() error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	for fd := range 3 {
		if err := unix.Dup2(int(null.Fd()), fd); err != nil {
			return fmt.Errorf("let go of the standard streams: %w", err)
		}
	}
	return nil
}
