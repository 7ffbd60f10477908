package scan

import (
	"bytes"
	"math"
	"slices"

	"github.com/git-envelope/git-envelope/internal/scan/assign"
)

// layer is how a text was reached: its place in the window, and how deep it is
// in what was decoded.
type layer struct {
	depth      int
	start, end int // of the outermost run, if depth > 0
	via        []string
	// wide is what the content as a whole is read as, too; base where in it the
	// text begins.
	wide *wide
	base int64
	run  int // numbers the decoded runs, so that equal places in two differ
}

// candidate is a secret before overlaps are settled. Places are in the window.
type candidate struct {
	rule       *Rule
	order      int
	start, end int
	near       int // where the keyword begins, if that is before start
	inner, run int // place in the decoded run, and which
	secret     []byte
	extent     []byte // see Match
	validity   Validity
	note       string
	via        []string
}

// state is what a rule remembers of the text at hand.
type state struct {
	text       int // which; of another text it counts for nothing
	done       int // end of what was found, or looked at
	last       int // keyword
	start, end int // the stretch still to be searched by the regular expression
}

// search looks for secrets in text[from:to], which is new: for those whose keyword
// begins there.
func (s *Scanner) search(text []byte, from, to int, l layer) {
	s.text++
	s.pending = s.pending[:0]
	for p := from; p < to; {
		s.hits, p = s.e.filter.find(text, p, to, s.hits[:0])
		for _, h := range s.hits {
			for _, r := range s.e.byKeyword[h.keyword] {
				s.try(r, text, h, l)
			}
		}
	}
	for _, r := range s.pending {
		s.flush(r, text, l)
	}
	if s.e.exact != nil {
		s.e.exact.Find(text[from:to], func(start, end int, value []byte, source, how string) {
			via := l.via
			if how != "" {
				via = append(slices.Clip(via), how)
			}
			start, end = start+from, end+from
			s.add(candidate{rule: SealedValue, order: -1, start: start, end: end, near: start, note: source, via: via, secret: value}, text, l)
		})
	}
}

// maxAlone is how large a content can be that is a secret and nothing else.
const maxAlone = 1 << 10

// alone tries the rules without keywords on a content as it is stored.
func (st *stream) alone(text []byte) {
	if len(text) > maxAlone || len(st.via) > 0 {
		return
	}
	l := layer{wide: st.wide, base: st.base}
	for _, r := range st.s.e.alone {
		for _, span := range r.Detect(text, 0) {
			st.s.judge(r, text, span, span.Start, l)
		}
	}
}

// state is the rule's, emptied if it is of another text.
func (s *Scanner) state(r *rule) *state {
	st := &s.states[r.order]
	if st.text != s.text {
		*st = state{text: s.text, last: -1, start: -1}
	}
	return st
}

// try runs a rule at a keyword.
func (s *Scanner) try(r *rule, text []byte, h hit, l layer) {
	st := s.state(r)
	s.work++
	if err := r.ready(); err != nil {
		panic("scan: internal error: rule " + r.ID + " was said to be sound: " + err.Error())
	}
	if r.far {
		if s.far = append(s.far, Span{Start: h.at, End: h.at + 1}); l.depth > 0 {
			s.far[len(s.far)-1] = Span{Start: l.start, End: l.end}
		}
	}
	switch {
	case r.Detect != nil:
		s.detect(r, st, text, h.at, l)
	case r.Value != "":
		s.value(r, st, text, h, l)
	case r.sequence != nil:
		start := h.at - r.anchor
		if start < st.done {
			return
		}
		if end := r.sequence.match(text, start); end >= 0 {
			st.done = end
			s.judge(r, text, Span{Start: start, End: end}, h.at, l)
		}
	default:
		s.stretch(r, st, text, h.at, l)
	}
}

