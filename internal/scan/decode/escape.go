package decode

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// context is how much of the line around an escape belongs to the piece: a name
// before, the rest of a token behind. Escapes of a line that are nearer than
// twice that share a piece.
const context = 512

// escapes decodes the part of a line around its escapes, if at least one of them
// can hide something: it stands for a character that tokens and assignments are
// made of, or it is glued to one.
func (d *Decoder) escapes(text []byte, f func(Piece) bool) bool {
	s := seeker{text: text, backslash: -1, ampersand: -1}
	line := 0 // the end of the line, if it is behind at
	done := 0
	for at, n := s.next(0); at >= 0; {
		line = lineEnd(text, max(line, at+n))
		start := max(done, at-context)
		start += bytes.LastIndexByte(text[start:at], '\n') + 1
		var last int
		for {
			last = at + n
			if last > line {
				line = lineEnd(text, last)
			}
			at, n = s.next(last)
			if at < 0 || at > min(line, last+2*context) {
				break
			}
		}
		end := min(line, last+context)
		d.out = unescape(d.out[:0], text[start:end])
		if !f(Piece{"escape", start, end, d.out}) {
			return false
		}
		done = end
	}
	return true
}

// lineEnd is the end of the line that i is in.
func lineEnd(text []byte, i int) int {
	if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(text)
}

// seeker finds the escapes that count, each byte being searched once.
type seeker struct {
	text                 []byte
	backslash, ampersand int // the next of each; len(text) if there is none
}

// next is the first escape at i or behind, and its length; -1 if there is none.
func (s *seeker) next(i int) (at, n int) {
	for i < len(s.text) {
		s.backslash = s.find(s.backslash, i, '\\')
		s.ampersand = s.find(s.ampersand, i, '&')
		i = min(s.backslash, s.ampersand)
		if i == len(s.text) {
			break
		}
		e := read(s.text, i)
		if e.counts {
			return i, e.size
		}
		i += max(e.size, 1)
	}
	return -1, 0
}

func (s *seeker) find(have, from int, c byte) int {
	if have >= from {
		return have
	}
	if n := bytes.IndexByte(s.text[from:], c); n >= 0 {
		return from + n
	}
	return len(s.text)
}

// An escape is what stands at a backslash or an ampersand.
type escape struct {
	size   int  // how long it is; 0: it is none
	r      rune // what it stands for, -1: nothing
	raw    bool // r is a byte, not a character
	counts bool // it can hide something
}

// unescape appends text with its escapes undone.
func unescape(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c != '\\' && c != '&' {
			dst = append(dst, c)
			i++
			continue
		}
		e := read(text, i)
		switch {
		case e.size == 0:
			dst = append(dst, c)
			i++
			continue
		case e.r < 0:
		case e.raw:
			dst = append(dst, byte(e.r))
		default:
			dst = utf8.AppendRune(dst, e.r)
		}
		i += e.size
	}
	return dst
}

// read tells what stands at i, a backslash or an ampersand.
func read(text []byte, i int) escape {
	rest := text[i:min(len(text), i+16)]
	if rest[0] == '&' {
		return entity(rest)
	}
	if len(rest) < 2 {
		return escape{}
	}
	switch c := rest[1]; c {
	case 'n':
		return escape{2, '\n', false, glued(text, i)}
	case 'r':
		return escape{2, '\r', false, glued(text, i)}
	case 't':
		return escape{2, '\t', false, glued(text, i)}
	case 'u':
		return unicode(rest, 4)
	case 'U':
		return unicode(rest, 8)
	case 'x':
		return number(rest, 2, 2, 16)
	case '0', '1', '2', '3', '4', '5', '6', '7':
		return number(rest, 1, 3, 8)
	case '"', '\'', '/', '_', '-', ':', '=', '@', '&', '%', '+', '~':
		return escape{2, rune(c), false, true}
	case '.', '$', '!', '#', ' ', '(', ')', '*', ',', ';', '<', '>', '?', '[', ']', '^', '`', '{', '|', '}':
		return escape{2, rune(c), false, false}
	case '\\':
		return escape{2, '\\', false, len(rest) > 2 && strings.IndexByte(`nrtuxU"'/`, rest[2]) >= 0}
	case '\n':
		return escape{2, -1, false, i > 0 && is(text[i-1], isRun) && len(rest) > 2 && is(rest[2], isRun)}
	}
	return escape{}
}

