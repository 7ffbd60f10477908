package filter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/filter/process"
	"github.com/git-envelope/git-envelope/internal/keys"
)

// checkout plays Git's part of a checkout that may be delayed.
type checkout struct {
	t *testing.T
	f *Filter
}

func newCheckout(t *testing.T, w *world) checkout {
	f := w.filter()
	f.DelayAfter = 1 // a nanosecond
	t.Cleanup(func() { f.Close() })
	return checkout{t, f}
}

// request asks for a path the first time.
func (c checkout) request(path string, blob []byte) ([]byte, error) {
	c.t.Helper()
	return drain(c.f.Handle(context.Background(), process.Request{Command: "smudge", Path: path, Blob: oid(blob), Treeish: "tree", CanDelay: true}, bytes.NewReader(blob)))
}

// delay asks for a path that has to be delayed.
func (c checkout) delay(path string, blob []byte) {
	c.t.Helper()
	if out, err := c.request(path, blob); !errors.Is(err, process.ErrDelayed) {
		c.t.Fatalf("%s: not delayed but %d bytes, error %v", path, len(out), err)
	}
}

// again asks for a delayed path.
func (c checkout) again(path string, blob []byte) ([]byte, error) {
	c.t.Helper()
	return drain(c.f.Handle(context.Background(), process.Request{Command: "smudge", Path: path, Blob: oid(blob), Treeish: "tree"}, strings.NewReader("")))
}

func (c checkout) available() []string {
	c.t.Helper()
	names, err := c.f.Available(context.Background())
	if err != nil {
		c.t.Fatal(err)
	}
	return names
}

func oid(blob []byte) string { return fmt.Sprintf("%x", len(blob)) }

// TestDelay: several paths wait for one key, which is fetched once.
func TestDelay(t *testing.T) {
	before := runtime.NumGoroutine()
	w := newWorld(t)
	key := make(chan struct{})
	w.slow[dev2.ID] = key
	c := newCheckout(t, w)
	blobs := map[string][]byte{"dev/a": sealWith(t, dev2, text(10)), "dev/b": sealWith(t, dev2, text(60_000)), "dev/c": sealWith(t, dev2, text(30))}
	for _, path := range []string{"dev/c", "dev/a", "dev/b"} {
		c.delay(path, blobs[path])
	}
	// Others are served in the meantime.
	c.f.DelayAfter = time.Hour
	if out, err := c.request("prod/a", sealWith(t, prod1, text(40))); err != nil || !bytes.Equal(out, text(40)) {
		t.Fatalf("%q, %v", out, err)
	}
	if out, err := c.request("dev/plain", text(20)); err != nil || !bytes.Equal(out, text(20)) {
		t.Fatalf("%q, %v", out, err)
	}
	close(key)
	if got := c.available(); !slices.Equal(got, []string{"dev/a", "dev/b", "dev/c"}) {
		t.Fatalf("available: %q", got)
	}
	for path, blob := range blobs {
		out, err := c.again(path, blob)
		if err != nil || !bytes.Equal(out, openWith(t, dev2, blob)) {
			t.Errorf("%s: %d bytes, %v", path, len(out), err)
		}
	}
	if got := c.available(); len(got) > 0 {
		t.Errorf("still available: %q", got)
	}
	if d := &c.f.delayed; len(d.waiting) > 0 || d.held != 0 {
		t.Errorf("still held: %d files, %d bytes", len(d.waiting), d.held)
	}
	// The key is there: no more delay.
	if _, err := c.request("dev/d", blobs["dev/a"]); err != nil {
		t.Error(err)
	}
	if err := c.f.Close(); err != nil {
		t.Error(err)
	}
	noGoroutines(t, before)
}

