package filter

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// maxDelayed bounds the smudges that wait for a key at once: each may hold an
// open spool file. Beyond it, smudge waits in line.
const maxDelayed = 128

// delayed keeps the smudges that Git was told to ask for again. Opening a ring
// at a KMS takes many round trips; in the meantime Git goes on with the rest.
type delayed struct {
	mu       sync.Mutex
	waiting  map[string]*waiting
	fetching map[keys.ID]chan struct{}
}

type waiting struct {
	spool *spool
	ready <-chan struct{} // closed when the key is there, or is known not to be
	told  bool            // named in an answer of available
}

// postpone starts fetching the key with fetch, waits at most patience for it,
// and keeps the spool for later if that was not enough.
func (d *delayed) postpone(name string, id keys.ID, s *spool, patience time.Duration, fetch func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	ready, ok := d.fetching[id]
	if !ok {
		ready = make(chan struct{})
		if d.fetching == nil {
			d.fetching, d.waiting = map[keys.ID]chan struct{}{}, map[string]*waiting{}
		}
		d.fetching[id] = ready
		go func() { defer close(ready); fetch() }()
		patient := time.NewTimer(patience)
		defer patient.Stop()
		select {
		case <-ready:
		case <-patient.C:
		}
	}
	select {
	case <-ready:
		return false
	default:
	}
	if len(d.waiting) >= maxDelayed || d.waiting[name] != nil {
		return false
	}
	d.waiting[name] = &waiting{spool: s, ready: ready}
	return true
}

// take gives the spool of a delayed path back, nil if it was not delayed.
func (d *delayed) take(name string) *spool {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.waiting[name]
	if w == nil {
		return nil
	}
	delete(d.waiting, name)
	return w.spool
}

func (d *delayed) available(ctx context.Context) ([]string, error) {
	for {
		names, next := d.ready()
		if len(names) > 0 || next == nil {
			return names, nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// ready names the paths whose key has arrived since it was asked last; with
// none, it gives something to wait for.
func (d *delayed) ready() (names []string, next <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(d.waiting)) {
		w := d.waiting[name]
		if w.told {
			continue
		}
		select {
		case <-w.ready:
			w.told = true
			names = append(names, name)
		default:
			next = w.ready
		}
	}
	return names, next
}