// detect asks a rule that is a function. Most keywords are a generic rule's, and
// of one name it is asked once: "secret_api_key" has three.
func (s *Scanner) detect(r *rule, st *state, text []byte, at int, l layer) {
	if at < st.done || r.Generic && st.last >= 0 && sameName(text, st.last, at) {
		return
	}
	st.last = at
	for _, span := range r.Detect(text, at) {
		if span.Start < 0 || span.End > len(text) || span.Start >= span.End {
			continue
		}
		s.judge(r, text, span, at, l)
		if span.Start >= at {
			st.done = max(st.done, span.End)
		}
	}
}

// maxName is how long a name may be that is read once only.
const maxName = 64

func sameName(text []byte, last, at int) bool {
	if at-last > maxName {
		return false
	}
	for _, c := range text[last:at] {
		if !word(c) && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// stretch notes where to run the regular expression. Where stretches of several
// keywords overlap they are searched as one, or a text full of keywords would be
// searched hundreds of times.
func (s *Scanner) stretch(r *rule, st *state, text []byte, at int, l layer) {
	start := max(at-before, 0)
	if i := bytes.LastIndexByte(text[start:at], '\n'); i >= 0 {
		start += i + 1
	}
	end := min(at+r.reach, len(text))
	switch {
	case st.start < 0:
		s.pending = append(s.pending, r)
	case start <= st.end:
		st.end = max(st.end, end)
		return
	default:
		s.flush(r, text, l)
	}
	st.start, st.end = start, end
}

// flush runs the regular expression on the stretch.
func (s *Scanner) flush(r *rule, text []byte, l layer) {
	st := s.state(r)
	s.work += st.end - st.start
	for _, m := range r.expression().FindAllSubmatchIndex(text[st.start:st.end], -1) {
		start, end := m[2*r.group], m[2*r.group+1]
		if start < 0 || start == end {
			continue
		}
		n := len(s.found)
		s.judge(r, text, Span{Start: st.start + start, End: st.start + end}, st.start+m[0], l)
		if len(s.found) > n {
			s.found[n].extent = l.kept(text[st.start+m[0] : st.start+m[1]])
		}
	}
}

// judge tests what a rule has found, and keeps it if it is sound.
func (s *Scanner) judge(r *rule, text []byte, span Span, near int, l layer) {
	if !r.Inside && (span.Start > 0 && word(text[span.Start-1]) || span.End < len(text) && word(text[span.End])) {
		return
	}
	secret := text[span.Start:span.End]
	if r.Entropy > 0 && entropy(secret) < r.Entropy || !r.Raw && assign.Placeholder(secret) {
		return
	}
	if r.Check != nil {
		v, note := r.Check(secret)
		if v == Invalid {
			return
		}
		span.Validity = v
		if note != "" {
			span.Note = note
		}
	}
	if span.Validity == Invalid {
		return
	}
	s.add(candidate{rule: r.Rule, order: r.order, start: span.Start, end: span.End, near: near, validity: span.Validity, note: span.Note, via: l.via}, text, l)
}

// add keeps a candidate; what was decoded stands where its outermost run is.
func (s *Scanner) add(c candidate, text []byte, l layer) {
	if c.secret == nil {
		c.secret = text[c.start:c.end]
		if l.depth > 0 {
			c.secret = slices.Clone(c.secret)
		}
	}
	c.near = min(c.near, c.start)
	c.extent = l.kept(text[c.near:c.end])
	if l.depth > 0 {
		c.inner, c.run = c.start, l.run
		c.start, c.end, c.near = l.start, l.end, l.start
	}
	s.found = append(s.found, c)
}

// maxExtent is how much is kept of what is around a secret that was decoded.
const maxExtent = 4 << 10

// kept is a piece of the text, for as long as a candidate lives: what was decoded
// does not.
func (l layer) kept(piece []byte) []byte {
	switch {
	case l.depth == 0:
		return piece
	case len(piece) > maxExtent:
		return nil
	}
	return slices.Clone(piece)
}

func word(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

// entropy is Shannon's, in bits a byte.
func entropy(b []byte) float64 {
	var count [256]int
	for _, c := range b {
		count[c]++
	}
	h := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(b))
			h -= p * math.Log2(p)
		}
	}
	return h
}