// noGoroutines waits for goroutines that are ending.
func noGoroutines(t *testing.T, before int) {
	t.Helper()
	for range 10_000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// TestDelayPatience: a key that comes in time delays nothing, nor does a client
// or a filter that does not delay.
func TestDelayPatience(t *testing.T) {
	blob := sealWith(t, dev2, text(10))
	w := newWorld(t)
	c := newCheckout(t, w)
	c.f.DelayAfter = time.Hour
	if _, err := c.request("dev/a", blob); err != nil {
		t.Error(err)
	}
	w.slow[dev1.ID] = make(chan struct{})
	close(w.slow[dev1.ID])
	for _, after := range []time.Duration{0, -1} {
		c.f.DelayAfter = after
		if _, err := c.request("dev/a", sealWith(t, dev1, text(10))); err != nil {
			t.Error(err)
		}
	}
	// Nor what has no key id we know how to read.
	c.f.DelayAfter = 1
	if _, err := c.request("dev/a", versioned(blob, 2)); err != nil {
		t.Error(err)
	}
	if _, err := c.request("dev/a", []byte(magic)); !errors.Is(err, ErrIntegrity) {
		t.Error(err)
	}
}

// TestDelayTwoKeys: whichever key comes first is told first.
func TestDelayTwoKeys(t *testing.T) {
	for _, first := range []string{"dev/a", "prod/a"} {
		w := newWorld(t)
		keyOf := map[string]chan struct{}{"dev/a": make(chan struct{}), "prod/a": make(chan struct{})}
		w.slow[dev2.ID], w.slow[prod1.ID] = keyOf["dev/a"], keyOf["prod/a"]
		c := newCheckout(t, w)
		c.delay("dev/a", sealWith(t, dev2, text(10)))
		c.delay("prod/a", sealWith(t, prod1, text(10)))
		names := make(chan []string)
		go func() { names <- c.available() }()
		close(keyOf[first])
		if got := <-names; !slices.Equal(got, []string{first}) {
			t.Errorf("available: %q, want %s", got, first)
		}
		for path, key := range keyOf {
			if path != first {
				close(key)
			}
		}
		if got := c.available(); len(got) != 1 || got[0] == first {
			t.Errorf("then available: %q", got)
		}
		if got := c.available(); len(got) > 0 {
			t.Errorf("told twice: %q", got)
		}
	}
}

// TestDelayFailures: a delayed path whose key fails is ready too, and then meets
// with what it would have met without delay.
func TestDelayFailures(t *testing.T) {
	blob := sealWith(t, dev2, text(10))
	for name, tt := range map[string]struct {
		setup func(*world)
		left  bool
		err   error
	}{
		"locked":    {func(w *world) { w.lock("dev", keys.ErrLocked) }, true, nil},
		"no access": {func(w *world) { w.lock("dev", keys.ErrNoAccess) }, true, nil},
		"transient": {func(w *world) { w.lock("dev", keys.ErrTransient) }, false, keys.ErrTransient},
		"tampered":  {func(w *world) { w.lock("dev", keys.ErrTampered) }, false, ErrIntegrity},
		"other ring": {func(w *world) {
			w.out = parsePolicy(t, strings.ReplaceAll(twoRings, "dev", "test")+"default_ring: prod\n")
		}, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			tt.setup(w)
			key := make(chan struct{})
			w.slow[dev2.ID] = key
			c := newCheckout(t, w)
			c.delay("dev/a", blob)
			close(key)
			if got := c.available(); !slices.Equal(got, []string{"dev/a"}) {
				t.Fatalf("available: %q", got)
			}
			out, err := c.again("dev/a", blob)
			if !errors.Is(err, tt.err) || tt.left != bytes.Equal(out, blob) {
				t.Errorf("%d bytes, error %v", len(out), err)
			}
			if left, _ := c.f.Summary(); tt.left != (len(left) == 1) {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// TestDelayPanic: a panic where the key is fetched does not end the process.
func TestDelayPanic(t *testing.T) {
	w := newWorld(t)
	f := New(Config{Keys: panicking{w}, Policies: w, Attributes: w.attributes, Previous: w.previous, DelayAfter: time.Hour})
	defer f.Close()
	defer func() {
		if recover() == nil {
			t.Error("the panic was lost")
		}
	}()
	_, _ = f.Smudge(context.Background(), process.Request{Path: "dev/a", Treeish: "HEAD", CanDelay: true}, bytes.NewReader(sealWith(t, dev2, text(10))))
}

type panicking struct{ *world }

func (panicking) Open(context.Context, keys.ID, string) (keys.Generation, error) { panic("open") }

// TestDelayBounds: beyond the bounds smudge waits in line, and what waits keeps
// little memory.
func TestDelayBounds(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	lower(t, 400<<10)
	w := newWorld(t)
	key := make(chan struct{})
	w.slow[dev2.ID] = key
	c := newCheckout(t, w)
	blob := sealRaw(t, dev2, text(1000))
	large := sealWith(t, dev2, text(300_000))
	for i := range 4 {
		c.delay(fmt.Sprint("dev/large", i), large)
	}
	if d := &c.f.delayed; d.held > delayedMemory {
		t.Errorf("%d bytes are held", d.held)
	}
	if runtime.GOOS == "linux" && len(spools(t, tmp)) == 0 {
		t.Error("nothing went to a file")
	}
	for i := range maxDelayed - 4 {
		c.delay(fmt.Sprint("dev/", i), blob)
	}
	done := make(chan error)
	go func() {
		_, err := c.request("dev/more", blob)
		done <- err
	}()
	for w.count(dev2.ID) < 2 { // until it waits where the first one does
		runtime.Gosched()
	}
	close(key)
	if err := <-done; err != nil {
		t.Errorf("the one too many: %v", err)
	}
	if got := c.available(); len(got) != maxDelayed {
		t.Errorf("%d are available", len(got))
	}
	for i := range 4 {
		if out, err := c.again(fmt.Sprint("dev/large", i), large); err != nil || !bytes.Equal(out, text(300_000)) {
			t.Errorf("%d bytes, %v", len(out), err)
		}
	}
	noTrace(t, nil, tmp)
}

// count tells how often a key was asked for.
func (w *world) count(id keys.ID) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.opened[id]
}

// TestDelayNoRoom: where a spool finds no room on disk, nothing is delayed and
// nothing is lost.
func TestDelayNoRoom(t *testing.T) {
	t.Setenv("TMPDIR", "/nonexistent")
	lower(t, 400<<10)
	w := newWorld(t)
	key := make(chan struct{})
	w.slow[dev2.ID] = key
	c := newCheckout(t, w)
	large := sealWith(t, dev2, text(300_000))
	var delayed []string
	var last chan error
	for i := 0; last == nil; i++ {
		path := fmt.Sprint("dev/", i)
		asked := w.count(dev2.ID)
		result := make(chan error, 1)
		go func() {
			_, err := c.request(path, large)
			result <- err
		}()
		for {
			select {
			case err := <-result:
				if !errors.Is(err, process.ErrDelayed) {
					t.Fatal(err)
				}
				delayed = append(delayed, path)
			default:
				if i == 0 || w.count(dev2.ID) == asked {
					runtime.Gosched()
					continue
				}
				last = result // waits in line
			}
			break
		}
	}
	close(key)
	if err := <-last; err != nil {
		t.Error(err)
	}
	if got := c.available(); len(got) != len(delayed) || len(got) == 0 {
		t.Errorf("available: %q, delayed: %q", got, delayed)
	}
}

// TestDelayStale: a new request for a path that was delayed for another one, of
// which Git never asked again, is answered by its own content.
func TestDelayStale(t *testing.T) {
	old, now := sealWith(t, dev2, text(10)), sealWith(t, prod1, text(30))
	request := func(blob string, delay bool) process.Request {
		return process.Request{Command: "smudge", Path: "prod/a", Blob: blob, Treeish: "HEAD", CanDelay: delay}
	}
	for name, tt := range map[string]struct {
		req  process.Request
		with []byte
		want []byte
	}{
		"other blob":                 {request("new", false), now, text(30)},
		"other blob, may be delayed": {request("new", true), now, text(30)},
		"same name, but content":     {request("old", false), now, text(30)},
		"empty blob":                 {request("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", false), nil, nil},
		"empty blob, may be delayed": {request("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", true), nil, nil},
		"plain blob":                 {request("new", false), text(5), text(5)},
	} {
		t.Run(name, func(t *testing.T) {
			tmp := t.TempDir()
			t.Setenv("TMPDIR", tmp)
			lower(t, 100)
			w := newWorld(t)
			key := make(chan struct{})
			w.slow[dev2.ID] = key
			c := newCheckout(t, w)
			c.f.DelayAfter = 1
			if _, err := drain(c.f.Handle(context.Background(), request("old", true), bytes.NewReader(old))); !errors.Is(err, process.ErrDelayed) {
				t.Fatal(err)
			}
			close(key)
			c.f.DelayAfter = time.Hour
			out, err := drain(c.f.Handle(context.Background(), tt.req, bytes.NewReader(tt.with)))
			if err != nil || !bytes.Equal(out, tt.want) {
				t.Errorf("%q, %v", out, err)
			}
			if got := c.available(); len(got) > 0 {
				t.Errorf("available: %q", got)
			}
			noSpools(t, tmp)
		})
	}
}

// TestDelayedIsAskedAgain: of a path in conflict Git asks again under the name of
// another stage's blob; a blob that is really empty is never taken for the old one.
func TestDelayedIsAskedAgain(t *testing.T) {
	sealed := sealWith(t, dev2, text(10))
	for name, tt := range map[string]struct {
		blob string
		want []byte
	}{
		"same blob":             {"old", text(10)},
		"other stage's blob":    {"other", text(10)},
		"empty blob by SHA-1":   {"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", nil},
		"empty blob by SHA-256": {"473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			key := make(chan struct{})
			w.slow[dev2.ID] = key
			c := newCheckout(t, w)
			c.f.DelayAfter = 1
			first := process.Request{Command: "smudge", Path: "dev/a", Blob: "old", Treeish: "HEAD", CanDelay: true}
			if _, err := drain(c.f.Handle(context.Background(), first, bytes.NewReader(sealed))); !errors.Is(err, process.ErrDelayed) {
				t.Fatal(err)
			}
			close(key)
			if got := c.available(); len(got) != 1 {
				t.Fatalf("available: %q", got)
			}
			again := process.Request{Command: "smudge", Path: "dev/a", Blob: tt.blob}
			out, err := drain(c.f.Handle(context.Background(), again, bytes.NewReader(nil)))
			if err != nil || !bytes.Equal(out, tt.want) {
				t.Errorf("%q, %v; want %q", out, err, tt.want)
			}
		})
	}
}

// TestAvailableEnds: waiting ends with its context.
func TestAvailableEnds(t *testing.T) {
	w := newWorld(t)
	w.slow[dev2.ID] = make(chan struct{})
	c := newCheckout(t, w)
	c.delay("dev/a", sealWith(t, dev2, text(10)))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if names, err := c.f.Available(ctx); !errors.Is(err, context.Canceled) || names != nil {
		t.Errorf("%q, %v", names, err)
	}
}

// TestClose: what Git never asked for again is given back, and a fetch that
// would go on ends.
func TestClose(t *testing.T) {
	before := runtime.NumGoroutine()
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	lower(t, 100)
	w := newWorld(t)
	w.slow[dev2.ID] = make(chan struct{}) // for ever
	f := w.filter()
	f.DelayAfter = 1
	c := checkout{t, f}
	ctx, cancel := context.WithCancel(context.Background())
	req := process.Request{Command: "smudge", Path: "dev/0", Treeish: "HEAD", CanDelay: true}
	if _, err := f.Handle(ctx, req, bytes.NewReader(sealWith(t, dev2, text(1000)))); !errors.Is(err, process.ErrDelayed) {
		t.Fatal(err)
	}
	cancel() // the end of the request is not the end of the fetch
	c.delay("dev/1", sealWith(t, dev2, text(1000)))
	if runtime.GOOS == "linux" && len(spools(t, tmp)) != 2 {
		t.Errorf("%d spools, want 2", len(spools(t, tmp)))
	}
	for range 2 {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	noSpools(t, tmp)
	noGoroutines(t, before)
	if got := c.available(); len(got) > 0 {
		t.Errorf("available: %q", got)
	}
	// It still filters, but delays nothing.
	if out, err := c.request("prod/a", sealWith(t, prod1, text(50))); err != nil || !bytes.Equal(out, text(50)) {
		t.Errorf("%d bytes, %v", len(out), err)
	}
}

// spools finds our temporary files among the open ones. They have no name any
// more.
func spools(t *testing.T, tmp string) (found []spoolFile) {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil
	}
	for _, fd := range fds {
		name := "/proc/self/fd/" + fd.Name()
		to, err := os.Readlink(name)
		if err != nil || !strings.HasPrefix(to, tmp) {
			continue
		}
		if !strings.HasSuffix(to, " (deleted)") {
			t.Errorf("%s has a name", to)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, inspect(t, f))
		f.Close()
	}
	return found
}

// spoolFile is what a temporary file shows of itself.
type spoolFile struct{ sealed, plaintext bool }

// inspect reads a file in pieces that overlap, for it may be larger than what
// TestLarge allows.
func inspect(t *testing.T, r io.Reader) (s spoolFile) {
	t.Helper()
	buf := make([]byte, 64<<10)
	for kept, first := 0, true; ; first = false {
		n, err := io.ReadFull(r, buf[kept:])
		n += kept
		if first {
			s.sealed = bytes.HasPrefix(buf[:n], []byte(magic))
		}
		s.plaintext = s.plaintext || bytes.Contains(buf[:n], []byte(marker))
		switch {
		case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
			return s
		case err != nil:
			t.Fatal(err)
		}
		kept = copy(buf, buf[n-len(marker):n])
	}
}

func noSpools(t *testing.T, tmp string) {
	t.Helper()
	if n := len(spools(t, tmp)); n > 0 {
		t.Errorf("%d temporary files are still open", n)
	}
	noTrace(t, nil, tmp)
}
