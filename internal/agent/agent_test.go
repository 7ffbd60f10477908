//go:build linux || darwin

package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// unhurried is long enough for a busy machine.
const unhurried = 30 * time.Second

// folder is a short path where an agent may make its own folder: a socket's
// path must be short.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "agent")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "a")
}

func newKey(t testing.TB) *keys.DataKey {
	t.Helper()
	k, err := keys.NewDataKey()
	must(t, err)
	return k
}

// running is an agent within the test's process.
type running struct {
	*Client
	ended chan error
	stop  context.CancelFunc
}

// serve starts an agent, which ends with the test.
func serve(t testing.TB, opt Options) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{Client: &Client{Dir: opt.Dir, Timeout: unhurried}, ended: make(chan error, 1), stop: cancel}
	ready := make(chan struct{})
	opt.Ready = func() error { close(ready); return nil }
	go func() { r.ended <- Serve(ctx, opt) }()
	select {
	case <-ready:
	case err := <-r.ended:
		t.Fatalf("the agent ended: %v", err)
	}
	t.Cleanup(func() {
		cancel()
		if err := <-r.ended; err != nil {
			t.Errorf("the agent ended: %v", err)
		}
	})
	return r
}

// gone waits for the agent to end by itself.
func (r *running) gone(t testing.TB) {
	t.Helper()
	select {
	case err := <-r.ended:
		must(t, err)
		r.ended <- nil // for the end of the test
	case <-time.After(unhurried):
		t.Fatal("the agent did not end")
	}
	if _, err := os.Lstat(filepath.Join(r.Dir, socketName)); !os.IsNotExist(err) {
		t.Errorf("socket left behind: %v", err)
	}
}

// has tells whether the agent holds a key, and that it is the right one.
func (r *running) has(t testing.TB, c keys.Context, want *keys.DataKey) bool {
	t.Helper()
	got, _, err := r.Get(t.Context(), c)
	must(t, err)
	if got != nil && !got.Equal(want) {
		t.Errorf("%v: wrong key", c)
	}
	return got != nil
}

