package envelope

import (
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"sync"
)

const (
	// flushFrom is how many sealed bytes a Writer gathers before it writes them.
	flushFrom = 64 << 10
	// A Writer that has seen batchFrom bytes seals the rest in batches, with up to
	// maxWorkers goroutines that get at least minShare segments each. Where a
	// batch ends has no influence on the sealed bytes.
	batchFrom  = 1 << 20
	batch      = 1 << 20
	maxWorkers = 4
	minShare   = 8
)

var errClosed = errors.New("envelope: write to a closed writer")

// Writer seals what is written to it. Its memory is bounded: a few segments, or
// a few batches for a large plaintext.
type Writer struct {
	dst      io.Writer
	engine   *engine
	params   Segmenting
	off      int       // engine.plain[off:] is not cut yet
	cuts     [][]byte  // reused by sealPending
	workers  []*engine // the engine and its helpers, once there is enough to share
	segments uint64
	size     uint64 // of the plaintext cut so far
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
		if w.pending() < w.gather() {
			break // p is empty
		}
		if err := w.sealPending(false); err != nil {
			return n - len(p), err
		}
	}
	return n, nil
}

func (w *Writer) pending() int { return len(w.engine.plain) - w.off }

// gather is how much plaintext to keep before sealing any: one largest segment,
// since that much must be known to say where the next one ends, or a batch.
func (w *Writer) gather() int {
	if w.size < batchFrom || runtime.GOMAXPROCS(0) == 1 {
		return w.params.max()
	}
	return max(batch, w.params.max())
}

// buffer keeps as much of p as there is need of.
func (w *Writer) buffer(p []byte) int {
	e := w.engine
	n := min(len(p), w.gather()-w.pending())
	if cap(e.plain)-len(e.plain) < n {
		w.makeRoom(w.pending() + n)
	}
	e.plain = append(e.plain, p[:n]...)
	return n
}

// makeRoom moves the pending bytes to the front of a buffer for need bytes. The
// buffer grows to four segments (or a batch) and no further: moving less than
// one when three have passed is cheap.
func (w *Writer) makeRoom(need int) {
	e := w.engine
	pending := e.plain[w.off:]
	size := max(need, min(2*need, 4*w.params.max()))
	if size > cap(e.plain) {
		old := e.plain
		e.plain = append(make([]byte, 0, size), pending...)
		clear(old)
	} else {
		e.plain = e.plain[:copy(e.plain, pending)]
	}
	w.off = 0
}

// sealPending cuts and seals what is pending: all of it at the end, else while
// enough is left to be sure where a segment ends.
func (w *Writer) sealPending(all bool) error {
	segments := w.cuts[:0]
	for n := w.pending(); n >= w.params.max() || all && n > 0; n = w.pending() {
		size, _ := w.engine.key.gear.cut(w.engine.plain[w.off:], w.params, w.size)
		segments = append(segments, w.engine.plain[w.off:w.off+size])
		w.off += size
		w.size += uint64(size)
	}
	if w.segments == 0 && len(segments) > 0 {
		w.engine.out = append(w.engine.out, w.engine.header[:]...)
	}
	w.segments += uint64(len(segments))
	w.cuts = segments
	return w.seal(segments)
}

// seal shares the segments out among as many goroutines as can run, each with
// an engine of its own; a few segments are not worth it. The goroutines end
// before seal does: an abandoned Writer leaves nothing behind.
func (w *Writer) seal(segments [][]byte) error {
	shares := min(maxWorkers, len(segments)/minShare)
	if shares > 1 {
		shares = min(shares, runtime.GOMAXPROCS(0))
	}
	if shares < 2 {
		for _, p := range segments {
			w.engine.seal(p)
		}
		return w.emit(w.engine, flushFrom)
	}
	for len(w.workers) < shares {
		e := w.engine
		if len(w.workers) > 0 {
			e = w.engine.key.engine()
			e.header = w.engine.header
		}
		w.workers = append(w.workers, e)
	}
	var wg sync.WaitGroup
	for i, e := range w.workers[:shares] {
		wg.Go(func() {
			for _, p := range segments[i*len(segments)/shares : (i+1)*len(segments)/shares] {
				e.seal(p)
			}
		})
	}
	wg.Wait()
	for _, e := range w.workers[:shares] {
		if err := w.emit(e, 0); err != nil {
			return err
		}
	}
	return nil
}

// emit tells the trailer of e's segments, and writes their sealed bytes once
// there are enough.
func (w *Writer) emit(e *engine, enough int) error {
	w.engine.trailer.Write(e.records)
	e.records = e.records[:0]
	if len(e.out) < enough {
		return nil
	}
	_, err := w.dst.Write(e.out)
	e.out = e.out[:0]
	if err != nil {
		w.stop(err)
	}
	return err
}

// stop makes err the answer to every later call.
func (w *Writer) stop(err error) {
	w.err = err
	for _, e := range w.workers {
		if e != w.engine {
			e.release()
		}
	}
	w.engine.release()
	w.engine, w.workers, w.cuts = nil, nil, nil
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
	if err := w.sealPending(true); err != nil {
		return err
	}
	if w.segments > 0 {
		e := w.engine
		e.out = binary.BigEndian.AppendUint32(e.out, 0)
		e.out = append(e.out, e.end(w.segments, w.size)...)
		if err := w.emit(e, 0); err != nil {
			return err
		}
	}
	w.stop(errClosed)
	return nil
}
