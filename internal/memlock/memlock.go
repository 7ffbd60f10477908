// Package memlock keeps secrets of a fixed size where the system does not copy
// them: in memory that is never swapped, left out of core dumps and not handed
// to forked processes. Beside it are the few calls that close a whole process
// to debuggers, core dumps and inherited descriptors.
//
// It protects against what is written or shown by accident and against other
// processes of the same user. It does not stop root, nor hibernation, which
// writes locked memory to the disk as well.
package memlock

import (
	"errors"
	"os"
	"sync"
)

// SlotSize is the size of a slot in bytes: one data key.
const SlotSize = 32

var (
	// ErrFull: every slot is taken.
	ErrFull = errors.New("no locked memory is left")
	// ErrFreed: the slot was given back, or its arena closed.
	ErrFreed = errors.New("locked memory was given back")
	// ErrUnsupported: this system's memory is not locked by this package.
	ErrUnsupported = errors.New("locked memory is not supported on this system")
)

// Arena is one mapping of locked memory, cut into slots. It is safe for
// concurrent use.
type Arena struct {
	mu     sync.Mutex
	mem    []byte
	free   [][]byte
	taken  map[*Slot]struct{}
	closed bool
}

// New maps and locks memory for that many slots. Memory that can't be locked is
// an error, never used as it is.
func New(slots int) (*Arena, error) {
	page := os.Getpagesize()
	mem, err := mapLocked((slots*SlotSize + page - 1) / page * page)
	if err != nil {
		return nil, err
	}
	a := &Arena{mem: mem, taken: map[*Slot]struct{}{}}
	for i := range slots {
		a.free = append(a.free, mem[i*SlotSize:(i+1)*SlotSize:(i+1)*SlotSize])
	}
	return a, nil
}

// Alloc takes a slot, which holds zeros.
func (a *Arena) Alloc() (*Slot, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch n := len(a.free); {
	case a.closed:
		return nil, ErrFreed
	case n == 0:
		return nil, ErrFull
	default:
		s := &Slot{arena: a, b: a.free[n-1]}
		a.free = a.free[:n-1]
		a.taken[s] = struct{}{}
		return s, nil
	}
}

// Close frees every slot, waiting for those in use, and gives the memory back.
func (a *Arena) Close() error {
	a.mu.Lock()
	if a.closed {
		a.mu.Unlock()
		return nil
	}
	a.closed = true
	taken := make([]*Slot, 0, len(a.taken))
	for s := range a.taken {
		taken = append(taken, s)
	}
	a.mu.Unlock()
	for _, s := range taken {
		s.Free()
	}
	return unmap(a.mem)
}

// Slot is SlotSize bytes of an arena. Its memory is reached through Use alone,
// so that nobody holds on to it when it is given back.
type Slot struct {
	arena *Arena
	mu    sync.Mutex
	b     []byte // nil once freed
}

// Use calls f with the slot's memory, which f must neither keep nor outlive.
func (s *Slot) Use(f func(b []byte) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.b == nil {
		return ErrFreed
	}
	return f(s.b)
}

// CopyFrom copies the content of another slot. Both are in use meanwhile: two
// slots must not be copied both ways at once.
func (s *Slot) CopyFrom(o *Slot) error {
	return s.Use(func(to []byte) error {
		return o.Use(func(from []byte) error {
			copy(to, from)
			return nil
		})
	})
}

// Free wipes the slot and gives it back. It waits for whoever uses it.
func (s *Slot) Free() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.b == nil {
		return
	}
	clear(s.b)
	s.arena.mu.Lock()
	defer s.arena.mu.Unlock()
	s.arena.free = append(s.arena.free, s.b)
	delete(s.arena.taken, s)
	s.b = nil
}