func TestDir(t *testing.T) {
	for _, tt := range []struct{ runtime, want string }{
		{"/run/user/7", "/run/user/7/git-envelope"},
		{"", "/tmp/git-envelope-7"},
		{"relative", "/tmp/git-envelope-7"},
	} {
		if got := Dir(tt.runtime, "/tmp", 7); got != tt.want {
			t.Errorf("Dir(%q) = %q, want %q", tt.runtime, got, tt.want)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	a := serve(t, Options{Dir: folder(t), Version: "1.2.3"})
	before := time.Now()
	p, q := place("repo", "prod", 1), place("repo", "prod", 2)
	k := newKey(t)
	must(t, a.Put(t.Context(), p, k, TTL{Max: time.Hour, Idle: time.Minute}))
	if a.has(t, q, k) {
		t.Error("a key for another id")
	}
	a.has(t, p, k)
	got, life, err := a.Get(t.Context(), p)
	must(t, err)
	if got == nil || !got.Equal(k) {
		t.Fatal("not the key that was put")
	}
	if life.Uses != 2 || life.Since.Before(before) || life.Expires.Sub(life.Since) != time.Hour || !life.Idle.Before(life.Expires) {
		t.Errorf("lifetime %+v", life)
	}

	must(t, a.Put(t.Context(), q, k, hour))
	s, err := a.Status(t.Context())
	must(t, err)
	if s.PID != os.Getpid() || s.Version != "1.2.3" || s.Started.IsZero() || len(s.Entries) != 2 {
		t.Fatalf("status %+v", s)
	}
	if e := s.Entries[0]; e.Context != p || e.Lifetime != life {
		t.Errorf("first entry %+v, want %v %+v", e, p, life)
	}
	if e := s.Entries[1]; e.Context != q || !e.Idle.IsZero() || e.Uses != 0 {
		t.Errorf("second entry %+v", e)
	}
}

func TestReplace(t *testing.T) {
	a := serve(t, Options{Dir: folder(t)})
	p, k := place("r", "ring", 1), newKey(t)
	must(t, a.Put(t.Context(), p, newKey(t), hour))
	must(t, a.Put(t.Context(), p, k, hour))
	if !a.has(t, p, k) {
		t.Error("no key")
	}
}

func TestWipe(t *testing.T) {
	all := []keys.Context{place("r", "dev", 1), place("r", "dev", 2), place("r", "prod", 1), place("s", "dev", 1)}
	for _, tt := range []struct {
		scope Scope
		left  []keys.Context
	}{
		{Scope{"r", "dev"}, all[2:]},
		{Scope{"r", ""}, all[3:]},
		{Scope{}, nil},
		{Scope{"r", "none"}, all},
	} {
		t.Run(tt.scope.Repository+"/"+tt.scope.Ring, func(t *testing.T) {
			a := serve(t, Options{Dir: folder(t)})
			k := newKey(t)
			for _, c := range all {
				must(t, a.Put(t.Context(), c, k, hour))
			}
			n, err := a.Wipe(t.Context(), tt.scope)
			must(t, err)
			if n != len(all)-len(tt.left) {
				t.Errorf("wiped %d", n)
			}
			for _, c := range all {
				if a.has(t, c, k) != slices.Contains(tt.left, c) {
					t.Errorf("%v: is there: %v", c, a.has(t, c, k))
				}
			}
		})
	}
}

func TestStop(t *testing.T) {
	a := serve(t, Options{Dir: folder(t)})
	must(t, a.Put(t.Context(), place("r", "ring", 1), newKey(t), hour))
	must(t, a.Stop(t.Context()))
	a.gone(t)
	if _, _, err := a.Get(t.Context(), place("r", "ring", 1)); !errors.Is(err, ErrNotRunning) {
		t.Errorf("after a stop: %v", err)
	}
	b := serve(t, Options{Dir: a.Dir})
	if s, err := a.Status(t.Context()); err != nil || len(s.Entries) != 0 { // not remembered as failed
		t.Errorf("status of the next agent: %+v, %v", s, err)
	}
	b.stop()
	b.gone(t)
}

// An agent can be stopped by a program that speaks another version.
func TestStopOtherVersion(t *testing.T) {
	a := serve(t, Options{Dir: folder(t)})
	conn := connect(t, a.Dir)
	_, err := conn.Write([]byte{99, byte(kindStop), 0, 0})
	must(t, err)
	must(t, conn.CloseWrite())
	must(t, readStopped(conn))
	a.gone(t)
}

// It ends also when the one who stopped it does not wait for the answer.
func TestStopAndGo(t *testing.T) {
	a := serve(t, Options{Dir: folder(t)})
	conn := connect(t, a.Dir)
	_, err := conn.Write(request{kind: kindStop}.frame())
	must(t, err)
	must(t, conn.Close())
	a.gone(t)
}

// An agent that nobody needs ends, and takes its socket along.
func TestEndsByItself(t *testing.T) {
	dir := folder(t)
	must(t, Serve(t.Context(), Options{Dir: dir, Linger: time.Millisecond}))
	if _, err := os.Lstat(filepath.Join(dir, socketName)); !os.IsNotExist(err) {
		t.Errorf("socket left behind: %v", err)
	}
}

// A full agent forgets the key that would end first, not the new one.
func TestFull(t *testing.T) {
	a := serve(t, Options{Dir: folder(t)})
	k := newKey(t)
	at := func(i int) keys.Context { return place("r", fmt.Sprint("ring", i), byte(i)) }
	for i := range MaxKeys + 1 {
		ttl := hour
		if i == 7 {
			ttl.Idle = time.Minute
		}
		must(t, a.Put(t.Context(), at(i), k, ttl))
	}
	s, err := a.Status(t.Context())
	must(t, err)
	if len(s.Entries) != MaxKeys || a.has(t, at(7), k) || !a.has(t, at(0), k) || !a.has(t, at(MaxKeys), k) {
		t.Errorf("%d keys; the one nearest its end is there: %v", len(s.Entries), a.has(t, at(7), k))
	}
}

// connect is a connection without the client's manners.
func connect(t testing.TB, dir string) *net.UnixConn {
	t.Helper()
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: filepath.Join(dir, socketName), Net: "unix"})
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	must(t, conn.SetDeadline(time.Now().Add(unhurried)))
	return conn
}

// Clients that are stuck keep nobody waiting, as long as there are places, and
// are sent away after a while.
func TestStuckClients(t *testing.T) {
	t.Parallel() // it takes as long as the agent has patience
	a := serve(t, Options{Dir: folder(t)})
	p, k := place("r", "ring", 1), newKey(t)
	must(t, a.Put(t.Context(), p, k, hour))
	put := request{kind: kindPut, context: p, ttl: hour}.frame()
	var stuck []*net.UnixConn
	for i := range maxConns - 1 {
		conn := connect(t, a.Dir)
		_, err := conn.Write(put[:i*len(put)/(maxConns-2)]) // the last waits before the key
		must(t, err)
		stuck = append(stuck, conn)
	}
	if !a.has(t, p, k) {
		t.Error("the key went away")
	}
	for _, conn := range stuck {
		if answer, err := io.ReadAll(conn); err != nil && !errors.Is(err, unixReset) || len(answer) > headSize {
			t.Errorf("stuck client got %q, %v", answer, err)
		}
	}
	if !a.has(t, p, k) {
		t.Error("the key went away")
	}
}

