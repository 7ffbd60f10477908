package keyring_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

// TestBound holds the times that docs/keys.md promises, on a fake clock: how
// long it takes until a ring opens, or stays shut, when recipients misbehave.
func TestBound(t *testing.T) {
	const n, hang, deaf, deny, throttle, down = keystest.Normal, keystest.Hang, keystest.Deaf, keystest.Deny, keystest.Throttle, keystest.Unreachable
	for _, tt := range []struct {
		name  string
		modes [3]keystest.Mode
		cause error
		took  time.Duration
	}{
		{"all well", [3]keystest.Mode{n, n, n}, nil, 0},
		{"first denied", [3]keystest.Mode{deny, n, n}, nil, 0},
		{"first throttled", [3]keystest.Mode{throttle, n, n}, nil, 0},
		{"first unreachable", [3]keystest.Mode{down, n, n}, nil, 0},
		{"first hanging", [3]keystest.Mode{hang, n, n}, nil, time.Second},
		{"first deaf to its context", [3]keystest.Mode{deaf, n, n}, nil, time.Second},
		{"two hanging", [3]keystest.Mode{hang, hang, n}, nil, 2 * time.Second},
		{"hanging, then denied", [3]keystest.Mode{hang, deny, n}, nil, time.Second},
		{"all hanging", [3]keystest.Mode{hang, hang, hang}, keys.ErrTransient, 5 * time.Second},
		{"all denied", [3]keystest.Mode{deny, deny, deny}, keys.ErrNoAccess, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				gen := w.add(noon)
				for i, name := range []string{"a", "b", "c"} {
					w.mem.SetMode(name, tt.modes[i])
				}
				start := time.Now()
				got, err := w.keyring().Open(t.Context(), gen.ID, "")
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if tt.cause != nil {
					wantCause(t, err, tt.cause, "mem:a", "mem:b", "mem:c")
				} else {
					wantKey(t, got, err, gen)
				}
				w.mem.Release()
			})
		})
	}
}

// TestRememberedFailures: what is wrong with a recipient, and not with one
// wrapped key, is found out once for all generations.
func TestRememberedFailures(t *testing.T) {
	for name, tt := range map[string]struct {
		mode keystest.Mode
		took time.Duration
		asks int
	}{
		"hanging":     {keystest.Hang, 3 * time.Second, 1},
		"unreachable": {keystest.Unreachable, 0, 1},
		"throttled":   {keystest.Throttle, 0, 1},
		"expired":     {keystest.Expired, 0, 1},
		"no identity": {keystest.Absent, 0, 1},
		"denied":      {keystest.Deny, 0, 1}, // of the same key, in the same ring
		"foreign":     {keystest.Foreign, 0, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "a")
				ids := []keys.ID{w.add(noon).ID, w.add(noon.Add(time.Hour)).ID, w.add(noon.Add(2 * time.Hour)).ID}
				w.mem.SetMode("a", tt.mode)
				k := w.keyring()
				start := time.Now()
				for _, id := range ids {
					if _, err := k.Open(t.Context(), id, ""); err == nil {
						t.Error("opened")
					}
				}
				if took := time.Since(start); took != tt.took || w.mem.Unwraps("a") != tt.asks {
					t.Errorf("took %v and %d calls, want %v and %d", took, w.mem.Unwraps("a"), tt.took, tt.asks)
				}
				w.mem.SetMode("a", keystest.Normal)
				if _, err := k.Open(t.Context(), ids[0], "other"); err == nil {
					t.Error("the failure was not remembered")
				}
				k.Forget()
				if _, err := k.Open(t.Context(), ids[0], ""); err != nil {
					t.Errorf("after Forget: %v", err)
				}
			})
		})
	}
}

// TestDeniedElsewhere: a grant may depend on the ring, so a refusal holds for
// one ring only.
func TestDeniedElsewhere(t *testing.T) {
	w := newWorld(t, "a")
	prod := w.add(noon)
	dev, files := w.generation("dev", noon)
	w.here.put(files...)
	k := w.keyring()
	w.mem.SetMode("a", keystest.Deny)
	if _, err := k.Open(t.Context(), prod.ID, ""); err == nil {
		t.Fatal("opened")
	}
	w.mem.SetMode("a", keystest.Normal)
	got, err := k.Open(t.Context(), dev.ID, "")
	wantKey(t, got, err, dev)
}

