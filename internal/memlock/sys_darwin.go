package memlock

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// exclude has nothing to do: the system has no such mark for a part of the
// memory, and programs that keep secrets here forbid core dumps altogether.
func exclude([]byte) error { return nil }

// Harden makes this process leave no core dump. Only the soft limit is lowered,
// because programs that it runs inherit it: they can raise it again. It is zero
// by default.
func Harden() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	limit.Cur = 0
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	return nil
}

// HardenFully is for a process that runs no others: it forbids core dumps for
// good, and debuggers.
func HardenFully() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	if err := unix.PtraceDenyAttach(); err != nil {
		return fmt.Errorf("refuse debuggers: %w", err)
	}
	return nil
}

// CloseOnExec marks every descriptor above standard error, so that no program
// run from here inherits one that our own parent left open.
func CloseOnExec() error { return markAll("/dev/fd") }
