package scan

import (
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// wide is an encoding of Unicode in units of two or four bytes.
type wide struct {
	name  string
	unit  int
	order binary.ByteOrder
}

var wides = []*wide{
	{"utf-32le", 4, binary.LittleEndian},
	{"utf-32be", 4, binary.BigEndian},
	{"utf-16le", 2, binary.LittleEndian},
	{"utf-16be", 2, binary.BigEndian},
}

var marks = []string{"\xff\xfe\x00\x00", "\x00\x00\xfe\xff", "\xff\xfe", "\xfe\xff"}

// sniffWide tells by a mark, or by the zeros of ASCII characters, whether a content
// is wide text. If it errs, nothing is lost: the bytes are scanned as they are, too.
func sniffWide(head []byte) *wide {
	for i, m := range marks {
		if bytes.HasPrefix(head, []byte(m)) {
			return wides[i]
		}
	}
	if bytes.IndexByte(head, 0) < 0 {
		return nil
	}
	for _, w := range wides {
		n, ascii := 0, 0
		for p := 0; p+w.unit <= len(head); p += w.unit {
			n++
			if c := w.char(head[p:]); c != 0 && c < 0x80 {
				ascii++
			}
		}
		if n >= 4 && ascii*4 >= n*3 {
			return w
		}
	}
	return nil
}

func (w *wide) char(b []byte) uint32 {
	if w.unit == 2 {
		return uint32(w.order.Uint16(b))
	}
	return w.order.Uint32(b)
}

// transcoder makes UTF-8 of wide text. A unit that is no character becomes U+FFFD,
// so that from the UTF-8 alone it can be told how long the original was.
type transcoder struct {
	r     io.Reader
	wide  *wide
	raw   [4 << 10]byte
	n     int // bytes in raw
	out   []byte
	given int
	err   error
}

func (t *transcoder) Read(p []byte) (int, error) {
	for t.given == len(t.out) {
		if t.err != nil {
			return 0, t.err
		}
		n, err := t.r.Read(t.raw[t.n:])
		t.n += n
		t.err = err
		used := 0
		t.out, used = t.wide.append(t.out[:0], t.raw[:t.n], err != nil)
		t.given = 0
		t.n = copy(t.raw[:], t.raw[used:t.n])
	}
	n := copy(p, t.out[t.given:])
	t.given += n
	return n, nil
}

// append transcodes; an incomplete character at the end it leaves, unless it is
// the last.
func (w *wide) append(out, raw []byte, last bool) ([]byte, int) {
	p := 0
	for p+w.unit <= len(raw) {
		c := rune(utf8.RuneError)
		size := w.unit
		switch u := w.char(raw[p:]); {
		case u > utf8.MaxRune:
		case w.unit == 2 && utf16.IsSurrogate(rune(u)):
			if p+4 > len(raw) && !last {
				return out, p
			}
			if p+4 <= len(raw) {
				if pair := utf16.DecodeRune(rune(u), rune(w.char(raw[p+2:]))); pair != utf8.RuneError {
					c, size = pair, 4
				}
			}
		default:
			c = rune(u)
		}
		out = utf8.AppendRune(out, c)
		p += size
	}
	return out, p
}

// stored is how long a piece of the window is in the content as it is stored.
func (st *stream) stored(text []byte) int64 {
	if st.unit == 1 {
		return int64(len(text))
	}
	n := 0
	for _, c := range text {
		switch {
		case c&0xc0 == 0x80: // the first byte of the character counts
		case c >= 0xf0 && st.unit == 2:
			n += 4
		default:
			n += st.unit
		}
	}
	return int64(n)
}

// leastEmbedded is how many characters of UTF-16 must follow each other in
// something else to be read as such.
const leastEmbedded = 8

// embedded finds runs of ASCII as UTF-16, in any order of bytes, in something else:
// programs for Windows, registry files. A run of 16 bytes has a whole block of
// eight in which every second byte is zero.
func (s *Scanner) embedded(text []byte, from, to int, l layer, f func(kind string, start, end int, piece []byte) bool) bool {
	for p := from; p+8 <= to; p += 8 {
		x := binary.LittleEndian.Uint64(text[p:])
		first := p
		switch {
		case x == 0:
			continue
		case x&0xff00ff00ff00ff00 == 0:
		case x&0x00ff00ff00ff00ff == 0:
			first++
		default:
			continue
		}
		if !printable(text[first]) {
			continue
		}
		last := first
		for first-2 >= from && text[first-1] == 0 && printable(text[first-2]) {
			first -= 2
		}
		for last+2 < to && text[last+1] == 0 && printable(text[last+2]) {
			last += 2
		}
		if (last-first)/2+1 >= leastEmbedded && !s.narrow(text, first, last, l, f) {
			return false
		}
		p = max(p, last-7)
	}
	return true
}

// narrow hands out a run whose characters are from first to last.
func (s *Scanner) narrow(text []byte, first, last int, l layer, f func(kind string, start, end int, piece []byte) bool) bool {
	even := (l.base+int64(first))%2 == 0
	little := last+1 < len(text) && text[last+1] == 0
	if big := first > 0 && text[first-1] == 0; big && little {
		little = even
	}
	kind, start, end := "utf-16be", max(0, first-1), last+1
	if little {
		kind, start, end = "utf-16le", first, last+2
	}
	if l.wide != nil && l.wide.name == kind && little == even {
		return true // the whole content is read so
	}
	piece := s.wide[:0]
	for p := first; p <= last; p += 2 {
		piece = append(piece, text[p])
	}
	s.wide = nil // a run within this one needs its own
	ok := f(kind, start, end, piece)
	s.wide = piece
	return ok
}

func printable(c byte) bool { return c >= 0x20 && c < 0x7f || c == '\n' || c == '\r' || c == '\t' }