// TestOvertaken: one slow recipient costs the wait beside it once.
func TestOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a", "b")
		first, second := w.add(noon), w.add(noon.Add(time.Hour))
		w.mem.SetMode("a", keystest.Hang)
		k := w.keyring()
		start := time.Now()
		for _, gen := range []keys.Generation{first, second} {
			got, err := k.Open(t.Context(), gen.ID, "")
			wantKey(t, got, err, gen)
		}
		if took := time.Since(start); took != time.Second || w.unwraps() != "1 2" {
			t.Errorf("took %v with %s calls, want 1s with 1 2", took, w.unwraps())
		}
	})
}

// TestTamperedBesideSlow: a tampered key ends the search, however many are still asked.
func TestTamperedBesideSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a", "b")
		gen := w.add(noon)
		w.mem.SetMode("a", keystest.Hang)
		w.mem.SetMode("b", keystest.Tampered)
		_, err := w.keyring().Open(t.Context(), gen.ID, "")
		wantCause(t, err, keys.ErrTampered, "mem:b")
	})
}

func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a", "b", "c")
		gen := w.add(noon)
		for _, name := range []string{"a", "b", "c"} {
			w.mem.SetMode(name, keystest.Hang)
		}
		w.cfg.Deadline, w.cfg.Hedge, w.cfg.Total = 10*time.Second, time.Minute, 15*time.Second
		start := time.Now()
		_, err := w.keyring().Open(t.Context(), gen.ID, "")
		wantCause(t, err, keys.ErrTransient, "mem:b: unreachable: no answer", "mem:c: unreachable: not tried")
		if took := time.Since(start); took != 20*time.Second || w.unwraps() != "1 1 0" {
			t.Errorf("took %v with %s calls", took, w.unwraps())
		}
	})
}

// provided is a Memory whose Unwrap is the test's.
type provided struct {
	*keystest.Memory
	unwrap func(context.Context, keys.Recipient, func(keys.Recipient) (*keys.DataKey, error)) (*keys.DataKey, error)
}

func (provided) Check(keys.Recipient) error { return nil }

func (p provided) Unwrap(ctx context.Context, r keys.Recipient, c keys.Context, w keys.Wrapped) (*keys.DataKey, error) {
	return p.unwrap(ctx, r, func(r keys.Recipient) (*keys.DataKey, error) { return p.Memory.Unwrap(ctx, r, c, w) })
}

func (w *world) provide(unwrap func(context.Context, keys.Recipient, func(keys.Recipient) (*keys.DataKey, error)) (*keys.DataKey, error)) {
	w.cfg.Providers = keys.NewRegistry(provided{w.mem, unwrap})
}

// slowly answers right, after a while.
func slowly(d time.Duration) func(context.Context, keys.Recipient, func(keys.Recipient) (*keys.DataKey, error)) (*keys.DataKey, error) {
	return func(_ context.Context, r keys.Recipient, open func(keys.Recipient) (*keys.DataKey, error)) (*keys.DataKey, error) {
		time.Sleep(d)
		return open(r)
	}
}

// TestBudgetOfSuccess: what was not in vain costs nothing, however long a history is.
func TestBudgetOfSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		var ids []keys.ID
		for i := range 70 {
			ids = append(ids, w.add(noon.Add(time.Duration(i)*time.Hour)).ID)
		}
		w.provide(slowly(500 * time.Millisecond))
		k := w.keyring()
		for i, id := range ids {
			if _, err := k.Open(t.Context(), id, ""); err != nil {
				t.Fatalf("generation %d: %v", i, err)
			}
		}
	})
}

// TestBudgetOfMany: those who wait at the same time wait once.
func TestBudgetOfMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		w.cfg.Total = 5 * time.Second
		var ids []keys.ID
		for i := range 16 {
			ids = append(ids, w.add(noon.Add(time.Duration(i)*time.Hour)).ID)
		}
		last := w.add(noon.Add(100 * time.Hour))
		w.mem.SetMode("a", keystest.Foreign)
		w.provide(slowly(2 * time.Second))
		k := w.keyring()
		var all sync.WaitGroup
		for _, id := range ids {
			all.Go(func() { _, _ = k.Open(t.Context(), id, "") })
		}
		all.Wait()
		w.mem.SetMode("a", keystest.Normal)
		got, err := k.Open(t.Context(), last.ID, "")
		wantKey(t, got, err, last)
	})
}

