package decode

import "bytes"

// percentBefore is how much of a word in front of the first escape belongs to the
// piece: a URL's beginning or a parameter's name.
const percentBefore = 1024

// percent decodes each word that has percent escapes, as a whole. A + stays.
func (d *Decoder) percent(text []byte, f func(Piece) bool) bool {
	for i := 0; ; {
		n := bytes.IndexByte(text[i:], '%')
		if n < 0 {
			return true
		}
		at := i + n
		if !percentAt(text, at) {
			i = at + 1
			continue
		}
		start := at
		for start > max(i, at-percentBefore) && inWord(text[start-1]) {
			start--
		}
		d.out = append(d.out[:0], text[start:at]...)
		for i = at; i < len(text) && inWord(text[i]); {
			if percentAt(text, i) {
				d.out = append(d.out, nibble[text[i+1]]<<4|nibble[text[i+2]])
				i += 3
				continue
			}
			d.out = append(d.out, text[i])
			i++
		}
		if !f(Piece{"percent", start, i, d.out}) {
			return false
		}
	}
}

// percentAt tells whether an escape of something printable is at i: %02x and %8d
// are more often printf's, and what is not ASCII comes in twos and more.
func percentAt(text []byte, i int) bool {
	if i+3 > len(text) || text[i] != '%' || !is(text[i+1], isHex) || !is(text[i+2], isHex) {
		return false
	}
	c := nibble[text[i+1]]<<4 | nibble[text[i+2]]
	if c < 0x80 {
		return printable(c)
	}
	return i+3 < len(text) && text[i+3] == '%' || i >= 3 && text[i-3] == '%'
}

func inWord(c byte) bool { return c > ' ' && c != '"' && c != '<' && c != '>' && c != '`' }
