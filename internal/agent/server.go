package agent

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/memlock"
)

const (
	// maxConns are answered at once; more wait. Each has a slot of the arena.
	maxConns = 16
	// patience is how long a connection may last, so that those that are stuck
	// keep others waiting no longer than that, and only when there are maxConns.
	patience = 2 * time.Second
	// watchEvery is how soon an agent notices that its socket is gone.
	watchEvery = 5 * time.Second
)

// harden closes the process. Tests put something in its place that leaves their
// own process as it was.
var harden = memlock.HardenFully

// Options of Serve. Only Dir is needed.
type Options struct {
	Dir     string        // of the socket; made if it is not there
	Version string        // of the program, for Status
	MaxTTL  time.Duration // caps what a client asks for
	Linger  time.Duration // how long to stay without a key or a request

	// Ready is called when clients may come. Detach fits, in a process started
	// by Start; an error ends the agent.
	Ready func() error
}

// server is an agent at work.
type server struct {
	opt     Options
	vault   *vault
	arena   *memlock.Arena
	started time.Time
	stop    context.CancelFunc
}

// Serve is an agent: it hardens the process, claims the folder's socket and
// answers until ctx ends, a signal or a client stops it, its socket is gone, or
// nobody has needed it for a while. Then it wipes every key, removes the socket
// and returns nil. ErrRunning says that another agent is there.
func Serve(ctx context.Context, opt Options) error {
	if opt.MaxTTL <= 0 {
		opt.MaxTTL = DefaultMaxTTL
	}
	if opt.Linger <= 0 {
		opt.Linger = DefaultLinger
	}
	ctx, unhook := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	defer unhook()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := harden(); err != nil {
		return err
	}
	place, err := claim(ctx, opt.Dir)
	if err != nil {
		return err
	}
	defer place.release()
	arena, err := memlock.New(MaxKeys + maxConns)
	if err != nil {
		return err
	}
	defer arena.Close()
	s := &server{opt: opt, arena: arena, started: time.Now(), stop: cancel}
	s.vault = newVault(arena, MaxKeys, opt.MaxTTL, opt.Linger, cancel)
	defer s.vault.close()
	if opt.Ready != nil {
		if err := opt.Ready(); err != nil {
			return err
		}
	}
	go watch(ctx, place.lost, cancel)
	return s.accept(ctx, place.ln)
}

// watch ends an agent that nobody can ask any more, not even to forget its keys.
// The system removes the user's runtime folder at the end of the last session.
func watch(ctx context.Context, lost func() bool, end func()) {
	for wait(ctx, watchEvery) {
		if lost() {
			end()
		}
	}
}

// wait returns false when ctx ended first.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// accept serves connections until ctx ends. It returns when all are done.
func (s *server) accept(ctx context.Context, ln *net.UnixListener) error {
	var conns sync.WaitGroup
	defer conns.Wait()
	defer context.AfterFunc(ctx, func() { _ = ln.Close() })()
	places := make(chan struct{}, maxConns)
	for {
		places <- struct{}{}
		conn, err := ln.AcceptUnix()
		if ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("accept a connection: %w", err)
		}
		conns.Go(func() {
			defer func() { <-places }()
			s.serve(ctx, conn)
		})
	}
}

// serve answers one connection. A client that breaks the rules gets no more
// than a refusal.
func (s *server) serve(ctx context.Context, conn *net.UnixConn) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if checkPeer(conn) != nil || conn.SetDeadline(time.Now().Add(patience)) != nil {
		return
	}
	key, err := s.arena.Alloc()
	if err != nil {
		return
	}
	defer key.Free()
	req, err := readRequest(conn, func(r io.Reader) error {
		return key.Use(func(b []byte) error {
			_, err := io.ReadFull(r, b)
			return cutShort(err)
		})
	})
	if err == nil {
		err = s.answer(conn, req, key)
	}
	if err != nil {
		_, _ = conn.Write(frame(kindRefused, nil, 0))
	}
}

// answer does what a request asks for. An error means that nothing was written
// yet, or that writing failed.
func (s *server) answer(w io.Writer, req request, key *memlock.Slot) error {
	switch req.kind {
	case kindGet:
		return s.get(w, req.context, key)
	case kindPut:
		if err := s.vault.put(req.context, key, req.ttl); err != nil {
			return err
		}
		return write(w, kindDone, nil)
	case kindWipe:
		return write(w, kindDone, appendNumber(nil, int64(s.vault.wipe(req.scope))))
	case kindStatus:
		return s.status(w)
	default: // stop, whether or not the client waits for the answer
		s.vault.close()
		defer s.stop()
		return write(w, kindDone, nil)
	}
}

// get writes the key straight from locked memory.
func (s *server) get(w io.Writer, c keys.Context, key *memlock.Slot) error {
	life, ok, err := s.vault.get(c, key)
	switch {
	case err != nil:
		return err
	case !ok:
		return write(w, kindAbsent, nil)
	}
	if _, err := w.Write(frame(kindDone, appendLifetime(nil, life), memlock.SlotSize)); err != nil {
		return err
	}
	return key.Use(func(b []byte) error {
		_, err := w.Write(b)
		return err
	})
}

func (s *server) status(w io.Writer) error {
	entries := s.vault.list()
	head := appendTime(appendNumber(nil, int64(os.Getpid())), s.started)
	head = appendNumber(appendText(head, s.opt.Version), int64(len(entries)))
	if err := write(w, kindDone, head); err != nil {
		return err
	}
	for _, e := range entries {
		if err := write(w, kindDone, appendLifetime(appendContext(nil, e.Context), e.Lifetime)); err != nil {
			return err
		}
	}
	return nil
}

func write(w io.Writer, k kind, body []byte) error {
	_, err := w.Write(frame(k, body, 0))
	return err
}
