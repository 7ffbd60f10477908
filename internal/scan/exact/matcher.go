package exact

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// A Matcher looks for values. A nil one has none. It is safe for concurrent use.
//
// Each value in each form has one anchor, a window of 8 bytes of its text: the one
// that fewest other values have. A text is looked at through windows of 8 bytes at
// every offset; a filter of two bits for each anchor tells of nearly all windows
// that they are none. What passes is looked up, and compared with the value to
// both sides. Where a line break or an escape lies within the anchor, the windows
// over it are made by leaving out the break, or by decoding (see find.go).
type Matcher struct {
	known   []known
	sources []string // the values' sources, one after another
	filter  []uint64
	heads   []uint32 // by the upper bits of the hash: the first of its anchors
	anchors []anchor // by hash
	quotes  []byte   // those that an anchor has in it
}

// known is one value.
type known struct {
	secret  []byte
	sources uint32 // index of the first, in Matcher.sources
	named   uint8  // how many
}

type anchor struct {
	hash  uint32
	value uint32
	at    uint16 // which unit of the needle is its first
	form  form
}

const (
	window   = 8
	perValue = 8                  // anchors: a few forms have two, for two alphabets
	scatter  = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
)

// hash mixes all bits of a window into all of its own.
func hash(w uint64) uint64 {
	hi, lo := bits.Mul64(w, scatter)
	return hi ^ lo
}

// New makes values ready to be looked for. Equal values are one.
func New(values []Value) *Matcher {
	m := &Matcher{}
	order := sorted(values)
	for i := 0; i < len(order) && len(m.known) < MaxValues; {
		j := i + 1
		for j < len(order) && string(order[j].secret) == string(order[i].secret) {
			j++
		}
		m.add(order[i:j])
		i = j
	}
	m.setAnchors()
	return m
}

// sorted are the values that can be looked for, equal ones side by side.
func sorted(values []Value) []Value {
	var out []Value
	for _, v := range values {
		if len(v.secret) >= MinLength {
			v.secret = v.secret[:min(len(v.secret), MaxLength)]
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b Value) int { return slices.Compare(a.secret, b.secret) })
	return out
}

func (m *Matcher) add(same []Value) {
	k := known{secret: same[0].secret, sources: uint32(len(m.sources))}
	for _, v := range same {
		if k.named < maxSources && !slices.Contains(m.sources[k.sources:], v.Source) {
			m.sources = append(m.sources, v.Source)
			k.named++
		}
	}
	m.known = append(m.known, k)
}

// Len is how many values there are.
func (m *Matcher) Len() int {
	if m == nil {
		return 0
	}
	return len(m.known)
}

// Format says how many values there are: nothing of a Matcher is for print.
func (m *Matcher) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "%d values", m.Len()) }

func (m *Matcher) setAnchors() {
	words := 64
	for n := len(m.known) * perValue * 16 / 64; words < n && words < 1<<17; {
		words *= 2 // 16 bits for an anchor, but 1 MiB at most: it should fit a core's second cache
	}
	m.filter = make([]uint64, words)
	c := newCensus()
	m.eachText(func(_ anchor, text []byte) { c.count(text) })
	m.eachText(func(a anchor, text []byte) { m.anchor(a, text, c.rarest(text)) })
	slices.SortFunc(m.anchors, func(a, b anchor) int {
		if a.hash != b.hash {
			return int(int64(a.hash) - int64(b.hash))
		}
		return int(a.value) - int(b.value)
	})
	width := bits.Len(uint(len(m.anchors)))
	m.heads = make([]uint32, 1<<width+1)
	at := 0
	for i := range m.heads {
		for at < len(m.anchors) && uint64(m.anchors[at].hash)>>(32-width) < uint64(i) {
			at++
		}
		m.heads[i] = uint32(at)
	}
}

// eachText calls do with the certain text of each value in each form.
func (m *Matcher) eachText(do func(a anchor, text []byte)) {
	var buf []byte
	for i, k := range m.known {
		for f := range forms {
			text, first := needle{k.secret, f}.text(buf[:0])
			do(anchor{value: uint32(i), form: f, at: uint16(first)}, text)
			buf = text[:0]
		}
	}
}

// anchor enters the window at offset i of a text, in each way it may be written.
func (m *Matcher) anchor(a anchor, text []byte, i int) {
	a.at += uint16(i)
	w := load(text[i:])
	m.enter(a, w)
	other := w
	switch a.form {
	case hexadecimal:
		other = upper(w)
	case base64At0, base64At1, base64At2:
		other = urlAlphabet(w)
	default:
		for _, q := range []byte(`'"`) {
			if has(w, q) && bytes.IndexByte(m.quotes, q) < 0 {
				m.quotes = append(m.quotes, q)
			}
		}
		other = formSpaces(w)
	}
	if other != w {
		m.enter(a, other)
	}
}

func (m *Matcher) enter(a anchor, w uint64) {
	h := hash(w)
	a.hash = uint32(h >> 32)
	m.anchors = append(m.anchors, a)
	m.filter[h>>32&uint64(len(m.filter)-1)] |= 1<<(h>>20&63) | 1<<(h>>26&63)
}

// at are the anchors of a hash.
func (m *Matcher) at(h uint32) []anchor {
	width := bits.Len(uint(len(m.anchors)))
	i := uint64(h) >> (32 - width)
	group := m.anchors[m.heads[i]:m.heads[i+1]]
	for len(group) > 0 && group[0].hash != h {
		group = group[1:]
	}
	n := 0
	for n < len(group) && group[n].hash == h {
		n++
	}
	return group[:n]
}

func load(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

func each(w uint64, change func(byte) byte) uint64 {
	var b [window]byte
	binary.LittleEndian.PutUint64(b[:], w)
	for i, c := range b {
		b[i] = change(c)
	}
	return load(b[:])
}

func upper(w uint64) uint64 {
	return each(w, func(c byte) byte {
		if c >= 'a' && c <= 'z' {
			return c - 'a' + 'A'
		}
		return c
	})
}

func urlAlphabet(w uint64) uint64 {
	return each(w, func(c byte) byte {
		switch c {
		case '+':
			return '-'
		case '/':
			return '_'
		}
		return c
	})
}

// formSpaces writes blanks as HTML forms do.
func formSpaces(w uint64) uint64 {
	return each(w, func(c byte) byte {
		if c == ' ' {
			return '+'
		}
		return c
	})
}

func has(w uint64, c byte) bool {
	for ; w != 0; w >>= 8 {
		if byte(w) == c {
			return true
		}
	}
	return false
}
