package envelope

import (
	"encoding/binary"
	"errors"
	"io"
)

// flushFrom is how many sealed bytes a Writer gathers before it writes them.
const flushFrom = 64 << 10

var errClosed = errors.New("envelope: write to a closed writer")

// Writer seals what is written to it.
type Writer struct {
	dst      io.Writer
	engine   *engine
	params   Segmenting
	off      int // engine.plain[off:] is not sealed yet
	segments uint64
	size     uint64
	err      error
}

// NewWriter returns a Writer that seals to dst under k. Nothing is complete
// before Close returned nil. A Writer is used by one goroutine at a time.
func NewWriter(dst io.Writer, k *Key) *Writer { return newWriter(dst, k, standard) }

func newWriter(dst io.Writer, k *Key, s Segmenting) *Writer {
	w := &Writer{dst: dst, engine: k.engine(), params: s}
	w.engine.begin(Header{KeyID: k.id, Segmenting: s})
	return w
}

// Write takes plaintext. Sealed bytes may reach dst now or later.
func (w *Writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	n := len(p)
	for len(p) > 0 {
		p = p[w.buffer(p):]
		if err := w.sealFull(); err != nil {
			return n - len(p), err
		}
	}
	return n, nil
}

// buffer keeps as much of p as makes the pending plaintext one largest segment:
// that much must be known to say where the next segment ends.
func (w *Writer) buffer(p []byte) int {
	e := w.engine
	pending := len(e.plain) - w.off
	n := min(len(p), w.params.max()-pending)
	if cap(e.plain)-len(e.plain) < n {
		w.makeRoom(pending + n)
	}
	e.plain = append(e.plain, p[:n]...)
	return n
}

// makeRoom moves the pending bytes to the front of a buffer for need bytes. The
// buffer grows to four segments and no further: moving less than one when
// three have passed is cheap.
func (w *Writer) makeRoom(need int) {
	e := w.engine
	pending := e.plain[w.off:]
	if size := min(2*need, 4*w.params.max()); size > cap(e.plain) {
		old := e.plain
		e.plain = append(make([]byte, 0, size), pending...)
		clear(old)
	} else {
		e.plain = e.plain[:copy(e.plain, pending)]
	}
	w.off = 0
}

// sealFull seals segments while enough is pending to be sure of their end.
func (w *Writer) sealFull() error {
	for len(w.engine.plain)-w.off >= w.params.max() {
		if err := w.sealNext(); err != nil {
			return err
		}
	}
	return nil
}

// sealNext cuts one segment off the pending plaintext and seals it.
func (w *Writer) sealNext() error {
	e := w.engine
	n, _ := e.key.gear.cut(e.plain[w.off:], w.params, w.size)
	w.seal(e.plain[w.off : w.off+n])
	w.off += n
	if len(e.out) < flushFrom {
		return nil
	}
	return w.flush()
}

func (w *Writer) seal(p []byte) {
	e := w.engine
	if w.segments == 0 {
		e.out = append(e.out, e.header[:]...)
	}
	if cap(e.scratch) < len(p)+frameOverhead {
		e.scratch = make([]byte, 0, len(p)+frameOverhead)
	}
	e.payload = encode(e.payload[:0], p, e.scratch)
	tag := e.tag(e.payload)
	at := len(e.out)
	e.out = binary.BigEndian.AppendUint32(e.out, uint32(len(e.payload)))
	e.out = append(e.out, tag...)
	e.trailer.Write(e.out[at:])
	e.out = append(e.out, e.payload...)
	e.crypt(e.out[at+recordSize:], tag)
	w.segments++
	w.size += uint64(len(p))
}

func (w *Writer) flush() error {
	_, err := w.dst.Write(w.engine.out)
	w.engine.out = w.engine.out[:0]
	if err != nil {
		w.stop(err)
	}
	return err
}

// stop makes err the answer to every later call.
func (w *Writer) stop(err error) {
	w.err = err
	w.engine.release()
	w.engine = nil
}

// Close seals what is pending and writes the trailer; nothing at all if nothing
// was written. It does not close dst. After an error what dst got is worthless.
// Closing again does nothing.
func (w *Writer) Close() error {
	switch {
	case w.err == errClosed:
		return nil
	case w.err != nil:
		return w.err
	}
	for w.off < len(w.engine.plain) {
		if err := w.sealNext(); err != nil {
			return err
		}
	}
	if w.segments > 0 {
		e := w.engine
		e.out = binary.BigEndian.AppendUint32(e.out, 0)
		e.out = append(e.out, e.end(w.segments, w.size)...)
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.stop(errClosed)
	return nil
}
