package memlock

import (
	"fmt"
	"math"

	"golang.org/x/sys/unix"
)

// exclude keeps memory out of core dumps and of forked processes.
func exclude(mem []byte) error {
	if err := unix.Madvise(mem, unix.MADV_DONTDUMP); err != nil {
		return err
	}
	return unix.Madvise(mem, unix.MADV_DONTFORK)
}

// Harden makes this process leave no core dump and lets no other process of the
// user read its memory. Programs that it runs are not affected: the mark is
// lost on exec, while a limit on core dumps would be inherited.
func Harden() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("make this process not dumpable: %w", err)
	}
	return nil
}

// HardenFully is Harden for a process that runs no others: it forbids core
// dumps for good, also if something should make the process dumpable again.
func HardenFully() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	return Harden()
}

// CloseOnExec marks every descriptor above standard error, so that no program
// run from here inherits one that our own parent left open.
func CloseOnExec() error {
	if unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return nil
	}
	return markAll("/proc/self/fd") // before Linux 5.11
}
