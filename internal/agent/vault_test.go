package agent

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/git-envelope/git-envelope/internal/memlock"
)

// vaultFor makes a vault for a test that runs on fake time.
func vaultFor(t *testing.T, linger time.Duration) (v *vault, key *memlock.Slot, done *int) {
	t.Helper()
	arena, err := memlock.New(4)
	if err != nil {
		t.Skip(err)
	}
	done = new(int)
	v = newVault(arena, 2, DefaultMaxTTL, linger, func() { *done++ })
	key, err = arena.Alloc()
	must(t, err)
	t.Cleanup(func() {
		v.close()
		must(t, arena.Close())
	})
	return v, key, done
}

// A key is wiped when its time is over, also when nobody asks.
func TestLifetime(t *testing.T) {
	type use struct {
		after time.Duration // since the one before
		put   *TTL          // nil: get
	}
	renew := func(ttl TTL) *TTL { ttl.Renew = true; return &ttl }
	const m, h = time.Minute, time.Hour
	for _, tt := range []struct {
		name string
		ttl  TTL
		uses []use
		want time.Duration
	}{
		{"absolute", TTL{Max: 10 * m}, nil, 10 * m},
		{"absolute, used", TTL{Max: 10 * m}, []use{{after: 9 * m}}, 10 * m},
		{"shorter than a look at the clock", TTL{Max: time.Second}, nil, time.Second},
		{"capped", TTL{Max: 1000 * h}, nil, DefaultMaxTTL},
		{"longest there is", TTL{Max: 1<<63 - 1, Idle: 1<<63 - 1}, nil, DefaultMaxTTL},
		{"idle", TTL{Max: h, Idle: 5 * m}, nil, 5 * m},
		{"idle, used", TTL{Max: h, Idle: 5 * m}, []use{{after: 4 * m}, {after: 4 * m}}, 13 * m},
		{"idle, used to the last", TTL{Max: 10 * m, Idle: 8 * m}, []use{{after: 7 * m}}, 10 * m},
		{"put again", TTL{Max: 10 * m}, []use{{5 * m, &TTL{Max: h}}}, 10 * m},
		{"put again for a shorter time", TTL{Max: 10 * m}, []use{{5 * m, &TTL{Max: m, Idle: m}}}, 10 * m},
		{"put again counts as use", TTL{Max: h, Idle: 5 * m}, []use{{4 * m, &TTL{Max: m}}}, 9 * m},
		{"renewed", TTL{Max: 10 * m, Idle: 6 * m}, []use{{5 * m, renew(TTL{Max: h})}}, 65 * m},
		{"renewed for a shorter time", TTL{Max: h}, []use{{5 * m, renew(TTL{Max: m})}}, 6 * m},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v, key, _ := vaultFor(t, DefaultLinger)
				begin, p := time.Now(), place("r", "ring", 1)
				must(t, v.put(p, key, tt.ttl))
				for _, u := range tt.uses {
					time.Sleep(u.after)
					if u.put != nil {
						must(t, v.put(p, key, *u.put))
					} else if _, ok, err := v.get(p, key); !ok || err != nil {
						t.Fatal(ok, err)
					}
				}
				slot := v.entries[p].slot
				time.Sleep(time.Until(begin.Add(tt.want - 1)))
				synctest.Wait()
				if wiped(slot) {
					t.Error("wiped too early")
				}
				time.Sleep(time.Nanosecond)
				synctest.Wait()
				if !wiped(slot) {
					t.Error("not wiped")
				}
				if _, ok, err := v.get(p, key); ok || err != nil {
					t.Error(ok, err)
				}
			})
		})
	}
}

func wiped(s *memlock.Slot) bool {
	return s.Use(func([]byte) error { return nil }) == memlock.ErrFreed
}

// Each key ends at its own time, and so does the vault when it is quiet.
func TestQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, key, done := vaultFor(t, time.Minute)
		want := func(entries, ended int) {
			t.Helper()
			synctest.Wait()
			v.mu.Lock()
			defer v.mu.Unlock()
			if len(v.entries) != entries || *done != ended {
				t.Errorf("%d entries, ended %d times; want %d, %d", len(v.entries), *done, entries, ended)
			}
		}
		time.Sleep(50 * time.Second)
		must(t, v.put(place("r", "ring", 1), key, TTL{Max: time.Minute}))
		must(t, v.put(place("r", "ring", 2), key, TTL{Max: 2 * time.Minute}))
		time.Sleep(time.Minute)
		want(1, 0)
		time.Sleep(time.Minute)
		want(0, 0)
		time.Sleep(30 * time.Second)
		v.list() // someone asks
		time.Sleep(time.Minute - 1)
		want(0, 0)
		time.Sleep(time.Nanosecond)
		want(0, 1)
		if err := v.put(place("r", "ring", 1), key, hour); err != errClosed {
			t.Errorf("put after the end: %v", err)
		}
		time.Sleep(time.Hour)
		want(0, 1)
	})
}

// A full vault makes place for a key by the one that ends first.
func TestMakePlace(t *testing.T) {
	for _, tt := range []struct {
		name  string
		other TTL
		want  byte // who is left of 1 and 2
	}{
		{"sooner", TTL{Max: time.Minute}, 1},
		{"sooner when idle", TTL{Max: 2 * time.Hour, Idle: time.Minute}, 1},
		{"later", TTL{Max: 2 * time.Hour}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v, key, _ := vaultFor(t, DefaultLinger)
				must(t, v.put(place("r", "ring", 1), key, hour))
				must(t, v.put(place("r", "ring", 2), key, tt.other))
				must(t, v.put(place("r", "ring", 2), key, tt.other)) // takes no second place
				must(t, v.put(place("r", "ring", 3), key, hour))
				got := v.list()
				if len(got) != 2 || got[0].Context.ID[0] != tt.want || got[1].Context.ID[0] != 3 {
					t.Errorf("left: %v", got)
				}
			})
		})
	}
}

// An agent whose socket is gone ends at the next look.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		gone := time.Now().Add(10*lookAfter + 1)
		watch(ctx, func() bool { return time.Now().After(gone) }, cancel)
		if after := time.Since(gone); after < 0 || after > lookAfter {
			t.Errorf("ended %v after the socket was gone", after)
		}
	})
}

// The clock that goes on while the machine sleeps counts too.
func TestUntil(t *testing.T) {
	now := time.Now()
	expires := now.Add(time.Hour)
	for _, tt := range []struct {
		name string
		now  time.Time
		want time.Duration
	}{
		{"at once", now, time.Hour},
		{"later", now.Add(time.Minute), 59 * time.Minute},
		{"by the wall only", now.Round(0).Add(2 * time.Hour), -time.Hour},
	} {
		if got := until(expires, tt.now); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