// TestBudgetSpent: what was spent in vain on one key is not there for the next.
func TestBudgetSpent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		w.cfg.Total = 5 * time.Second
		var ids []keys.ID
		for i := range 4 {
			ids = append(ids, w.add(noon.Add(time.Duration(i)*time.Hour)).ID)
		}
		w.mem.SetMode("a", keystest.Foreign)
		w.provide(slowly(2 * time.Second))
		k := w.keyring()
		start := time.Now()
		for _, id := range ids[:3] {
			_, err := k.Open(t.Context(), id, "")
			wantCause(t, err, keys.ErrNoAccess, "not yours")
		}
		_, err := k.Open(t.Context(), ids[3], "")
		wantCause(t, err, keys.ErrTransient, "not tried, the others took too long")
		if took := time.Since(start); took != 6*time.Second {
			t.Errorf("took %v, want 6s", took)
		}
	})
}

// TestUnsupportedOnce: a wrapped key of an unknown kind says nothing of the others.
func TestUnsupportedOnce(t *testing.T) {
	w := newWorld(t, "a")
	older, newer := w.add(noon), w.add(noon.Add(time.Hour))
	strange := true
	w.provide(func(_ context.Context, r keys.Recipient, open func(keys.Recipient) (*keys.DataKey, error)) (*keys.DataKey, error) {
		if strange {
			return nil, &keys.Error{Kind: keys.Unsupported, Message: "unknown algorithm"}
		}
		return open(r)
	})
	k := w.keyring()
	if _, err := k.Open(t.Context(), newer.ID, ""); err == nil {
		t.Fatal("opened")
	}
	strange = false
	got, err := k.Open(t.Context(), older.ID, "")
	wantKey(t, got, err, older)
}

// TestOptionsApart: one key asked as another role is another matter.
func TestOptionsApart(t *testing.T) {
	w := newWorld(t, "a")
	prod := w.add(noon)
	dev, files := w.generation("dev", noon)
	w.here.put(files...)
	w.provide(func(_ context.Context, r keys.Recipient, open func(keys.Recipient) (*keys.DataKey, error)) (*keys.DataKey, error) {
		if r.Options["role"] == "dev" {
			return nil, &keys.Error{Kind: keys.Expired}
		}
		return open(r)
	})
	w.cfg.Recipients = func(ring string) []keys.Recipient {
		r := w.mem.Recipient("a")
		r.Options = map[string]string{"role": ring}
		return []keys.Recipient{r}
	}
	k := w.keyring()
	if _, err := k.Open(t.Context(), dev.ID, ""); err == nil {
		t.Fatal("opened")
	}
	got, err := k.Open(t.Context(), prod.ID, "")
	wantKey(t, got, err, prod)
}

// TestTamperedLate: a verdict that comes with the deadline is still a verdict.
func TestTamperedLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		gen := w.add(noon)
		w.provide(func(ctx context.Context, _ keys.Recipient, _ func(keys.Recipient) (*keys.DataKey, error)) (*keys.DataKey, error) {
			<-ctx.Done()
			return nil, &keys.Error{Kind: keys.Tampered, Message: "no"}
		})
		_, err := w.keyring().Open(t.Context(), gen.ID, "")
		wantCause(t, err, keys.ErrTampered)
	})
}

// TestLockedWhileAsking: a key must not get into the agent behind a lock's back.
func TestLockedWhileAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		gen := w.add(noon)
		var locked atomic.Bool
		c := &cache{}
		w.cfg.Cache, w.cfg.Locked = c, func(string) bool { return locked.Load() }
		w.provide(slowly(2 * time.Second))
		k := w.keyring()
		time.AfterFunc(time.Second, func() { locked.Store(true) })
		if _, err := k.Open(t.Context(), gen.ID, ""); err != nil || len(c.puts) > 0 {
			t.Errorf("the cache was given %v (%v)", c.puts, err)
		}
	})
}

func TestPrefer(t *testing.T) {
	mem, other := keystest.NewMemory("memory"), keystest.NewMemory("other")
	w := newWorld(t)
	w.registry = keys.NewRegistry(mem, other)
	w.cfg.Providers = w.registry
	w.recipients = []keys.Recipient{mem.Recipient("a"), other.Recipient("b")}
	gen := w.add(noon)
	for _, prefer := range []string{"", "other", "memory", "none", "none other"} {
		w.cfg.Prefer = strings.Fields(prefer)
		before := other.Unwraps("b")
		if _, err := w.keyring().Open(t.Context(), gen.ID, ""); err != nil {
			t.Fatal(err)
		}
		if asked := other.Unwraps("b") > before; asked != strings.Contains(prefer, "other") {
			t.Errorf("prefer %q: the other kind was asked first: %v", prefer, asked)
		}
	}
}

