package scan

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan/archive"
	"github.com/git-envelope/git-envelope/internal/scan/decode"
)

// inside scans what is in an archive, and text whose characters are two or four
// bytes wide. Both take the bytes as they pass through the window.
func (st *stream) inside() error {
	head := st.s.buf[:st.n]
	if w := sniffWide(head); w != nil {
		st.wide = w
		sub := &stream{s: st.s.nested(&st.s.within), r: &transcoder{r: st, wide: w}, unit: w.unit, emit: st.emit}
		return sub.run(append(slices.Clip(st.via), w.name))
	}
	kind := archive.Sniff(head)
	if kind == "" {
		return nil
	}
	return st.archive(kind, st)
}

// archive scans the members of the archive that the content is.
func (st *stream) archive(kind string, r io.Reader) error {
	st.opened = true
	return st.s.open(kind, r, st.via, &st.s.within, func(_ *stream, c *candidate) {
		c.start, c.end, c.near = 0, 0, 0
		st.emit(st, c)
	})
}

// behind opens a zip that follows something else, such as the script that starts
// a jar: only the end tells of it, and then a large content has passed by.
func (st *stream) behind() error {
	if kind := archive.SniffEnd(st.s.buf[max(0, st.n-overlap):st.n]); kind == "" {
		return nil
	} else if st.base == 0 && st.read == int64(st.n) {
		return st.archive(kind, bytes.NewReader(st.s.buf[:st.n]))
	}
	st.s.outcome.Skipped = append(st.s.outcome.Skipped, Skip{strings.Join(st.via, " "), "a zip behind something else, in a large file"})
	return nil
}

// open scans the members of an archive.
func (s *Scanner) open(kind string, r io.Reader, via []string, kept **Scanner, emit func(*stream, *candidate)) error {
	skips, err := archive.Walk(s.ctx, kind, r, -1, s.budget, func(name string, r io.Reader) error {
		step := kind
		if name != "" {
			step += ":" + name
		}
		sub := &stream{s: s.nested(kept), r: r, unit: 1, emit: emit}
		return sub.run(append(slices.Clip(via), step))
	})
	for _, k := range skips {
		where := kind
		if k.Where != "" {
			where += ":" + k.Where
		}
		s.outcome.Skipped = append(s.outcome.Skipped, Skip{strings.Join(append(slices.Clip(via), where), " "), k.Why})
	}
	return err
}

// look searches a part of a text, and what is encoded in it.
func (s *Scanner) look(text []byte, from, to int, l layer) error {
	s.search(text, from, to, l)
	if l.depth == maxDepth {
		return nil
	}
	var err error
	inner := func(kind string, start, end int, piece []byte) bool {
		s.decoding -= len(piece)
		if s.decoding < 0 {
			s.outcome.Skipped = append(s.outcome.Skipped, Skip{strings.Join(l.via, " "), "too much is encoded within each other"})
			return false
		}
		err = s.piece(kind, start, end, piece, l)
		return err == nil
	}
	if bytes.IndexByte(text[from:to], 0) >= 0 && !s.embedded(text, from, to, l, inner) {
		return err
	}
	s.decoder[l.depth].Each(text[from:to], func(p decode.Piece) bool {
		return inner(p.Kind, from+p.Start, from+p.End, p.Text)
	})
	return err
}

// piece searches what was decoded from text[start:end].
func (s *Scanner) piece(kind string, start, end int, text []byte, l layer) error {
	s.runs++
	if l.depth == 0 {
		l.start, l.end = start, end
	}
	l.depth++
	l.wide = nil
	l.run = s.runs
	l.via = append(slices.Clip(l.via), kind)
	if archived := archive.Sniff(text); archived != "" {
		// What looks like base64 of an archive often is neither.
		before := len(s.outcome.Skipped)
		defer func() {
			kept := slices.DeleteFunc(s.outcome.Skipped[before:], func(k Skip) bool { return k.Why == archive.Damaged })
			s.outcome.Skipped = s.outcome.Skipped[:before+len(kept)]
		}()
		return s.open(archived, bytes.NewReader(text), l.via, &s.decoded, func(_ *stream, c *candidate) {
			c.secret, c.extent = slices.Clone(c.secret), nil
			s.runs++
			c.inner, c.run = c.start, s.runs
			c.start, c.end, c.near = l.start, l.end, l.start
			s.found = append(s.found, *c)
		})
	}
	return s.look(text, 0, len(text), l)
}
