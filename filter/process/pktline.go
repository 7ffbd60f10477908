package process

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Sizes of gitprotocol-common(5), in bytes.
const (
	headerSize = 4
	maxPacket  = 65520 // header included
	maxData    = maxPacket - headerSize
)

// scanner reads pkt-lines. Its first error is final.
type scanner struct {
	r   *bufio.Reader
	err error
}

// The buffer takes any whole packet, which lets line hand out a part of it.
func newScanner(r io.Reader) *scanner {
	return &scanner{r: bufio.NewReaderSize(r, 1<<16)}
}

// header reads the length that begins a packet: how many bytes of data follow,
// or that this is a flush packet. io.EOF means that the input ended before it.
func (s *scanner) header() (size int, flush bool, err error) {
	if s.err != nil {
		return 0, false, s.err
	}
	b, err := s.r.Peek(headerSize)
	if err != nil {
		if len(b) > 0 {
			err = inside(err)
		}
		return 0, false, s.broken("read a packet", err)
	}
	n := 0
	for _, c := range b {
		d := hexDigit(c)
		if d < 0 {
			return 0, false, s.refuse(fmt.Errorf("%w: packet length is not four hexadecimal digits", ErrProtocol))
		}
		n = n<<4 | d
	}
	// 0001 to 0003 (delimiter, response end, none) are not of this protocol.
	if n != 0 && n < headerSize || n > maxPacket {
		return 0, false, s.refuse(fmt.Errorf("%w: packet length %04x", ErrProtocol, n))
	}
	_, _ = s.r.Discard(headerSize) // it was peeked
	return max(n-headerSize, 0), n == 0, nil
}

// line reads a packet of text less one LF at its end, which may be missing. It
// is good until the next read.
func (s *scanner) line() (text []byte, flush bool, err error) {
	size, flush, err := s.header()
	if err != nil || flush {
		return nil, flush, err
	}
	text, err = s.r.Peek(size)
	if err != nil {
		return nil, false, s.broken("read a packet", inside(err))
	}
	_, _ = s.r.Discard(size)
	if n := len(text); n > 0 && text[n-1] == '\n' {
		text = text[:n-1]
	}
	return text, false, nil
}

// broken makes err the scanner's last; io.EOF stays bare, for callers compare it.
func (s *scanner) broken(doing string, err error) error {
	if err != io.EOF {
		err = fmt.Errorf("%s: %w", doing, err)
	}
	return s.refuse(err)
}

func (s *scanner) refuse(err error) error {
	s.err = err
	return err
}

// inside is err for a place where the input must not end.
func inside(err error) error {
	if err == io.EOF {
		return errCut
	}
	return err
}

var errCut = fmt.Errorf("the input ends too early: %w", io.ErrUnexpectedEOF)

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// errReturned is what content yields once Handle has returned: an end would make
// a cut file look whole.
var errReturned = errors.New("internal error: content read after the handler returned")

// content reads data packets up to the flush packet that ends them.
type content struct {
	scanner *scanner
	left    int   // bytes of the current packet still to come
	err     error // io.EOF once the flush packet is read
}

func (c *content) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, c.err
	}
	if err := c.next(); err != nil {
		return 0, err
	}
	n, err := c.scanner.r.Read(p[:min(len(p), c.left)])
	c.left -= n
	if err != nil {
		c.err = c.scanner.broken("read content", inside(err))
	}
	return n, c.err
}

// next goes to the next packet that has data, when the current one is used up.
func (c *content) next() error {
	for c.err == nil && c.left == 0 {
		size, flush, err := c.scanner.header()
		switch {
		case err != nil:
			c.err = inside(err)
		case flush:
			c.err = io.EOF
		}
		c.left = size
	}
	return c.err
}

// drain goes to the end of the content. The error is one of the stream; with it
// the next request cannot be found.
func (c *content) drain() error {
	for c.next() == nil {
		if _, err := c.scanner.r.Discard(c.left); err != nil {
			c.err = c.scanner.broken("read content", inside(err))
			break
		}
		c.left = 0
	}
	err := c.err
	c.err = errReturned
	if err == io.EOF {
		return nil
	}
	return err
}

// writer writes pkt-lines. It gathers them until send, or until its buffer is
// full; its first error is kept for send, and what follows goes nowhere.
type writer struct {
	w   io.Writer
	buf []byte
	err error
}

func newWriter(w io.Writer) *writer {
	return &writer{w: w, buf: make([]byte, 0, 2*maxPacket+1<<10)}
}

// line adds a packet of key (with its "="), value and LF, which must fit in one.
func (w *writer) line(key, value string) {
	size := headerSize + len(key) + len(value) + 1
	if size > maxPacket {
		panic("process: internal error: packet too long")
	}
	w.reserve(size)
	w.buf = appendLength(w.buf, size)
	w.buf = append(w.buf, key...)
	w.buf = append(w.buf, value...)
	w.buf = append(w.buf, '\n')
}

func (w *writer) flushPacket() {
	w.reserve(headerSize)
	w.buf = append(w.buf, "0000"...)
}

// copy adds all of r as data packets, read straight into the buffer. The error
// is r's; a failed write ends it early and shows in send.
func (w *writer) copy(r io.Reader) error {
	for w.err == nil {
		w.reserve(maxPacket)
		start := len(w.buf)
		body := w.buf[start+headerSize : start+maxPacket]
		n, err := fill(r, body)
		if n > 0 {
			appendLength(w.buf, headerSize+n) // in place: reserve made the room
			w.buf = w.buf[:start+headerSize+n]
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reserve makes room for n bytes.
func (w *writer) reserve(n int) {
	if cap(w.buf)-len(w.buf) < n {
		_ = w.send() // kept in w.err
	}
}

// send writes what has been gathered.
func (w *writer) send() error {
	if w.err == nil && len(w.buf) > 0 {
		if _, err := w.w.Write(w.buf); err != nil {
			w.err = fmt.Errorf("answer git: %w", err)
		}
	}
	w.buf = w.buf[:0]
	return w.err
}

func appendLength(b []byte, n int) []byte {
	const digits = "0123456789abcdef"
	return append(b, digits[n>>12&15], digits[n>>8&15], digits[n>>4&15], digits[n&15])
}

// maxIdle is how often in a row a reader may yield neither data nor an error.
const maxIdle = 100

// fill reads until p is full or r fails. Unlike io.ReadFull it passes io.EOF on,
// whatever came before it, and gives up on a reader that does not move.
func fill(r io.Reader, p []byte) (n int, err error) {
	for idle := 0; n < len(p) && err == nil; {
		var m int
		m, err = r.Read(p[n:])
		if m < 0 || m > len(p)-n {
			return n, errors.New("internal error: reader returned an impossible count")
		}
		n += m
		if m > 0 {
			idle = 0
		} else if idle++; idle == maxIdle && err == nil {
			err = io.ErrNoProgress
		}
	}
	return n, err
}
