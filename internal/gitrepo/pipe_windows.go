package gitrepo

import (
	"errors"
	"os"
	"syscall"
)

// isPipe reports whether err says that nobody reads the pipe any more
// (ERROR_BROKEN_PIPE, ERROR_NO_DATA).
func isPipe(err error) bool {
	return errors.Is(err, syscall.ERROR_BROKEN_PIPE) || errors.Is(err, syscall.Errno(232)) || errors.Is(err, os.ErrClosed)
}
