package agent

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

const (
	wireVersion = 1
	headSize    = 4
	maxBody     = 4 << 10
	maxText     = 255
)

// kind is the second byte of a frame.
type kind byte

const (
	kindGet    kind = 'G'
	kindPut    kind = 'P'
	kindWipe   kind = 'W'
	kindStatus kind = 'S'
	kindStop   kind = 'Q'

	kindDone    kind = 'K'
	kindAbsent  kind = 'A'
	kindRefused kind = 'R'
)

const flagRenew = 1

var errMalformed = errors.New("malformed message")

// request is a request without the key that a Put ends with.
type request struct {
	kind    kind
	context keys.Context // get, put
	ttl     TTL          // put
	scope   Scope        // wipe
}

// frame is the request on the wire. A Put's key is to follow; its length is
// counted.
func (r request) frame() []byte {
	switch r.kind {
	case kindGet:
		return frame(r.kind, appendContext(nil, r.context), 0)
	case kindPut:
		b := appendContext(nil, r.context)
		b = appendNumber(b, int64(r.ttl.Max))
		b = appendNumber(b, int64(r.ttl.Idle))
		var flags byte
		if r.ttl.Renew {
			flags = flagRenew
		}
		return frame(r.kind, append(b, flags), keys.DataKeySize)
	case kindWipe:
		return frame(r.kind, appendText(appendText(nil, r.scope.Repository), r.scope.Ring), 0)
	default:
		return frame(r.kind, nil, 0)
	}
}

// check refuses what has no place in a frame.
func (r request) check() error {
	switch r.kind {
	case kindGet:
		return checkContext(r.context)
	case kindPut:
		if r.ttl.Max <= 0 || r.ttl.Idle < 0 {
			return fmt.Errorf("a key can't be kept for %v, %v when idle", r.ttl.Max, r.ttl.Idle)
		}
		return checkContext(r.context)
	case kindWipe:
		if r.scope.Repository == "" && r.scope.Ring != "" {
			return fmt.Errorf("ring %q of no repository", r.scope.Ring)
		}
		return errors.Join(checkText(r.scope.Repository), checkText(r.scope.Ring))
	case kindStatus, kindStop:
		return nil
	default:
		return errMalformed
	}
}

// readRequest reads a request to its end and, for a Put, the key by way of
// readKey, which reads straight to where the key is kept.
func readRequest(r io.Reader, readKey func(io.Reader) error) (request, error) {
	version, k, n, err := readHead(r)
	if err != nil {
		return request{}, err
	}
	if version != wireVersion && k != kindStop {
		return request{}, versionError(version)
	}
	if k == kindPut {
		n -= keys.DataKeySize
	}
	body, err := readBody(r, n)
	if err != nil {
		return request{}, err
	}
	req, err := parseRequest(k, body)
	if err == nil && k == kindPut {
		err = readKey(r)
	}
	if err == nil {
		err = readEnd(r)
	}
	return req, err
}

func parseRequest(k kind, body []byte) (request, error) {
	c := cursor{b: body}
	req := request{kind: k}
	switch k {
	case kindGet:
		req.context = c.context()
	case kindPut:
		req.context = c.context()
		req.ttl.Max, req.ttl.Idle = time.Duration(c.number()), time.Duration(c.number())
		flags := c.take(1)[0]
		req.ttl.Renew = flags == flagRenew
		c.bad = c.bad || flags > flagRenew
	case kindWipe:
		req.scope = Scope{Repository: c.text(), Ring: c.text()}
	}
	if err := c.end(); err != nil {
		return request{}, err
	}
	return req, req.check()
}

func frame(k kind, body []byte, following int) []byte {
	n := len(body) + following
	if n > maxBody {
		panic("agent: internal error: frame longer than its limit")
	}
	b := append(make([]byte, 0, headSize+n), wireVersion, byte(k))
	return append(binary.BigEndian.AppendUint16(b, uint16(n)), body...)
}

// readHead reads a frame's head and checks the length before anyone allocates.
func readHead(r io.Reader) (version byte, k kind, n int, err error) {
	var head [headSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, 0, 0, cutShort(err)
	}
	n = int(binary.BigEndian.Uint16(head[2:]))
	if n > maxBody {
		return 0, 0, 0, fmt.Errorf("message of %d bytes, more than %d", n, maxBody)
	}
	return head[0], kind(head[1]), n, nil
}

func readBody(r io.Reader, n int) ([]byte, error) {
	if n < 0 {
		return nil, errMalformed
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, cutShort(err)
}

// readEnd makes sure that nothing follows.
func readEnd(r io.Reader) error {
	var one [1]byte
	switch _, err := io.ReadFull(r, one[:]); {
	case err == nil:
		return fmt.Errorf("%w: more than one message", errMalformed)
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}

func cutShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: cut short", errMalformed)
	}
	return err
}

func versionError(version byte) error {
	return fmt.Errorf("protocol version %d, not %d", version, wireVersion)
}

func appendText(b []byte, s string) []byte { return append(append(b, byte(len(s))), s...) }

func appendContext(b []byte, c keys.Context) []byte {
	return append(appendText(appendText(b, c.Repository), c.Ring), c.ID[:]...)
}

func appendNumber(b []byte, n int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(n)) }

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return appendNumber(b, 0)
	}
	return appendNumber(b, t.UnixNano())
}

const lifetimeSize = 4 * 8

func appendLifetime(b []byte, l Lifetime) []byte {
	b = appendTime(appendTime(appendTime(b, l.Since), l.Expires), l.Idle)
	return appendNumber(b, int64(l.Uses))
}

// checkText refuses what would not be shown as it is: these are names that a
// policy allows, and a message must not write to a terminal what it likes.
func checkText(s string) error {
	if keys.OneLine(s, maxText) != s {
		return fmt.Errorf("%w: %q is no name", errMalformed, keys.OneLine(s, maxText))
	}
	return nil
}

func checkContext(c keys.Context) error {
	if c.Repository == "" || c.Ring == "" {
		return fmt.Errorf("%w: a key without repository or ring", errMalformed)
	}
	return errors.Join(checkText(c.Repository), checkText(c.Ring))
}

// cursor reads a body. Once something does not fit, all that follows is zero
// and end says so.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) take(n int) []byte {
	if len(c.b) < n {
		c.b, c.bad = nil, true
		return make([]byte, n)
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

func (c *cursor) number() int64 {
	n := binary.BigEndian.Uint64(c.take(8))
	if n > math.MaxInt64 {
		c.bad = true
		return 0
	}
	return int64(n)
}

func (c *cursor) time() time.Time {
	if n := c.number(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}

func (c *cursor) text() string { return string(c.take(int(c.take(1)[0]))) }

func (c *cursor) context() keys.Context {
	k := keys.Context{Repository: c.text(), Ring: c.text()}
	copy(k.ID[:], c.take(keys.IDSize))
	return k
}

func (c *cursor) lifetime() Lifetime {
	return Lifetime{Since: c.time(), Expires: c.time(), Idle: c.time(), Uses: uint64(c.number())}
}

func (c *cursor) end() error {
	if c.bad || len(c.b) != 0 {
		return errMalformed
	}
	return nil
}
