//go:build linux || darwin

package agent

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// unixReset is what a peer sees that closes while we still write.
var unixReset error = unix.ECONNRESET

// hostile listens where an agent would, and treats each connection as told. It
// counts them.
func hostile(t *testing.T, treat func(*net.UnixConn)) (dir string, calls func() int) {
	t.Helper()
	dir = folder(t)
	must(t, os.Mkdir(dir, 0o700))
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, socketName), Net: "unix"})
	must(t, err)
	ended := make(chan int)
	go func() {
		n := 0
		for {
			conn, err := ln.AcceptUnix()
			if err != nil {
				ended <- n
				return
			}
			n++
			treat(conn)
		}
	}()
	return dir, func() int {
		_ = ln.Close()
		return <-ended
	}
}

// ask makes a client's call of the kind.
func ask(c *Client, k kind, key *keys.DataKey) error {
	var err error
	switch ctx := context.Background(); k {
	case kindGet:
		var got *keys.DataKey
		if got, _, err = c.Get(ctx, goodContext); err != nil && got != nil {
			err = nil // a key beside an error is as bad as none
		}
	case kindPut:
		err = c.Put(ctx, goodContext, key, hour)
	case kindWipe:
		_, err = c.Wipe(ctx, Scope{})
	case kindStatus:
		_, err = c.Status(ctx)
	case kindStop:
		err = c.Stop(ctx)
	}
	return err
}

// Whatever stands in place of an answer is an error, of one line, and the last
// time that the agent is asked.
func TestBadAnswers(t *testing.T) {
	for _, tt := range badAnswers() {
		t.Run(tt.name, func(t *testing.T) {
			dir, calls := hostile(t, func(conn *net.UnixConn) {
				_, _ = io.Copy(io.Discard, conn)
				_, _ = conn.Write(tt.bytes)
				_ = conn.Close()
			})
			client := &Client{Dir: dir, Timeout: unhurried}
			err := ask(client, tt.kind, newKey(t))
			if err == nil || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("error %q", err)
			}
			if again := ask(client, tt.kind, newKey(t)); again != err {
				t.Errorf("asked again: %v", again)
			}
			if n := calls(); n != 1 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

// Good answers are understood by the same ways.
func TestGoodAnswers(t *testing.T) {
	for _, tt := range goodAnswers() {
		dir, calls := hostile(t, func(conn *net.UnixConn) {
			_, _ = io.Copy(io.Discard, conn)
			_, _ = conn.Write(tt.bytes)
			_ = conn.Close()
		})
		if err := ask(&Client{Dir: dir, Timeout: unhurried}, tt.kind, newKey(t)); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		calls()
	}
}

// An agent that does not answer costs a client its patience once.
func TestSilentAgents(t *testing.T) {
	for _, tt := range []struct {
		name  string
		treat func(*net.UnixConn)
	}{
		{"hangs", func(*net.UnixConn) {}},
		{"hangs with half an answer", func(conn *net.UnixConn) { _, _ = conn.Write([]byte{wireVersion, byte(kindDone), 0}) }},
		{"answers, but does not close", func(conn *net.UnixConn) { _, _ = conn.Write(frame(kindAbsent, nil, 0)) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var open []*net.UnixConn
			dir, calls := hostile(t, func(conn *net.UnixConn) {
				open = append(open, conn) // no finalizer may close it
				tt.treat(conn)
			})
			client := &Client{Dir: dir, Timeout: 50 * time.Millisecond}
			_, _, err := client.Get(t.Context(), goodContext)
			if err == nil || !strings.HasSuffix(err.Error(), "no answer within 50ms") {
				t.Errorf("error %v", err)
			}
			if _, _, again := client.Get(t.Context(), goodContext); again != err {
				t.Errorf("asked again: %v", again)
			}
			if n := calls(); n > 1 {
				t.Errorf("%d connections", n)
			}
			for _, conn := range open {
				_ = conn.Close()
			}
		})
	}
}

// An agent that drips bytes can't stretch the time.
func TestDrip(t *testing.T) {
	dir, calls := hostile(t, func(conn *net.UnixConn) {
		defer conn.Close()
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for _, b := range frame(kindDone, make([]byte, maxBody), 0) {
			if _, err := conn.Write([]byte{b}); err != nil {
				return
			}
			<-tick.C
		}
	})
	defer calls()
	client := &Client{Dir: dir, Timeout: 50 * time.Millisecond}
	if _, err := client.Status(t.Context()); err == nil || !strings.HasSuffix(err.Error(), "no answer within 50ms") {
		t.Errorf("error %v", err)
	}
}

// A call ends with its caller's context.
func TestCancelled(t *testing.T) {
	reached := make(chan *net.UnixConn)
	dir, calls := hostile(t, func(conn *net.UnixConn) { reached <- conn })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer (<-reached).Close()
		cancel()
		<-t.Context().Done()
	}()
	client := &Client{Dir: dir, Timeout: unhurried}
	if _, err := client.Status(ctx); err != context.Canceled {
		t.Errorf("error %v", err)
	}
	calls()
	serve(t, Options{Dir: dir})
	if _, err := client.Status(t.Context()); err != nil {
		t.Errorf("a caller's change of mind is remembered as the agent's fault: %v", err)
	}
}

// What does not fit a request is refused before anyone is asked.
func TestCheck(t *testing.T) {
	client := &Client{Dir: folder(t)}
	key := newKey(t)
	for _, tt := range []struct {
		name string
		err  error
	}{
		{"no ring", client.Put(t.Context(), place("r", "", 1), key, hour)},
		{"long ring", client.Put(t.Context(), place("r", strings.Repeat("x", maxText+1), 1), key, hour)},
		{"no time", client.Put(t.Context(), place("r", "ring", 1), key, TTL{})},
		{"negative idle time", client.Put(t.Context(), place("r", "ring", 1), key, TTL{Max: 1, Idle: -1})},
	} {
		if tt.err == nil || errors.Is(tt.err, ErrNotRunning) || strings.Contains(tt.err.Error(), "\n") {
			t.Errorf("%s: %v", tt.name, tt.err)
		}
	}
	if err := client.Put(t.Context(), goodContext, key, hour); !errors.Is(err, ErrNotRunning) {
		t.Errorf("a caller's mistake is remembered as the agent's: %v", err)
	}
}
