package filter

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/git-envelope/git-envelope/filter/process"
	"github.com/git-envelope/git-envelope/internal/keys"
)

// maxDelayed bounds the smudges that wait for a key at once: each may hold an
// open spool file. Beyond it, smudge waits in line.
const maxDelayed = 128

// delayedMemory bounds what they hold in memory together; the rest goes to files.
// Tests lower it.
var delayedMemory = 8 << 20

// delayed keeps the smudges that Git was told to ask for again. Opening a ring
// at a KMS takes many round trips; in the meantime Git goes on with the rest.
type delayed struct {
	mu       sync.Mutex
	waiting  map[string]*waiting // by path
	fetching map[keys.ID]chan struct{}
	arrived  chan struct{} // closed, and made anew, whenever a fetch is over
	held     int           // memory of the waiting spools
	closed   bool
	stops    []context.CancelFunc
	running  sync.WaitGroup
}

type waiting struct {
	spool *spool
	ready <-chan struct{} // closed when the key is there, or is known not to be
	told  bool            // named in an answer of available
}

// key is one that a smudge needs.
type key struct {
	id       keys.ID
	patience time.Duration         // how long to wait before the answer is postponed
	fetch    func(context.Context) // opens it, or finds out that it stays shut
}

// postpone keeps the spool for later if the key is not there in time.
func (d *delayed) postpone(ctx context.Context, req process.Request, s *spool, k key) bool {
	ready, first := d.start(ctx, k)
	if first { // those who come later find out at once
		patient := time.NewTimer(k.patience)
		defer patient.Stop()
		select {
		case <-ready:
		case <-patient.C:
		}
	}
	if isClosed(ready) {
		return false
	}
	return d.keep(req, s, ready)
}

// start has a key fetched, once. The channel is closed when that is over; nil
// says that nothing is started any more.
func (d *delayed) start(ctx context.Context, k key) (ready chan struct{}, first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	ready, known := d.fetching[k.id]
	if known || d.closed {
		return ready, false
	}
	if d.fetching == nil {
		d.fetching, d.waiting, d.arrived = map[keys.ID]chan struct{}{}, map[string]*waiting{}, make(chan struct{})
	}
	ready = make(chan struct{})
	d.fetching[k.id] = ready
	// The fetch serves other requests too, so it ends with us, not with this one.
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	d.stops = append(d.stops, stop)
	d.running.Go(func() {
		defer d.over(ready)
		k.fetch(ctx)
	})
	return ready, true
}

// over tells that a fetch has ended. A panic in it is dropped: the smudge that
// asks for the key again meets it where it becomes that file's error.
func (d *delayed) over(ready chan struct{}) {
	_ = recover()
	close(ready)
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.arrived)
	d.arrived = make(chan struct{})
}

// keep takes the spool over, if there is room for it.
func (d *delayed) keep(req process.Request, s *spool, ready <-chan struct{}) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || len(d.waiting) >= maxDelayed || d.waiting[req.Path] != nil {
		return false
	}
	if d.held+s.held() > delayedMemory && s.file == nil && s.spill() != nil {
		return false
	}
	d.held += s.held()
	d.waiting[req.Path] = &waiting{spool: s, ready: ready}
	return true
}

// emptyBlob are the object names of no content, by SHA-1 and SHA-256.
var emptyBlob = map[string]bool{
	"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391":                         true,
	"473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813": true,
}

// take gives the spool of a delayed path back when Git asks for it: with empty
// content, after it was told that the path is ready. Any other request for the
// path is a new one (Git gave up on the old one and its process lives on), and
// what was kept would be the wrong file. nil if nothing was kept.
//
// The blob that Git names then says nothing: of a path in conflict it names that
// of another stage (seen with 2.39, 'git checkout --ours'). Only the empty blob
// tells a file that is really empty, so that it is not taken for the old one.
func (d *delayed) take(req process.Request, empty bool) *spool {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.waiting[req.Path]
	if w == nil {
		return nil
	}
	delete(d.waiting, req.Path)
	d.held -= w.spool.held()
	if !empty || req.CanDelay || !w.told || emptyBlob[req.Blob] {
		_ = w.spool.Close()
		return nil
	}
	return w.spool
}

func (d *delayed) available(ctx context.Context) ([]string, error) {
	for {
		names, more := d.ready()
		if len(names) > 0 || more == nil {
			return names, nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// ready names the paths whose key has arrived since it was asked last; with
// none, it gives something to wait for, or nil if there is nothing either.
func (d *delayed) ready() (names []string, more <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(d.waiting)) {
		switch w := d.waiting[name]; {
		case w.told:
		case isClosed(w.ready):
			w.told = true
			names = append(names, name)
		default:
			more = d.arrived
		}
	}
	return names, more
}

// close drops what is kept, and waits for the fetches it has told to end.
func (d *delayed) close() error {
	d.mu.Lock()
	d.closed = true
	var errs []error
	for _, w := range d.waiting {
		errs = append(errs, w.spool.Close())
	}
	clear(d.waiting)
	d.held = 0
	for _, stop := range d.stops {
		stop()
	}
	d.mu.Unlock()
	d.running.Wait()
	return errors.Join(errs...)
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
