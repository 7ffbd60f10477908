package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/policy"
)

// lockState names the rings the user locked in this clone. It is kept in
// $GIT_COMMON_DIR/envelope/locked, one ring a line; "*" stands for all.
type lockState []string

const allRings = "*"

// has tells whether a ring is locked, by any of its names: keys of the time before
// a ring was renamed have the name of then.
func (l lockState) has(p *policy.Policy, ring string) bool {
	return slices.Contains(l, allRings) || slices.ContainsFunc(everyName(p, ring), func(name string) bool { return slices.Contains(l, name) })
}

// everyName lists the names that rings have and had.
func everyName(p *policy.Policy, rings ...string) (names []string) {
	for _, name := range rings {
		names = append(names, name)
		if p == nil {
			continue
		}
		if r, ok := p.Ring(p.Today(name)); ok {
			names = append(names, r.Names()...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// everyGeneration lists the generations of a ring under every name it ever had, the
// newest of today's name first: that one is current.
func everyGeneration(ctx context.Context, kr *keyring.Keyring, ring policy.Ring) (all []keyring.Metadata, err error) {
	for _, name := range ring.Names() {
		generations, err := kr.Generations(ctx, name)
		if err != nil || name == ring.Name && len(generations) == 0 {
			return nil, err // without a current one the ring has no key
		}
		all = append(all, generations...)
	}
	return all, nil
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
