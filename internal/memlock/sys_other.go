//go:build !linux && !darwin

package memlock

func mapLocked(int) ([]byte, error) { return nil, ErrUnsupported }

func unmap([]byte) error { return ErrUnsupported }

// Harden has nothing to do on this system.
func Harden() error { return nil }

// HardenFully has nothing to do on this system.
func HardenFully() error { return nil }

// CloseOnExec has nothing to do on this system: programs inherit what they are
// given and nothing else.
func CloseOnExec() error { return nil }
