//go:build !windows

package gitrepo

import (
	"errors"
	"os"
	"syscall"
)

// isPipe reports whether err says that nobody reads the pipe any more.
func isPipe(err error) bool { return errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) }