// Requests that break the rules change nothing and get no more than a refusal.
func TestBadRequests(t *testing.T) {
	a := serve(t, Options{Dir: folder(t)})
	p, k := place("r", "ring", 1), newKey(t)
	must(t, a.Put(t.Context(), p, k, hour))
	for _, tt := range badRequests() {
		t.Run(tt.name, func(t *testing.T) {
			conn := connect(t, a.Dir)
			_, _ = conn.Write(tt.bytes)
			_ = conn.CloseWrite()
			answer, _ := io.ReadAll(conn)
			if len(answer) > 0 && string(answer) != string(frame(kindRefused, nil, 0)) {
				t.Errorf("answered %q", answer)
			}
		})
	}
	s, err := a.Status(t.Context())
	must(t, err)
	if len(s.Entries) != 1 || !a.has(t, p, k) {
		t.Errorf("entries %v", s.Entries)
	}
}

// A socket that nobody listens at is replaced.
func TestStaleSocket(t *testing.T) {
	dir := folder(t)
	must(t, os.Mkdir(dir, 0o700))
	path := filepath.Join(dir, socketName)
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	must(t, err)
	ln.SetUnlinkOnClose(false)
	must(t, ln.Close())
	client := &Client{Dir: dir}
	if _, err := client.Status(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Fatalf("client: %v", err)
	}
	a := serve(t, Options{Dir: dir})
	_, err = a.Status(t.Context())
	must(t, err)
	info, err := os.Lstat(path)
	must(t, err)
	if info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("mode of the socket: %v", info.Mode())
	}
}

// An agent knows when its socket is gone, or is another's, which it leaves alone.
func TestLost(t *testing.T) {
	c, err := claim(t.Context(), folder(t))
	must(t, err)
	if c.lost() {
		t.Error("lost from the start")
	}
	must(t, os.Rename(c.path, c.path+".away"))
	if !c.lost() {
		t.Error("not lost, but gone")
	}
	must(t, os.WriteFile(c.path, nil, 0o600))
	if !c.lost() {
		t.Error("not lost, but replaced")
	}
	c.release()
	if _, err := os.Lstat(c.path); err != nil {
		t.Errorf("what took the socket's place: %v", err)
	}
}

// Of many agents that start at once, one stays.
func TestRace(t *testing.T) {
	dir := folder(t)
	const n = 8
	results := make(chan error, n)
	ctx, cancel := context.WithCancel(t.Context())
	var ready sync.WaitGroup
	ready.Add(1)
	for range n {
		go func() {
			results <- Serve(ctx, Options{Dir: dir, Ready: func() error { ready.Done(); return nil }}) // a second one panics
		}()
	}
	ready.Wait()
	for range n - 1 {
		if err := <-results; !errors.Is(err, ErrRunning) {
			t.Errorf("one of the others: %v", err)
		}
	}
	_, err := (&Client{Dir: dir, Timeout: unhurried}).Status(t.Context())
	must(t, err)
	cancel()
	must(t, <-results)
}

// Neither side uses a folder that is not the user's alone.
func TestFolder(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		make       func(t *testing.T, dir string)
	}{
		{"open to others", "mode 0755", func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir, 0o755))
			must(t, os.Chmod(dir, 0o755))
		}},
		{"open to the group", "mode 0710", func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir, 0o710))
			must(t, os.Chmod(dir, 0o710))
		}},
		{"symbolic link", "no folder", func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir+"-real", 0o700))
			must(t, os.Symlink(dir+"-real", dir))
		}},
		{"file", "no folder", func(t *testing.T, dir string) { must(t, os.WriteFile(dir, nil, 0o600)) }},
		{"of another user", "another user", func(t *testing.T, dir string) {
			if os.Geteuid() != 0 {
				t.Skip("only root can make a folder of another user")
			}
			must(t, os.Mkdir(dir, 0o700))
			must(t, os.Chown(dir, 65534, 65534))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := folder(t)
			tt.make(t, dir)
			client := &Client{Dir: dir}
			_, asked := client.Status(t.Context())
			served := Serve(t.Context(), Options{Dir: dir})
			for _, err := range []error{asked, served} {
				if !errors.Is(err, ErrUntrusted) || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v, want %q", err, tt.want)
				}
			}
		})
	}
}

func TestLongPath(t *testing.T) {
	dir := folder(t) + strings.Repeat("x", 100)
	served := Serve(t.Context(), Options{Dir: dir})
	_, asked := (&Client{Dir: dir}).Status(t.Context())
	for _, err := range []error{asked, served} {
		if err == nil || !strings.Contains(err.Error(), "XDG_RUNTIME_DIR") {
			t.Errorf("error %v", err)
		}
	}
	if _, err := os.Lstat(dir); !os.IsNotExist(err) {
		t.Error("the folder was made")
	}
}

func TestNotRunning(t *testing.T) {
	client := &Client{Dir: folder(t)}
	if _, _, err := client.Get(t.Context(), place("r", "ring", 1)); !errors.Is(err, ErrNotRunning) {
		t.Errorf("without a folder: %v", err)
	}
	must(t, os.Mkdir(client.Dir, 0o700))
	if _, _, err := client.Get(t.Context(), place("r", "ring", 1)); !errors.Is(err, ErrNotRunning) {
		t.Errorf("without a socket: %v", err)
	}
}
