package process

import (
	"bytes"
	"fmt"
)

const (
	listAvailable = "list_available_blobs"

	// Git sends six lines at most. Lines beyond the limits are read, so that the
	// stream stays in step, and make the request fail.
	maxLines = 64
	maxKey   = 64

	maxPath = maxData - len("pathname=\n")
)

// handshake agrees on version 2 and on what both sides can do.
func (s *session) handshake() error {
	if err := s.greeting(); err != nil {
		return err
	}
	s.out.line("git-filter-", "server")
	s.out.line("version=", "2")
	s.out.flushPacket()
	if err := s.out.send(); err != nil {
		return err
	}
	return s.capabilities()
}

// greeting reads who calls and which versions they offer. A wrong greeting is
// most likely a person who started the filter by hand.
func (s *session) greeting() error {
	text, flush, err := s.in.line()
	if err != nil {
		return inside(err)
	}
	if flush || string(text) != "git-filter-client" {
		return fmt.Errorf("%w: the greeting is not git-filter-client", ErrProtocol)
	}
	known := false
	err = s.list(func(key, value []byte) {
		known = known || string(key) == "version" && string(value) == "2"
	})
	if err == nil && !known {
		err = fmt.Errorf("%w: git does not offer version 2", ErrProtocol)
	}
	return err
}

// capabilities answers with those of the offered ones that we have. Git dies of
// an answer that it did not offer.
func (s *session) capabilities() error {
	var clean, smudge, delay bool
	err := s.list(func(key, value []byte) {
		if string(key) != "capability" {
			return
		}
		clean = clean || string(value) == Clean
		smudge = smudge || string(value) == Smudge
		delay = delay || string(value) == "delay"
	})
	if err != nil {
		return err
	}
	if !delay {
		s.delayer = nil
	}
	if clean {
		s.out.line("capability=", Clean)
	}
	if smudge {
		s.out.line("capability=", Smudge)
	}
	if s.delayer != nil {
		s.out.line("capability=", "delay")
	}
	s.out.flushPacket()
	return s.out.send()
}

// list reads a list of the handshake, which is at most maxLines long.
func (s *session) list(each func(key, value []byte)) error {
	for n := 0; ; n++ {
		text, flush, err := s.in.line()
		switch {
		case err != nil:
			return inside(err)
		case flush:
			return nil
		case n == maxLines:
			return fmt.Errorf("%w: more than %d lines", ErrProtocol, maxLines)
		}
		if key, value, ok := bytes.Cut(text, []byte("=")); ok {
			each(key, value)
		}
	}
}

// request reads the lines of a request up to its flush packet. With bad the
// lines were read but make no request; err is one of the stream, io.EOF if it
// ended before the first line.
func (s *session) request() (req Request, bad, err error) {
	p := parser{last: &s.last}
	for n := 0; ; n++ {
		text, flush, err := s.in.line()
		if err != nil {
			if n > 0 {
				err = inside(err)
			}
			return Request{}, nil, err
		}
		if flush {
			break
		}
		if n < maxLines {
			p.line(text)
		} else {
			p.refuse("more than %d lines", maxLines)
		}
	}
	p.end()
	p.req.CanDelay = p.req.CanDelay && s.delayer != nil
	s.last = p.req
	return p.req, p.bad, nil
}

// parser makes a Request of lines.
type parser struct {
	req  Request
	last *Request // the one before
	bad  error    // the first thing wrong
	seen uint8    // one bit a known key
}

// line takes one line; a key nobody knows is for a later Git to explain.
func (p *parser) line(text []byte) {
	key, value, ok := bytes.Cut(text, []byte("="))
	switch {
	case !ok:
		p.refuse("a line without \"=\"")
		return
	case len(key) > maxKey:
		p.refuse("a key of %d bytes", len(key))
		return
	}
	switch string(key) {
	case "command":
		p.once(key, 1<<0)
		p.set(&p.req.Command, p.last.Command, value)
	case "pathname":
		p.once(key, 1<<1)
		p.set(&p.req.Path, p.last.Path, value)
	case "ref":
		p.once(key, 1<<2)
		p.set(&p.req.Ref, p.last.Ref, value)
	case "treeish":
		p.once(key, 1<<3)
		p.set(&p.req.Treeish, p.last.Treeish, value)
	case "blob":
		p.once(key, 1<<4)
		p.set(&p.req.Blob, p.last.Blob, value)
	case "can-delay":
		p.once(key, 1<<5)
		p.req.CanDelay = string(value) == "1"
	}
}

// once refuses a key that came before.
func (p *parser) once(key []byte, bit uint8) {
	if p.seen&bit != 0 {
		p.refuse("%s came twice", key)
	}
	p.seen |= bit
}

// set stores the first value of a key. Most are those of the request before:
// they share its string.
func (p *parser) set(to *string, last string, value []byte) {
	switch {
	case *to != "":
	case string(value) == last:
		*to = last
	default:
		*to = string(value)
	}
}

// end checks what must be there.
func (p *parser) end() {
	switch {
	case p.req.Command == "":
		p.refuse("no command")
	case p.req.Path == "" && p.req.Command != listAvailable:
		p.refuse("no pathname")
	}
}

func (p *parser) refuse(format string, args ...any) {
	if p.bad == nil {
		p.bad = fmt.Errorf("%w: bad request: "+format, append([]any{ErrProtocol}, args...)...)
	}
}
