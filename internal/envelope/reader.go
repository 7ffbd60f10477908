package envelope

import (
	"bufio"
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Reader opens what a Writer sealed.
type Reader struct {
	in       *bufio.Reader
	engine   *engine
	params   Segmenting
	started  bool
	whole    bool   // the last segment read ended in a place where another may follow
	plainLen int    // its size
	rest     []byte // verified plaintext not handed out yet
	segments uint64
	size     uint64
	err      error
}

// NewReader returns a Reader that opens src with k. Read hands out plaintext
// segment by segment, each verified; only io.EOF says that the whole was what
// was sealed, so discard everything after any other error. An empty src holds an
// empty plaintext. A Reader may read ahead of src, and is used by one goroutine
// at a time.
func NewReader(src io.Reader, k *Key) *Reader {
	e := k.engine()
	return &Reader{in: e.reader(src), engine: e}
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := r.fill(); err != nil {
		return 0, err
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// WriteTo implements io.WriterTo: it spares io.Copy a buffer.
func (r *Reader) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for {
		switch err := r.fill(); err {
		case nil:
		case io.EOF:
			return total, nil
		default:
			return total, err
		}
		n, err := w.Write(r.rest)
		total += int64(n)
		r.rest = r.rest[n:]
		if err != nil {
			return total, err
		}
	}
}

// fill verifies the next segment if all before it was handed out.
func (r *Reader) fill() error {
	if len(r.rest) > 0 {
		return nil
	}
	if r.err == nil {
		r.rest, r.err = r.next()
		if r.err != nil {
			r.engine.release()
			r.engine, r.in, r.rest = nil, nil, nil
		}
	}
	return r.err
}

// next returns the plaintext of the next segment, or io.EOF behind a trailer
// that verified.
func (r *Reader) next() ([]byte, error) {
	if !r.started {
		if err := r.start(); err != nil {
			return nil, err
		}
	}
	n, err := readRecord(r.in, r.engine.record[:], r.params, r.segments)
	switch {
	case err != nil:
		return nil, r.at(err)
	case n == 0:
		return nil, r.finish()
	}
	p, err := r.open(n)
	if err != nil {
		return nil, r.at(err)
	}
	r.segments++
	r.size += uint64(len(p))
	return p, nil
}

// at adds which segment is meant.
func (r *Reader) at(err error) error {
	if r.segments == 0 {
		return err
	}
	return fmt.Errorf("segment %d: %w", r.segments+1, err)
}

func (r *Reader) start() error {
	h, err := readHeader(r.in)
	if err != nil {
		return err
	}
	if h.KeyID != r.engine.key.id {
		return fmt.Errorf("%w: it is sealed under %s, not %s", ErrKeyID, h.KeyID, r.engine.key.id)
	}
	r.started = true
	r.params = h.Segmenting
	r.engine.begin(h)
	return nil
}

// open reads a ciphertext of n bytes, verifies and decodes it.
func (r *Reader) open(n int) ([]byte, error) {
	e := r.engine
	if cap(e.payload) < n {
		e.payload = make([]byte, n) // n is at most params.max()+1
	}
	e.payload = e.payload[:n]
	if err := readFull(r.in, e.payload); err != nil {
		return nil, err
	}
	tag := e.record[lengthSize:]
	e.crypt(e.payload, tag)
	if !hmac.Equal(e.tag(e.payload), tag) {
		return nil, ErrSegmentTag
	}
	e.trailer.Write(e.record[:])
	if err := r.checkPrevious(); err != nil {
		return nil, err
	}
	p, err := decode(e.scratch, e.payload, r.params)
	if err != nil {
		return nil, err
	}
	if e.payload[0] == codecZstd {
		e.scratch = p
	}
	return p, r.checkCut(p)
}

// checkPrevious refuses a segment behind one that must have been the last.
func (r *Reader) checkPrevious() error {
	switch {
	case r.segments == 0 || r.whole:
		return nil
	case r.plainLen < r.params.min():
		return ErrSegmentSize
	default:
		return ErrSegmentCut
	}
}

// checkCut refuses a segment that goes on behind a place where it had to end.
func (r *Reader) checkCut(p []byte) error {
	n, whole := r.engine.key.gear.cut(p, r.params, r.size)
	if n != len(p) {
		return ErrSegmentCut
	}
	r.whole, r.plainLen = whole, len(p)
	return nil
}

// finish verifies the trailer and that nothing follows it.
func (r *Reader) finish() error {
	if !hmac.Equal(r.engine.end(r.segments, r.size), r.engine.record[lengthSize:]) {
		return ErrTrailer
	}
	return readEnd(r.in)
}

// readHeader returns io.EOF if there is nothing at all.
func readHeader(in *bufio.Reader) (Header, error) {
	b, err := in.Peek(HeaderSize)
	if err != nil && err != io.EOF {
		return Header{}, err
	}
	if len(b) == 0 {
		return Header{}, io.EOF
	}
	h, err := ParseHeader(b)
	if err != nil {
		return Header{}, err
	}
	_, err = in.Discard(HeaderSize)
	return h, err
}

// readRecord reads the length and the tag that precede a ciphertext, or the
// trailer, for which n is 0. segments is the number of those before it.
func readRecord(in *bufio.Reader, record []byte, s Segmenting, segments uint64) (n int, err error) {
	if err := readFull(in, record[:lengthSize]); err != nil {
		return 0, err
	}
	length := binary.BigEndian.Uint32(record)
	switch {
	case length == 1 || length > uint32(s.max())+1:
		return 0, ErrSegmentLength
	case length == 0 && segments == 0:
		return 0, ErrEmpty
	}
	return int(length), readFull(in, record[lengthSize:])
}

// readEnd returns io.EOF if nothing follows.
func readEnd(in *bufio.Reader) error {
	_, err := in.ReadByte()
	if err == nil {
		return ErrTrailing
	}
	return err
}

// readFull fills b. Only the end of the data is a fault of the format.
func readFull(in *bufio.Reader, b []byte) error {
	_, err := io.ReadFull(in, b)
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return err
}
