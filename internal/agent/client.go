package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// DefaultTimeout bounds a call of a client that sets no other. An agent answers
// in well below a millisecond.
const DefaultTimeout = 250 * time.Millisecond

// Client asks the agent whose socket is in Dir. It is safe for concurrent use.
//
// Once a call failed, every later one fails at once with the same error, so that
// an agent that hangs or lies costs a process Timeout once. ErrNotRunning is not
// remembered, since it costs nothing to look again, nor is a mistake or a change
// of mind of the caller. Errors say what happened,
// callers what they wanted of the agent.
type Client struct {
	Dir     string
	Timeout time.Duration // of one call; DefaultTimeout if 0

	mu     sync.Mutex
	failed error
}

// Get fetches a key; nil without an error says that the agent does not have it.
// The caller must verify that it is the right one.
func (c *Client) Get(ctx context.Context, k keys.Context) (*keys.DataKey, Lifetime, error) {
	var key *keys.DataKey
	var life Lifetime
	err := c.call(ctx, request{kind: kindGet, context: k}, nil, func(r io.Reader) (err error) {
		key, life, err = readKey(r)
		return err
	})
	if err != nil {
		return nil, Lifetime{}, err
	}
	return key, life, nil
}

// Put hands over a key, in place of one that is held for the same context.
func (c *Client) Put(ctx context.Context, k keys.Context, key *keys.DataKey, ttl TTL) error {
	return c.call(ctx, request{kind: kindPut, context: k, ttl: ttl}, key.Bytes()[:], readNothing)
}

// Wipe makes the agent forget keys and tells how many it had of them.
func (c *Client) Wipe(ctx context.Context, s Scope) (int, error) {
	var n int
	err := c.call(ctx, request{kind: kindWipe, scope: s}, nil, func(r io.Reader) (err error) {
		n, err = readCount(r)
		return err
	})
	return n, err
}

// Status asks what the agent holds.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var s Status
	err := c.call(ctx, request{kind: kindStatus}, nil, func(r io.Reader) (err error) {
		s, err = readStatus(r)
		return err
	})
	return s, err
}

// Stop makes the agent wipe every key and end. The keys are gone when Stop
// returns, the process and its socket soon after.
func (c *Client) Stop(ctx context.Context) error {
	return c.call(ctx, request{kind: kindStop}, nil, readStopped)
}

// call exchanges a request, with the key that ends a Put, for its answer.
func (c *Client) call(ctx context.Context, req request, key []byte, read func(io.Reader) error) error {
	if err := cmp.Or(req.check(), c.remember(nil)); err != nil {
		return err
	}
	timeout := cmp.Or(c.Timeout, DefaultTimeout)
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := exchange(limited, c.Dir, req.frame(), key, read)
	switch {
	case err == nil, errors.Is(err, ErrNotRunning):
		return err
	case errors.Is(ctx.Err(), context.Canceled): // not the agent's fault
		return ctx.Err()
	case limited.Err() != nil:
		err = fmt.Errorf("no answer within %v", timeout)
	}
	return c.remember(err)
}

// remember keeps the first failure and returns it from then on.
func (c *Client) remember(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = cmp.Or(c.failed, err)
	return c.failed
}

// exchange speaks over a connection of its own. Whatever the peer does, it
// returns when ctx ends.
func exchange(ctx context.Context, dir string, frame, key []byte, read func(io.Reader) error) error {
	conn, err := dial(ctx, dir)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	for _, b := range [][]byte{frame, key} {
		if _, err := conn.Write(b); err != nil {
			return err
		}
	}
	if err := conn.CloseWrite(); err != nil {
		return err
	}
	if err := read(conn); err != nil {
		return err
	}
	return readEnd(conn)
}

// readAnswer reads the head of an answer that is not a refusal.
func readAnswer(r io.Reader) (kind, int, error) {
	version, k, n, err := readHead(r)
	switch {
	case err != nil:
		return 0, 0, err
	case version != wireVersion:
		return 0, 0, versionError(version)
	case k == kindRefused:
		return 0, 0, errors.New("the agent refused")
	case k != kindDone && k != kindAbsent:
		return 0, 0, errMalformed
	}
	return k, n, nil
}

// readDone reads an answer that may not be "absent".
func readDone(r io.Reader) (*cursor, error) {
	k, n, err := readAnswer(r)
	if err != nil {
		return nil, err
	}
	if k != kindDone {
		return nil, errMalformed
	}
	body, err := readBody(r, n)
	return &cursor{b: body}, err
}

// readKey reads the answer to a Get, the key into memory that is wiped.
func readKey(r io.Reader) (*keys.DataKey, Lifetime, error) {
	k, n, err := readAnswer(r)
	if err != nil {
		return nil, Lifetime{}, err
	}
	if k == kindAbsent && n == 0 {
		return nil, Lifetime{}, nil
	}
	if k != kindDone || n != lifetimeSize+keys.DataKeySize {
		return nil, Lifetime{}, errMalformed
	}
	body, err := readBody(r, lifetimeSize)
	if err != nil {
		return nil, Lifetime{}, err
	}
	c := cursor{b: body}
	life := c.lifetime()
	if err := c.end(); err != nil {
		return nil, Lifetime{}, err
	}
	var b [keys.DataKeySize]byte
	defer clear(b[:])
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return nil, Lifetime{}, cutShort(err)
	}
	key, err := keys.DataKeyFrom(b[:])
	return key, life, err
}

func readNothing(r io.Reader) error {
	c, err := readDone(r)
	if err != nil {
		return err
	}
	return c.end()
}

func readCount(r io.Reader) (int, error) {
	c, err := readDone(r)
	if err != nil {
		return 0, err
	}
	n := c.number()
	if n > MaxKeys {
		return 0, errMalformed
	}
	return int(n), c.end()
}

func readStatus(r io.Reader) (Status, error) {
	c, err := readDone(r)
	if err != nil {
		return Status{}, err
	}
	s := Status{PID: int(c.number()), Started: c.time(), Version: c.text()}
	n := c.number()
	if err := errors.Join(c.end(), checkText(s.Version)); err != nil {
		return Status{}, err
	}
	if n > MaxKeys {
		return Status{}, fmt.Errorf("%w: %d keys, more than %d", errMalformed, n, MaxKeys)
	}
	for range n {
		c, err := readDone(r)
		if err != nil {
			return Status{}, err
		}
		e := Entry{c.context(), c.lifetime()}
		if err := errors.Join(c.end(), checkContext(e.Context)); err != nil {
			return Status{}, err
		}
		s.Entries = append(s.Entries, e)
	}
	return s, nil
}

// readStopped reads the answer to a Stop, which is the same in every version.
func readStopped(r io.Reader) error {
	_, k, n, err := readHead(r)
	if err == nil && (k != kindDone || n != 0) {
		err = errMalformed
	}
	return err
}
