package decode

import "bytes"

// minList is the shortest list of single bytes worth a look.
const minList = 8

var prefix0x = []byte("0x")

// lists finds bytes written as 0x41, 0x42 in source.
func (d *Decoder) lists(text []byte, f func(Piece) bool) bool {
	for i := 0; ; {
		n := bytes.Index(text[i:], prefix0x)
		if n < 0 {
			return true
		}
		start := i + n
		end := start
		d.out = d.out[:0]
		for i = start; listed(text, i); {
			d.out = append(d.out, nibble[text[i+2]]<<4|nibble[text[i+3]])
			end = i + 4
			for i = end; i < len(text) && i < end+64 && (is(text[i], isBlank) || text[i] == ',' || text[i] == '\n' || text[i] == '\r'); {
				i++
			}
		}
		i = max(end, start+2)
		if !d.bytes(Piece{"hex", start, end, d.out}, f) {
			return false
		}
	}
}

// listed tells whether 0x and two digits, no more, are at i.
func listed(text []byte, i int) bool {
	return i+4 <= len(text) && text[i] == '0' && text[i+1] == 'x' && is(text[i+2], isHex) && is(text[i+3], isHex) &&
		(i+4 == len(text) || !is(text[i+4], isWord))
}

// pairs finds bytes written as 41:42:43, or with blanks or hyphens. Two equal
// separators three bytes apart must stand in any five bytes of such a list, so
// it is enough to look at three places of each sixteen.
func (d *Decoder) pairs(text []byte, f func(Piece) bool) bool {
	done := 0
	for i := 0; i+6 < len(text); i += minRun {
		for k := i; k < i+3; k++ {
			c := text[k]
			if c != text[k+3] || c != ':' && c != ' ' && c != '-' || k < done || !is(text[k+1], isHex) || !is(text[k+2], isHex) {
				continue
			}
			start := k
			for start-3 >= done && is(text[start-1], isHex) && is(text[start-2], isHex) && text[start-3] == c {
				start -= 3
			}
			if start-2 >= done && is(text[start-1], isHex) && is(text[start-2], isHex) {
				start -= 2
			} else {
				start++
			}
			if done = d.pairsAt(text, start, c, f); done < 0 {
				return false
			}
			i = max(i, done-minRun)
			break
		}
	}
	return true
}

// pairsAt decodes the list that begins at start and tells where it ends, or -1
// when f wants no more.
func (d *Decoder) pairsAt(text []byte, start int, sep byte, f func(Piece) bool) (end int) {
	d.out = d.out[:0]
	i := start
	for i+2 <= len(text) && is(text[i], isHex) && is(text[i+1], isHex) {
		d.out = append(d.out, nibble[text[i]]<<4|nibble[text[i+1]])
		end = i + 2
		if end == len(text) || text[end] != sep {
			break
		}
		i = end + 1
	}
	if !d.bytes(Piece{"hex", start, end, d.out}, f) {
		return -1
	}
	return end
}

// bytes hands a list to f if it is text.
func (d *Decoder) bytes(p Piece, f func(Piece) bool) bool {
	if len(p.Text) < minList {
		return true
	}
	switch c := judge(p.Text[:min(len(p.Text), headBytes)]); c {
	case nothing:
		return true
	case plain:
		most := headFaults + len(p.Text)/8
		n, at := faults(p.Text, most)
		if n > most {
			p.Text = p.Text[:at]
		}
	case wideLE, wideBE:
		p.Text = narrow(p.Text, c)
	}
	return len(p.Text) < minList || f(p)
}