// cache is a keyring.Cache in memory.
type cache struct {
	key   *keys.DataKey
	until time.Time
	gets  []keys.Context
	puts  []keys.Context
}

func (c *cache) Get(_ context.Context, at keys.Context) (*keys.DataKey, time.Time) {
	c.gets = append(c.gets, at)
	return c.key, c.until
}

func (c *cache) Put(_ context.Context, at keys.Context, _ *keys.DataKey) { c.puts = append(c.puts, at) }

func TestCache(t *testing.T) {
	w := newWorld(t)
	gen := w.add(noon)
	copied, err := keys.DataKeyFrom(gen.Key.Bytes()[:])
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := keys.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	at := keys.Context{Repository: repository, Ring: "prod", ID: gen.ID}
	for _, tt := range []struct {
		name    string
		has     *keys.DataKey
		unwraps int
		warns   bool
	}{
		{"has it", copied, 0, false},
		{"has nothing", nil, 1, false},
		{"lies", wrong, 1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := w.mem.Unwraps("a")
			w.warnings = nil
			c := &cache{key: tt.has, until: noon.Add(time.Hour)}
			w.cfg.Cache = c
			k := w.keyring()
			for range 2 {
				got, err := k.Open(t.Context(), gen.ID, "")
				wantKey(t, got, err, gen)
				got, err = k.Current(t.Context(), "prod")
				wantKey(t, got, err, gen)
			}
			if n := w.mem.Unwraps("a") - before; n != tt.unwraps || len(c.puts) != tt.unwraps || len(c.gets) != 1 || c.gets[0] != at {
				t.Errorf("%d unwraps, cache asked for %v and given %v", n, c.gets, c.puts)
			}
			if warned := len(w.warnings) > 0; warned != tt.warns {
				t.Errorf("warnings %q", w.warnings)
			}
			o, ok := k.Origin(t.Context(), gen.ID)
			if !ok || o.Cached() != (tt.unwraps == 0) || o.Cached() && !o.Until.Equal(c.until) || !o.Cached() && o.Recipient.URI != "mem:a" {
				t.Errorf("origin %+v", o)
			}
		})
	}
}

// TestCacheAskedOnce: a cache without the key is not asked again for each place.
func TestCacheAskedOnce(t *testing.T) {
	w := newWorld(t)
	gen := w.add(noon)
	for _, name := range []string{"a", "b", "c"} {
		w.mem.SetMode(name, keystest.Foreign)
	}
	w.cfg.Sources = []keyring.Source{w.here, w.here}
	c := &cache{}
	w.cfg.Cache = c
	k := w.keyring()
	for _, treeish := range []string{"", "HEAD~1"} {
		_, err := k.Open(t.Context(), gen.ID, treeish)
		wantCause(t, err, keys.ErrNoAccess)
	}
	if len(c.gets) != 1 {
		t.Errorf("asked %d times", len(c.gets))
	}
}

// TestCacheLocked: a lock holds whatever an agent has.
func TestCacheLocked(t *testing.T) {
	w := newWorld(t)
	gen := w.add(noon)
	c := &cache{key: gen.Key}
	w.cfg.Cache, w.cfg.Locked = c, func(string) bool { return true }
	_, err := w.keyring().Open(t.Context(), gen.ID, "")
	wantCause(t, err, keys.ErrLocked)
	if len(c.gets) != 0 {
		t.Error("the cache was asked")
	}
}

func TestTry(t *testing.T) {
	for name, tt := range map[string]struct {
		mode keystest.Mode
		fail string
		shut keys.Kind
	}{
		"well":          {keystest.Normal, "", 0},
		"denied":        {keystest.Deny, "access denied", 0}, // wrapping is denied as well
		"unreachable":   {keystest.Unreachable, "unreachable", 0},
		"hanging":       {keystest.Hang, "no answer within 15s", 0},
		"another key":   {keystest.WrongKey, "does not give back", 0},
		"a short key":   {keystest.ShortKey, "does not give back", 0},
		"no key at all": {keystest.NoKey, "does not give back", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "a")
				w.mem.SetMode("a", tt.mode)
				trial, err := keyring.Try(t.Context(), w.registry, repository, "prod", w.recipients[0])
				switch {
				case tt.fail == "" && (err != nil || trial.Shut != nil || trial.Wrapped.Key != "mem:a"):
					t.Errorf("got %+v, %v", trial, err)
				case tt.fail != "" && (err == nil || !strings.Contains(err.Error(), tt.fail)):
					t.Errorf("error %v, want one with %q", err, tt.fail)
				}
			})
		})
	}
}

