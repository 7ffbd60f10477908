package decode

import "bytes"

// Lines that quoted-printable cut off: at most 76 bytes by its standard, and not
// much shorter in fact.
const (
	mailLineMost  = 76
	mailLineLeast = 50
	// mailContext is how much of a line around a mark belongs to the piece: lines
	// that are longer are no mail.
	mailContext = 1024
)

// quotedPrintable decodes lines of mail: those with =3D, and those that a = at
// their end joins.
func (d *Decoder) quotedPrintable(text []byte, f func(Piece) bool) bool {
	done := 0
	for at := mailMark(text, 0); at >= 0; at = mailMark(text, done) {
		start := max(done, at-mailContext)
		start += bytes.LastIndexByte(text[start:at], '\n') + 1
		end := lineEnd(text[:min(len(text), at+mailContext)], at)
		for from := start; softBreak(text, from, end); {
			from = end + 1
			end = lineEnd(text[:min(len(text), from+mailContext)], from)
		}
		d.out = unquote(d.out[:0], text[start:end])
		done = max(end, at+1)
		if !f(Piece{"escape", start, end, d.out}) {
			return false
		}
	}
	return true
}

// mailMark is where the next =3D or soft line break is, from i on; -1 if nowhere.
func mailMark(text []byte, i int) int {
	for {
		n := bytes.IndexByte(text[i:], '=')
		if n < 0 || i+n+2 >= len(text) {
			return -1
		}
		at := i + n
		switch text[at+1] {
		case '3':
			if text[at+2] == 'D' {
				return at
			}
		case '\n', '\r':
			start := max(0, at-mailLineMost-1)
			start += bytes.LastIndexByte(text[start:at], '\n') + 1
			if softBreak(text, start, lineEnd(text[:min(len(text), at+3)], at)) {
				return at
			}
		}
		i = at + 1
	}
}

// softBreak tells whether the line from start to end, which the line break
// follows, goes on in the next.
func softBreak(text []byte, start, end int) bool {
	if end+1 >= len(text) || text[end] != '\n' || text[end+1] == '\n' || text[end+1] == '\r' {
		return false
	}
	if end > start && text[end-1] == '\r' {
		end--
	}
	n := end - start
	return n >= mailLineLeast && n <= mailLineMost && text[end-1] == '=' && text[end-2] != '='
}

// unquote appends text with quoted-printable undone.
func unquote(dst, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		switch {
		case rest[0] != '=':
		case len(rest) > 1 && rest[1] == '\n':
			i++
			continue
		case len(rest) > 2 && rest[1] == '\r' && rest[2] == '\n':
			i += 2
			continue
		case len(rest) > 2 && mailDigit(rest[1]) && mailDigit(rest[2]):
			dst = append(dst, nibble[rest[1]]<<4|nibble[rest[2]])
			i += 2
			continue
		}
		dst = append(dst, rest[0])
	}
	return dst
}

// mailDigit tells the digits of an escape: capitals, by the standard.
func mailDigit(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' }
