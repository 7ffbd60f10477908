// Package archive opens archives and compressed files that nobody vouches for,
// and gives what is in them to a function: zip and what is built on it, tar,
// gzip, zstd, bzip2. It knows xz, 7z and rar by name only and says so, since a
// scan must count what it could not look into.
//
// It unpacks to nowhere: names are text for people, members are streams. What
// one content may cost is a Budget, shared by the archives in it: bytes that come
// out, members, depth, memory. Reaching a limit is no error but a Skip, and so
// are damage, encryption and unknown methods; what came before is given all the
// same. Only the context, the reader below and the function itself fail a Walk.
//
// A zip of up to 32 MiB is read into memory: by its directory first, then, where
// the directory says nothing, by the headers that stand before each member, so
// that what a directory hides is seen. A larger one, or one with no usable
// directory, is read from beginning to end by those headers alone.
package archive

import (
	"bufio"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Budget is what archives may still cost. Nested Walks share one; it is not safe
// for concurrent use.
type Budget struct {
	Bytes   int64 // that come out of compression
	Members int
	Depth   int   // archives within each other
	Memory  int64 // held at one time
	// Ratio is how many times its compressed size a stream may have, beyond the
	// first Free bytes.
	Ratio, Free int64
}

// Default is for one outer content. A jar in a war in a .tar.gz is a depth of 4.
func Default() *Budget {
	return &Budget{Bytes: 256 << 20, Members: 10_000, Depth: 6, Memory: 40 << 20, Ratio: 128, Free: 16 << 20}
}

// Skip is a part that was not looked into.
type Skip struct {
	Where string // the member; "" for the archive itself
	Why   string // "encrypted", "damaged", "larger than the limit when unpacked", …
}

// Damaged is the reason for what is not as its format says.
const Damaged = "damaged"

const (
	encrypted     = "encrypted"
	unsupported   = "format not supported"
	unknownMethod = "compression method not supported"
	tooDeep       = "nested too deep"
	tooMany       = "too many members"
	tooMuch       = "too much memory needed"
	trailing      = "data behind the end"
	bzip2Memory   = 4 << 20
	bufferMemory  = 64 << 10
)

// Walk calls f for each member of an archive of a kind that Sniff told. size is
// r's, or -1. f need not read to the end; an error of its ends the Walk.
func Walk(ctx context.Context, kind string, r io.Reader, size int64, b *Budget, f func(name string, r io.Reader) error) ([]Skip, error) {
	w := &walk{ctx: ctx, b: b, f: f, in: &source{r: r, ctx: ctx}}
	if b.Depth <= 0 {
		return []Skip{{"", tooDeep}}, ctx.Err()
	}
	b.Depth--
	err := ended(w.open(kind, size))
	b.Depth++
	if err == nil {
		err = w.in.err
	}
	if err == nil {
		err = ctx.Err()
	}
	return w.skips, err
}

// walk is one Walk.
type walk struct {
	ctx   context.Context
	b     *Budget
	f     func(name string, r io.Reader) error
	in    *source
	skips []Skip
}

func (w *walk) open(kind string, size int64) error {
	switch kind {
	case "zip":
		return w.zip(size)
	case "tar":
		return w.tar()
	case "gzip":
		return w.gzip()
	case "zstd":
		return w.zstd()
	case "bzip2":
		return w.held(bzip2Memory, func() error {
			return w.member("", bzip2.NewReader(w.buffered()), w.in.count, -1)
		})
	}
	w.skip("", unsupported)
	return nil
}

func (w *walk) skip(where, why string) { w.skips = append(w.skips, Skip{where, why}) }

func (w *walk) buffered() *bufio.Reader { return bufio.NewReaderSize(w.in, bufferMemory) }

// held runs do with n bytes of memory taken from the budget, if they are left.
func (w *walk) held(n int64, do func() error) error {
	if n > w.b.Memory {
		w.skip("", tooMuch)
		return nil
	}
	w.b.Memory -= n
	defer func() { w.b.Memory += n }()
	return do()
}

func (w *walk) gzip() error {
	z, err := gzip.NewReader(w.buffered())
	if err != nil {
		w.skip("", Damaged)
		return nil
	}
	return w.member(z.Name, z, w.in.count, -1)
}

// errStop ends a walk whose budget is used up; it is no failure.
var errStop = errors.New("archive: budget used up")

// ended makes nothing of errStop.
func ended(err error) error {
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// member gives one member to f. packed tells how many compressed bytes it took
// so far; with nil it is not compressed and costs no bytes. size is what the
// archive says of it, -1 if nothing.
func (w *walk) member(name string, r io.Reader, packed func() int64, size int64) error {
	if w.b.Members <= 0 {
		w.skip(name, tooMany)
		return errStop
	}
	w.b.Members--
	m := &member{r: r, w: w, packed: packed, size: size}
	err := w.f(name, m)
	if m.why != "" {
		w.skip(name, m.why)
	}
	if err != nil {
		return err
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	return w.in.err
}

// member is the reader that f gets: it ends where the member, its soundness or
// the budget does. Only a failure of what is below the archive is an error.
type member struct {
	r      io.Reader
	w      *walk
	packed func() int64
	size   int64
	out    int64
	why    string // what ended it early
	err    error
}

func (m *member) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	if err := m.w.ctx.Err(); err != nil {
		m.err = err
		return 0, err
	}
	left, why := m.left()
	if left <= 0 {
		var one [1]byte // an end just here is no limit reached
		if n, err := io.ReadFull(m.r, one[:]); n == 0 {
			return 0, m.end(err)
		}
		m.why, m.err = why, io.EOF
		return 0, io.EOF
	}
	n, err := m.r.Read(p[:min(int64(len(p)), left)])
	m.out += int64(n)
	if m.packed != nil {
		m.w.b.Bytes -= int64(n)
	}
	if err != nil {
		return n, m.end(err)
	}
	return n, nil
}

// left is how much may still be read, and why no more.
func (m *member) left() (int64, string) {
	if m.packed == nil {
		return 1 << 62, ""
	}
	b := m.w.b
	if most := max(b.Free, m.packed()*b.Ratio); most-m.out < b.Bytes {
		return most - m.out, fmt.Sprintf("more than %d times larger when unpacked", b.Ratio)
	}
	return b.Bytes, "larger than the limit when unpacked"
}

// end remembers how a member ended.
func (m *member) end(err error) error {
	m.err = io.EOF
	switch {
	case m.w.in.err != nil:
		m.err = m.w.in.err
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		m.why = tooMuch
	case err != io.EOF || m.size >= 0 && m.out != m.size:
		m.why = Damaged
	}
	return m.err
}

// source is what is below an archive. It tells its own failures from those of
// the decoders above, and counts.
type source struct {
	r   io.Reader
	ctx context.Context
	n   int64
	err error
}

func (s *source) count() int64 { return s.n }

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		s.err = err
		return 0, err
	}
	n, err := s.r.Read(p)
	s.n += int64(n)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