func TestExtend(t *testing.T) {
	w := newWorld(t, "a")
	older, newer := w.add(noon), w.add(noon.Add(time.Hour))
	more := []keys.Recipient{w.mem.Recipient("a"), w.mem.Recipient("new")}
	files, err := w.keyring().Extend(t.Context(), "prod", more)
	if err != nil || len(files) != 2 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	w.here.put(files...)
	w.mem.SetMode("a", keystest.Absent)
	k := w.keyring()
	for _, gen := range []keys.Generation{older, newer} {
		got, err := k.Open(t.Context(), gen.ID, "")
		wantKey(t, got, err, gen)
	}
	if files, err := k.Extend(t.Context(), "prod", more); err != nil || len(files) != 0 {
		t.Errorf("again: %d files, %v", len(files), err)
	}
}

// TestExtendMalformed: a generation without any well-formed file is an error.
func TestExtendMalformed(t *testing.T) {
	w := newWorld(t, "a")
	w.add(noon)
	w.edit("/", func([]byte) []byte { return []byte("junk") })
	_, err := w.keyring().Extend(t.Context(), "prod", []keys.Recipient{w.mem.Recipient("new")})
	wantCause(t, err, keys.ErrTampered)
}

// TestExtendLie: a file that claims another time than the one that authenticated
// is not what a newcomer is added beside.
func TestExtendLie(t *testing.T) {
	w := newWorld(t, "a", "b")
	gen := w.add(noon)
	w.edit(keyring.Path("prod", gen.ID, w.recipients[1].ID()), replace("2026-01-31T12:00:00Z", "2026-01-30T12:00:00Z"))
	files, err := w.keyring().Extend(t.Context(), "prod", []keys.Recipient{w.mem.Recipient("new")})
	if files != nil {
		t.Errorf("%d files", len(files))
	}
	wantCause(t, err, keys.ErrTampered, w.recipients[1].ID(), "says it was created")
}

// TestExtendShut: a newcomer gets all generations or none.
func TestExtendShut(t *testing.T) {
	w := newWorld(t, "a")
	w.add(noon)
	w.recipients = []keys.Recipient{w.mem.Recipient("b")}
	w.add(noon.Add(time.Hour))
	w.mem.SetMode("a", keystest.Absent)
	files, err := w.keyring().Extend(t.Context(), "prod", []keys.Recipient{w.mem.Recipient("new")})
	if files != nil {
		t.Errorf("%d files", len(files))
	}
	wantCause(t, err, keys.ErrNoAccess, "mem:a")
}

func TestProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.add(noon)
		gen := w.add(noon.Add(time.Hour))
		w.recipients = append(w.recipients, w.mem.Recipient("later"))
		w.mem.SetMode("b", keystest.Deny)
		w.mem.SetMode("c", keystest.Hang)
		start := time.Now()
		m, probes, err := w.keyring().Probe(t.Context(), "prod")
		if err != nil || m.ID != gen.ID || len(probes) != 4 {
			t.Fatalf("generation %v, %d probes, %v", m.ID, len(probes), err)
		}
		if took := time.Since(start); took != keyring.DefaultDeadline {
			t.Errorf("took %v: recipients were not asked at once", took)
		}
		if p := probes[0]; p.Failed != nil || !p.Wrapped {
			t.Errorf("a: %+v", p)
		}
		if p := probes[1]; p.Failed == nil || p.Failed.Kind != keys.Denied || p.Failed.Principal != "tester" {
			t.Errorf("b: %+v", p)
		}
		if p := probes[2]; p.Failed == nil || p.Failed.Kind != keys.Unreachable || p.Took != keyring.DefaultDeadline {
			t.Errorf("c: %+v", p)
		}
		if p := probes[3]; p.Wrapped || p.Failed != nil {
			t.Errorf("later: %+v", p)
		}
	})
}
