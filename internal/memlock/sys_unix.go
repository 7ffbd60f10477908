//go:build linux || darwin

package memlock

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// mapLocked maps whole pages, which hold zeros.
func mapLocked(size int) ([]byte, error) {
	mem, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil, fmt.Errorf("map memory: %w", err)
	}
	if err := unix.Mlock(mem); err != nil {
		_ = unix.Munmap(mem)
		return nil, fmt.Errorf("lock %d KiB of memory: %w (raise the limit: ulimit -l, or LimitMEMLOCK= of systemd)", size>>10, err)
	}
	if err := exclude(mem); err != nil {
		_ = unix.Munmap(mem)
		return nil, fmt.Errorf("keep memory out of core dumps: %w", err)
	}
	return mem, nil
}

func unmap(mem []byte) error {
	clear(mem)
	return unix.Munmap(mem)
}

// markAll marks the descriptors above standard error that a folder of the
// system lists. One that is closed meanwhile, as the folder's own is, is passed over.
func markAll(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("list open descriptors: %w", err)
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			_, _ = unix.FcntlInt(uintptr(fd), unix.F_SETFD, unix.FD_CLOEXEC)
		}
	}
	return nil
}
