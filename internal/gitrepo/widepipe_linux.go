package gitrepo

import (
	"io"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// bulkPipe is how much git may write ahead of us. With 64 KiB, the default, the
	// two processes wake each other for every few objects.
	bulkPipe = 1 << 20
	// patience is how long git may write into an empty pipe: it writes some 300 KiB
	// meanwhile. The first patientFrom bytes are not waited for.
	patience    = 300 * time.Microsecond
	patientFrom = 1 << 20
)

// widePipe is a command's output through a pipe for large amounts. Git writes
// 4 KiB at a time, and to wake a reader costs it more than to copy them. So the
// pipe is larger, as far as the system allows it, and its reader does not wait for
// what comes: it is no part of the runtime's poll, which would be told of every
// write, and sleeps a little when it has emptied the pipe.
func widePipe(cmd *exec.Cmd) (io.ReadCloser, error) {
	var fd [2]int
	if err := unix.Pipe2(fd[:], unix.O_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("pipe2", err)
	}
	_, _ = unix.FcntlInt(uintptr(fd[0]), unix.F_SETPIPE_SZ, bulkPipe)
	cmd.Stdout = os.NewFile(uintptr(fd[1]), "|1")
	return &patient{File: os.NewFile(uintptr(fd[0]), "|0")}, nil
}

// patient reads from a pipe that git writes to.
type patient struct {
	*os.File
	read  int64
	empty bool // the last read took all there was
}

func (p *patient) Read(b []byte) (int, error) {
	if p.empty && p.read >= patientFrom {
		time.Sleep(patience)
	}
	n, err := p.File.Read(b)
	p.read += int64(n)
	p.empty = n < len(b)
	return n, err
}