// glued tells whether the escape of a line break or tab at i touches a word that
// begins a line, or the frame of a PEM block.
func glued(text []byte, i int) bool {
	const word = 5
	if bytes.HasSuffix(text[:i], dashes) {
		return true
	}
	if i+2+word > len(text) {
		return false
	}
	for _, c := range text[i+2 : i+2+word] {
		if !is(c, isRun) && c != '=' && c != ':' {
			return false
		}
	}
	return true
}

// number reads the digits of \x41 or \101.
func number(rest []byte, from, most, base int) escape {
	v, i := 0, from
	for i < len(rest) && i < from+most && is(rest[i], isHex) && int(nibble[rest[i]]) < base {
		v = v*base + int(nibble[rest[i]])
		i++
	}
	if i == from || base == 16 && i < from+most || v > 0xff {
		return escape{}
	}
	return escape{i, rune(v), true, v >= 0x80 || printable(byte(v))}
}

// unicode reads \u0041, \u{41}, \U00000041 and pairs of surrogates.
func unicode(rest []byte, digits int) escape {
	r, size := hexRune(rest, 2, digits)
	if size == 0 && len(rest) > 2 && rest[2] == '{' {
		for n := 1; n <= 6 && size == 0; n++ {
			if r, size = hexRune(rest, 3, n); size > 0 && (size >= len(rest) || rest[size] != '}') {
				size = 0
			}
		}
		if size > 0 {
			size++
		}
	}
	if size == 0 {
		return escape{}
	}
	if utf16.IsSurrogate(r) && size+1 < len(rest) && rest[size] == '\\' && rest[size+1] == 'u' {
		if low, end := hexRune(rest, size+2, 4); end > 0 {
			if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
				return escape{end, full, false, true}
			}
		}
	}
	return escape{size, r, false, r >= ' ' && r != 0x7f || r == '\n'}
}

// hexRune reads exactly n digits at i; end is 0 if they are not there.
func hexRune(rest []byte, i, n int) (r rune, end int) {
	if i+n > len(rest) {
		return 0, 0
	}
	for _, c := range rest[i : i+n] {
		if !is(c, isHex) || r > utf8.MaxRune>>4 {
			return 0, 0
		}
		r = r<<4 | rune(nibble[c])
	}
	return r, i + n
}

var entities = []struct {
	name string
	r    rune
}{
	{"&amp;", '&'}, {"&quot;", '"'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&apos;", '\''}, {"&nbsp;", ' '},
	{"&sol;", '/'}, {"&plus;", '+'}, {"&equals;", '='}, {"&colon;", ':'}, {"&lowbar;", '_'}, {"&commat;", '@'},
}

// entity reads an XML or HTML reference.
func entity(rest []byte) escape {
	if len(rest) < 4 || rest[1] != '#' {
		for _, e := range entities {
			if len(rest) >= len(e.name) && string(rest[:len(e.name)]) == e.name {
				return escape{len(e.name), e.r, false, true}
			}
		}
		return escape{}
	}
	i, base := 2, rune(10)
	if rest[2]|0x20 == 'x' {
		i, base = 3, 16
	}
	var r rune
	for from := i; i < len(rest) && i < from+7 && is(rest[i], isHex) && rune(nibble[rest[i]]) < base; i++ {
		r = r*base + rune(nibble[rest[i]])
	}
	if i >= len(rest) || rest[i] != ';' || r < ' ' && r != '\n' && r != '\t' && r != '\r' || r > utf8.MaxRune {
		return escape{}
	}
	return escape{i + 1, r, false, true}
}
