package agent

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/memlock"
)

// lookAfter is how often the vault looks at the clock on the wall: its timers
// stand still while the machine sleeps, deadlines don't.
const lookAfter = 30 * time.Second

var errClosed = errors.New("the agent is ending")

// vault holds the keys and wipes each when its time is over. It does no I/O:
// callers bring and fetch keys in slots of their own, so that nobody waits for
// another's connection.
type vault struct {
	arena  *memlock.Arena
	limit  int           // keys
	maxTTL time.Duration // of a key
	linger time.Duration // without a key or a request
	done   func()        // called when nobody has needed the vault for that long

	mu      sync.Mutex
	entries map[keys.Context]*entry
	timer   *time.Timer
	quiet   time.Time // since when, if it is empty
	closed  bool
}

type entry struct {
	slot *memlock.Slot
	idle time.Duration
	Lifetime
}

// use counts as one for the limit on idleness.
func (e *entry) use(now time.Time) {
	if e.idle > 0 {
		e.Idle = now.Add(e.idle)
	}
}

// left is how long the entry has yet to live.
func (e *entry) left(now time.Time) time.Duration {
	d := until(e.Expires, now)
	if e.idle > 0 {
		d = min(d, until(e.Idle, now))
	}
	return d
}

// until is the shorter of what two clocks say: the monotonic one, which nobody
// can set back, and the one on the wall, which goes on while the machine sleeps.
func until(t, now time.Time) time.Duration { return min(t.Sub(now), t.Round(0).Sub(now.Round(0))) }

func newVault(arena *memlock.Arena, limit int, maxTTL, linger time.Duration, done func()) *vault {
	v := &vault{arena: arena, limit: limit, maxTTL: maxTTL, linger: linger, done: done,
		entries: map[keys.Context]*entry{}, quiet: time.Now()}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.timer = time.AfterFunc(lookAfter, func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.settle(time.Now())
	})
	v.settle(v.quiet)
	return v
}

// settle wipes what is over and sets the timer to what ends next.
func (v *vault) settle(now time.Time) {
	if v.closed {
		return
	}
	next := lookAfter
	for c, e := range v.entries {
		if left := e.left(now); left > 0 {
			next = min(next, left)
		} else {
			v.drop(c, now)
		}
	}
	if len(v.entries) == 0 {
		left := until(v.quiet.Add(v.linger), now)
		if left <= 0 {
			v.closed = true // a key that came now would be lost
			v.done()
			return
		}
		next = min(next, left)
	}
	v.timer.Reset(next)
}

// asked begins a request: what is over is gone, and the vault is not quiet.
func (v *vault) asked() time.Time {
	now := time.Now()
	v.settle(now)
	v.quiet = now
	return now
}

func (v *vault) drop(c keys.Context, now time.Time) {
	v.entries[c].slot.Free()
	delete(v.entries, c)
	v.quiet = now
}

// get copies a key into the slot.
func (v *vault) get(c keys.Context, into *memlock.Slot) (Lifetime, bool, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.asked()
	e := v.entries[c]
	if e == nil {
		return Lifetime{}, false, nil
	}
	if err := into.CopyFrom(e.slot); err != nil {
		return Lifetime{}, false, err
	}
	e.use(now)
	e.Uses++
	return e.Lifetime, true, nil
}

// put files a copy of the slot's key.
func (v *vault) put(c keys.Context, from *memlock.Slot, ttl TTL) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.asked()
	if v.closed {
		return errClosed
	}
	e, held := v.entries[c]
	if !held {
		if len(v.entries) >= v.limit {
			v.drop(v.first(now), now)
		}
		slot, err := v.arena.Alloc()
		if err != nil {
			return err
		}
		e = &entry{slot: slot}
		v.entries[c] = e
	}
	if err := e.slot.CopyFrom(from); err != nil {
		v.drop(c, now)
		return err
	}
	if !held || ttl.Renew {
		e.idle = min(ttl.Idle, v.maxTTL)
		e.Lifetime = Lifetime{Since: now, Expires: now.Add(min(ttl.Max, v.maxTTL)), Uses: e.Uses}
	}
	e.use(now)
	v.settle(now)
	return nil
}

// first is the key that ends first.
func (v *vault) first(now time.Time) keys.Context {
	var first keys.Context
	var least time.Duration
	for c, e := range v.entries {
		if left := e.left(now); first == (keys.Context{}) || left < least {
			first, least = c, left
		}
	}
	return first
}

// wipe drops what the scope covers and tells how many that were.
func (v *vault) wipe(s Scope) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.asked()
	n := 0
	for c := range v.entries {
		if s.covers(c) {
			v.drop(c, now)
			n++
		}
	}
	v.settle(now)
	return n
}

func (v *vault) list() []Entry {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked()
	all := make([]Entry, 0, len(v.entries))
	for c, e := range v.entries {
		all = append(all, Entry{c, e.Lifetime})
	}
	slices.SortFunc(all, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Context.Repository, b.Context.Repository), cmp.Compare(a.Context.Ring, b.Context.Ring),
			bytes.Compare(a.Context.ID[:], b.Context.ID[:]))
	})
	return all
}

// close wipes everything and takes no more.
func (v *vault) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := time.Now()
	for c := range v.entries {
		v.drop(c, now)
	}
	v.closed = true
	v.timer.Stop()
}
