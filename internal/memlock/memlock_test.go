package memlock

import (
	"bytes"
	"errors"
	"runtime"
	"sync"
	"testing"
)

// arena makes one for a test, or skips it where there is none.
func arena(t *testing.T, slots int) *Arena {
	t.Helper()
	a, err := New(slots)
	if errors.Is(err, ErrUnsupported) {
		t.Skip(err)
	}
	must(t, err)
	t.Cleanup(func() { must(t, a.Close()) })
	return a
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func alloc(t *testing.T, a *Arena) *Slot {
	t.Helper()
	s, err := a.Alloc()
	must(t, err)
	return s
}

// fill writes c into each byte of a slot.
func fill(t *testing.T, s *Slot, c byte) {
	t.Helper()
	must(t, s.Use(func(b []byte) error {
		copy(b, bytes.Repeat([]byte{c}, len(b)))
		return nil
	}))
}

func TestSlots(t *testing.T) {
	for _, n := range []int{1, 2, 128, 129} { // a page of 4 KiB holds 128
		a := arena(t, n)
		var slots []*Slot
		for i := range n {
			s := alloc(t, a)
			fill(t, s, byte(i+1))
			slots = append(slots, s)
		}
		if _, err := a.Alloc(); err != ErrFull {
			t.Errorf("%d slots: one more: %v", n, err)
		}
		for i, s := range slots { // nobody wrote into another's
			must(t, s.Use(func(b []byte) error {
				if len(b) != SlotSize || cap(b) != SlotSize || !bytes.Equal(b, bytes.Repeat([]byte{byte(i + 1)}, SlotSize)) {
					t.Errorf("%d slots: slot %d is %x (%d)", n, i, b, cap(b))
				}
				return nil
			}))
		}
	}
}

// A slot that was given back is wiped, and of no use to who had it.
func TestFree(t *testing.T) {
	a := arena(t, 1)
	s := alloc(t, a)
	fill(t, s, 7)
	s.Free()
	s.Free()
	if !wiped(a) {
		t.Error("not wiped")
	}
	other := alloc(t, a)
	fill(t, other, 8)
	s.Free() // not the other's
	if err := s.Use(func([]byte) error { return nil }); err != ErrFreed {
		t.Errorf("use after free: %v", err)
	}
	if err := other.CopyFrom(s); err != ErrFreed {
		t.Errorf("copy after free: %v", err)
	}
	if _, err := a.Alloc(); err != ErrFull {
		t.Errorf("one slot was given out twice: %v", err)
	}
}

func wiped(a *Arena) bool { return bytes.Count(a.mem, []byte{0}) == len(a.mem) }

func TestCopyFrom(t *testing.T) {
	a := arena(t, 2)
	from, to := alloc(t, a), alloc(t, a)
	fill(t, from, 7)
	must(t, to.CopyFrom(from))
	from.Free()
	must(t, to.Use(func(b []byte) error {
		if !bytes.Equal(b, bytes.Repeat([]byte{7}, SlotSize)) {
			t.Errorf("copy is %x", b)
		}
		return nil
	}))
}

// After Close nobody reaches the memory, which is not there any more.
func TestClose(t *testing.T) {
	a := arena(t, 2)
	s := alloc(t, a)
	fill(t, s, 7)
	must(t, a.Close())
	must(t, a.Close())
	if err := s.Use(func([]byte) error { return nil }); err != ErrFreed {
		t.Errorf("use after close: %v", err)
	}
	if _, err := a.Alloc(); err != ErrFreed {
		t.Errorf("alloc after close: %v", err)
	}
	s.Free()
}

// Close waits for those who use a slot, and stops those who come later.
func TestCloseInUse(t *testing.T) {
	a := arena(t, 2)
	var begun, users sync.WaitGroup
	begun.Add(2)
	for range 2 {
		s := alloc(t, a)
		users.Go(func() {
			begin := sync.OnceFunc(begun.Done)
			use := func(b []byte) error {
				begin()
				clear(b) // a fault, if it were not there
				return nil
			}
			for s.Use(use) == nil {
				runtime.Gosched()
			}
		})
	}
	begun.Wait()
	must(t, a.Close())
	users.Wait()
}
