package exact

import (
	"encoding/base64"
	"encoding/hex"
)

// A form is what is written instead of a value's own bytes.
type form uint8

const (
	plain     form = iota
	base64At0      // base64, with 3n bytes encoded before the value
	base64At1      // with 3n+1
	base64At2      // with 3n+2
	hexadecimal
	forms
)

// needle is a value in one form: a row of units, each one byte of text.
type needle struct {
	value []byte
	form  form
}

// align is how many bytes of a base64 quantum stand before the value.
func (n needle) align() int { return int(n.form - base64At0) }

// skipped is how many characters of base64 hold nothing of the value.
func (n needle) skipped() int { return 8 * n.align() / 6 }

// units are how many bytes of text the needle is, when nothing is escaped.
func (n needle) units() int {
	switch n.form {
	case plain:
		return len(n.value)
	case hexadecimal:
		return 2 * len(n.value)
	}
	return (8*(n.align()+len(n.value))+5)/6 - n.skipped()
}

// is says whether byte c of a text may be unit i. At the ends of base64 only
// those bits count that are the value's.
func (n needle) is(i int, c byte) bool {
	switch n.form {
	case plain:
		return n.value[i] == c
	case hexadecimal:
		b := n.value[i/2]
		if i%2 == 0 {
			b >>= 4
		}
		return nibble(c) == b&15
	}
	want, mask := n.sextet(i)
	got := sextets[c]
	return got < 64 && (got^want)&mask == 0
}

func (n needle) sextet(i int) (want, mask byte) {
	bit := 6*(i+n.skipped()) - 8*n.align()
	shift := 10 - bit&7
	hi, hiMask := n.byteAt(bit >> 3)
	lo, loMask := n.byteAt(bit>>3 + 1)
	return byte((hi<<8|lo)>>shift) & 63, byte((hiMask<<8|loMask)>>shift) & 63
}

func (n needle) byteAt(i int) (value, mask uint16) {
	if i < 0 || i >= len(n.value) {
		return 0, 0
	}
	return uint16(n.value[i]), 0xff
}

// sextets reads both alphabets of base64.
var sextets = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		t[c] = byte(i)
	}
	t['-'], t['_'] = 62, 63
	return t
}()

// text appends those units that are certain, and says which unit is the first.
func (n needle) text(dst []byte) (text []byte, first int) {
	switch n.form {
	case plain:
		return append(dst, n.value...), 0
	case hexadecimal:
		return hex.AppendEncode(dst, n.value), 0
	}
	first = (8*n.align()+5)/6 - n.skipped() // behind a character of which only a part is the value's
	padded := append(make([]byte, n.align(), n.align()+len(n.value)), n.value...)
	text = base64.RawStdEncoding.AppendEncode(dst, padded)
	end := 8 * len(padded) / 6
	return text[len(dst)+n.skipped()+first : len(dst)+end], first
}
