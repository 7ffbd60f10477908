package scan

import (
	"bytes"
	"context"
	"io"

	"github.com/git-envelope/git-envelope/internal/scan/archive"
	"github.com/git-envelope/git-envelope/internal/scan/decode"
)

// Sizes of the windows in which a content is scanned. What begins in the last
// overlap bytes of a window belongs to the next, which begins margin bytes before
// that, so that a keyword there has what stands before it.
const (
	window      = 2 << 20
	childWindow = 512 << 10 // of what is within something else
	overlap     = 64 << 10
	margin      = 2 << 10
	firstBuffer = 64 << 10

	maxDepth = 4 // of what is encoded within each other
)

// Scanner scans one content at a time; each goroutine needs its own.
type Scanner struct {
	e      *Engine
	window int
	buf    []byte
	states []state
	hits   []hit
	chunks []chunk
	found  []candidate
	// pending are the rules whose regular expression is still to be run, far the
	// keywords of rules whose secret may be anywhere.
	pending []*rule
	far     []Span

	text    int // numbers the texts searched
	runs    int // and the decoded runs
	decoder [maxDepth]decode.Decoder
	wide    []byte // what was UTF-16 within something else
	// within scans what is in a content, decoded what is in an archive that was
	// encoded: both can be under way at once.
	within, decoded *Scanner

	// Of the content at hand; those within it share them.
	ctx     context.Context
	budget  *archive.Budget
	outcome *Outcome
	top     stream
	own     archive.Budget
	first   Outcome

	decoding int // bytes that may still be decoded in this window
	work     int // counts steps that could be too many, for tests
}

// Scanner makes a scanner that shares with the engine's others what was seen.
func (e *Engine) Scanner() *Scanner { return e.scanner(window) }

func (e *Engine) scanner(window int) *Scanner {
	return &Scanner{e: e, window: window, states: make([]state, len(e.rules))}
}

// Outcome is what a scan of one content looked at.
type Outcome struct {
	Bytes   int64  // read, before any decompression
	New     int64  // of all that was read or unpacked, what was not known to be clean
	Skipped []Skip // what could not be looked into
}

// Skip is a part of a content that was not looked into.
type Skip struct {
	Where string // "zip:inner.zip"
	Why   string // "encrypted", "larger than 64 MiB when unpacked", …
}

// Scan reads a content to its end and calls found for each secret, in order of
// offset as far as possible. The Match and its Secret are valid during the call
// only. The error is the reader's or the context's; then nothing is proved.
func (s *Scanner) Scan(ctx context.Context, r io.Reader, found func(*Match)) (Outcome, error) {
	return s.scanAll(ctx, stream{r: r}, found)
}

// Bytes is Scan of what is in memory already. It is not copied, and must not
// change during the call.
func (s *Scanner) Bytes(ctx context.Context, data []byte, found func(*Match)) (Outcome, error) {
	if len(data) > s.window {
		return s.Scan(ctx, bytes.NewReader(data), found)
	}
	own := s.buf
	s.buf = data
	defer func() { s.buf = own }()
	return s.scanAll(ctx, stream{n: len(data), read: int64(len(data)), err: io.EOF}, found)
}

func (s *Scanner) scanAll(ctx context.Context, st stream, found func(*Match)) (Outcome, error) {
	s.own, s.first = *fresh, Outcome{}
	s.ctx, s.budget, s.outcome = ctx, &s.own, &s.first
	st.s, st.unit = s, 1
	st.emit = func(of *stream, c *candidate) { found(of.match(c)) }
	s.top = st
	err := s.top.run(nil)
	s.first.Bytes = s.top.read
	s.ctx, s.budget, s.outcome, s.top = nil, nil, nil, stream{}
	return s.first, err
}

// fresh is what the archives in one content may cost.
var fresh = archive.Default()

// nested makes a scanner for what is within this one's content, and keeps it.
func (s *Scanner) nested(kept **Scanner) *Scanner {
	if *kept == nil {
		*kept = s.e.scanner(childWindow)
	}
	c := *kept
	c.ctx, c.budget, c.outcome = s.ctx, s.budget, s.outcome
	return c
}

// stream is one content on its way through a scanner's window.
type stream struct {
	s    *Scanner
	r    io.Reader
	emit func(of *stream, c *candidate) // hands out what was found in this stream, or one in it
	via  []string
	wide *wide // how it is read, too; nil: not at all
	unit int   // bytes that a character of 7 bits has in the content as it is stored
	n    int   // bytes in the window
	next int   // of them, those that what is in the content was given (see Read)
	from int   // what begins before it was reported in the window before
	err  error
	read int64
	// opened says that it was opened as an archive.
	opened bool

	// Where the window begins in the content as it is stored.
	base      int64
	line      int   // from 0
	lineStart int64 // where the line began
	pos       cursor
}

// run scans all of the content, and what is in it.
func (st *stream) run(via []string) error {
	st.via = via
	for st.n < 512 && st.more() == nil {
	}
	err := st.inside()
	for err == nil && st.more() == nil {
	}
	if err == nil && st.err != io.EOF {
		err = st.err
	}
	if err == nil && !st.opened {
		err = st.behind()
	}
	if err == nil {
		err = st.scan(true)
	}
	return err
}

