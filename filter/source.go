package filter

import (
	"bytes"
	"io"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

// source is content being read, of which the beginning was looked at. A failed
// read stays failed, so that content cut short is never taken for the whole.
type source struct {
	r       io.Reader
	start   [envelope.HeaderSize]byte
	n, used int // start[:n] is there, start[used:n] not handed out yet
	err     error
}

// look reads the beginning of content, as much as a header has if there is that much.
func look(content io.Reader) (*source, error) {
	s := &source{r: content}
	for s.n < len(s.start) && s.err == nil {
		var n int
		n, s.err = content.Read(s.start[s.n:])
		s.n += n
	}
	return s, s.failure()
}

// head is the beginning.
func (s *source) head() []byte { return s.start[:s.n] }

// Read implements io.Reader.
func (s *source) Read(p []byte) (n int, err error) {
	if s.used < s.n {
		n = copy(p, s.start[s.used:s.n])
		s.used += n
		return n, nil
	}
	if s.err == nil {
		n, s.err = s.r.Read(p)
	}
	return n, s.err
}

// failure is the error of a read, if one has failed; the end is none.
func (s *source) failure() error {
	if s.err == io.EOF {
		return nil
	}
	return s.err
}

// readUpTo reads at most n bytes; fewer only at the end of r.
func readUpTo(r io.Reader, n int) ([]byte, error) {
	b := make([]byte, 0, min(n, 8<<10))
	for len(b) < n {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		got, err := r.Read(b[len(b):min(cap(b), n)])
		b = b[:len(b)+got]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// inMemory holds content that is not sealed, which must not touch the disk. It
// has no bound but Git's own, which holds the same content in memory at that
// moment. It is kept in pieces, so as not to be copied for growing.
func inMemory(r io.Reader) (io.ReadCloser, error) {
	var pieces []io.Reader
	for size := 8 << 10; ; size = min(2*size, 1<<20) {
		p, err := readUpTo(r, size)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, bytes.NewReader(p))
		if len(p) < size {
			return io.NopCloser(io.MultiReader(pieces...)), nil
		}
	}
}

// none is the empty answer.
func none() io.ReadCloser { return io.NopCloser(bytes.NewReader(nil)) }
