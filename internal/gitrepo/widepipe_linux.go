package gitrepo

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// bulkPipe is how much git may write ahead of us. With 64 KiB, the default, the
// two processes wake each other for every few objects.
const bulkPipe = 1 << 20

// widen makes a pipe larger if the system allows it; a slower one is no error.
func widen(r io.Reader) {
	f, ok := r.(*os.File)
	if !ok {
		return
	}
	if c, err := f.SyscallConn(); err == nil {
		_ = c.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, bulkPipe) })
	}
}