// more reads some bytes into the window; if it is full it is scanned and moved on.
func (st *stream) more() error {
	if st.err != nil {
		return st.err
	}
	if st.n == len(st.s.buf) {
		if st.err = st.room(); st.err != nil {
			return st.err
		}
	}
	n := 0
	for i := 0; n == 0 && st.err == nil; i++ {
		if n, st.err = st.r.Read(st.s.buf[st.n:]); i == 100 && n == 0 && st.err == nil {
			st.err = io.ErrNoProgress
		}
	}
	st.n += n
	st.read += int64(n)
	if n > 0 {
		return nil // the error, if any, is for the next time
	}
	return st.err
}

func (st *stream) room() error {
	s := st.s
	if len(s.buf) < s.window {
		s.buf = append(s.buf, make([]byte, min(max(firstBuffer, len(s.buf)), s.window-len(s.buf)))...)
		return nil
	}
	if err := st.scan(false); err != nil {
		return err
	}
	st.move(st.n - overlap - margin)
	return nil
}

// move drops the first bytes of the window.
func (st *stream) move(n int) {
	buf := st.s.buf
	st.pos.forward(buf, n, st)
	st.base += st.stored(buf[:n])
	st.line, st.lineStart = st.pos.line, st.pos.lineStart
	st.pos = cursor{line: st.line, lineStart: st.lineStart}
	st.n = copy(buf, buf[n:st.n])
	st.next = max(0, st.next-n)
	st.from = margin
}

// Read gives what is within the content its bytes as they come in.
func (st *stream) Read(p []byte) (int, error) {
	if st.next == st.n {
		if err := st.more(); err != nil {
			return 0, err
		}
	}
	n := copy(p, st.s.buf[st.next:st.n])
	st.next += n
	return n, nil
}

// scan searches the window, what is new of it.
func (st *stream) scan(last bool) error {
	s := st.s
	text := s.buf[:st.n]
	end := st.n
	if !last {
		end -= overlap
	}
	s.found, s.far, s.decoding = s.found[:0], s.far[:0], 8*len(text)+1<<20
	s.chunks = s.chunks[:0]
	if s.e.memory == nil {
		s.chunks = append(s.chunks, chunk{end: len(text)})
	} else {
		s.chunks = s.e.memory.news(text, s.chunks)
	}
	for i := 0; i < len(s.chunks); {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		from, to, n := region(text, s.chunks[i:])
		i += n
		if err := s.look(text, from, to, layer{via: st.via, wide: st.wide, base: st.base}); err != nil {
			return err
		}
	}
	if last && st.base == 0 {
		st.alone(text)
	}
	st.remember(end, last)
	s.settle()
	for i := range s.found {
		if c := &s.found[i]; c.rule != nil && c.start >= st.from && c.start < end {
			st.emit(st, c)
		}
	}
	return s.ctx.Err()
}

// remember adds the chunks in which nothing was found to the memory, but for those
// at the ends of the window, which were not seen with all that is around them.
func (st *stream) remember(end int, last bool) {
	s := st.s
	dirty := func(from, to int) {
		for i := range s.chunks {
			if c := &s.chunks[i]; c.start < to && from < c.end {
				c.dirty = true
			}
		}
	}
	if (len(s.found)+len(s.far))*len(s.chunks) < 1<<20 {
		for i := range s.found {
			dirty(s.found[i].near, s.found[i].end)
		}
		for _, f := range s.far {
			dirty(f.Start, f.End)
		}
	} else {
		dirty(0, st.n)
	}
	for _, c := range s.chunks {
		s.outcome.New += int64(c.end - c.start)
		if s.e.memory != nil && !c.dirty && (last || c.end <= end) && (st.base == 0 || c.start >= margin) {
			s.e.memory.add(c.key)
		}
	}
}

// region is what to search for the first of the new chunks: what is new, as far as
// it hangs together, and before it the lines in which a keyword may stand. It
// covers n chunks.
func region(text []byte, chunks []chunk) (from, to, n int) {
	to = chunks[0].end
	for n = 1; n < len(chunks) && chunks[n].start <= to+chunkContext; n++ {
		to = chunks[n].end
	}
	from = max(0, chunks[0].start-chunkContext)
	back := max(0, from-cutContext)
	if i := bytes.LastIndexByte(text[back:from], '\n'); i >= 0 {
		from = back + i + 1
	} else {
		from = runStart(text, back)
	}
	return from, runEnd(text, to), n
}

// runStart and runEnd extend a region to the ends of a word in which it would end
// otherwise: decoding half of it would be no use.
func runStart(text []byte, p int) int {
	for limit := max(0, p-overlap); p > limit && encoded(text[p-1]); p-- {
	}
	return p
}

func runEnd(text []byte, p int) int {
	for limit := min(len(text), p+overlap); p > 0 && p < limit && encoded(text[p-1]) && encoded(text[p]); p++ {
	}
	return p
}

func encoded(c byte) bool {
	return word(c) || c == '+' || c == '/' || c == '-' || c == '=' || c == '%'
}
