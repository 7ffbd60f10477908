package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// lockState names the rings the user locked in this clone. It is kept in
// $GIT_COMMON_DIR/envelope/locked, one ring a line; "*" stands for all.
type lockState []string

const allRings = "*"

func (l lockState) has(ring string) bool {
	return slices.Contains(l, allRings) || slices.Contains(l, ring)
}

func (c *clone) readLocked() (lockState, error) {
	b, err := os.ReadFile(c.state("locked"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the lock state: %w", err)
	}
	return strings.Fields(string(b)), nil
}

func (c *clone) writeLocked(l lockState) error {
	slices.Sort(l)
	l = slices.Compact(l)
	if len(l) == 0 {
		if err := os.Remove(c.state("locked")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("write the lock state: %w", err)
		}
		return nil
	}
	return writeFile(c.state("locked"), []byte(strings.Join(l, "\n")+"\n"))
}
