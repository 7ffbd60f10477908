//go:build unix

package gitrepo

import (
	"os"

	"golang.org/x/sys/unix"
)

// canHold tells whether holdFile means anything.
const canHold = true

// holdFile has the system note that this process uses a file, as long as it is
// open and the process lives. It fails if another one does.
func holdFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
