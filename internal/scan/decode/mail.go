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

// mailMarks are what tells quoted-printable from other text with = in it.
var mailMarks = [...][]byte{[]byte("=3D"), []byte("=\n"), []byte("=\r\n")}

// quotedPrintable decodes lines of mail: those with =3D, and those that a = at
// their end joins.
func (d *Decoder) quotedPrintable(text []byte, f func(Piece) bool) bool {
	marks := mailSeeker{text: text, at: [len(mailMarks)]int{-1, -1, -1}}
	done := 0
	for at := marks.next(0); at < len(text); at = marks.next(done) {
		start := max(done, at-mailContext)
		start += bytes.LastIndexByte(text[start:at], '\n') + 1
		end := min(lineEnd(text, at), at+mailContext)
		for from := start; softBreak(text, from, end); {
			from = end + 1
			end = min(lineEnd(text, from), from+mailContext)
		}
		d.out = unquote(d.out[:0], text[start:end])
		done = max(end, at+1)
		if !f(Piece{"escape", start, end, d.out}) {
			return false
		}
	}
	return true
}

// mailSeeker finds the marks, each byte being searched once for each.
type mailSeeker struct {
	text []byte
	at   [len(mailMarks)]int
}

// next is the first mark at i or behind that counts, or the text's length.
func (s *mailSeeker) next(i int) int {
	for {
		first := len(s.text)
		for k, mark := range mailMarks {
			if s.at[k] < i {
				s.at[k] = len(s.text)
				if n := bytes.Index(s.text[min(i, len(s.text)):], mark); n >= 0 {
					s.at[k] = i + n
				}
			}
			first = min(first, s.at[k])
		}
		if first == len(s.text) || s.text[first+1] == '3' {
			return first
		}
		start := max(0, first-mailLineMost-1)
		start += bytes.LastIndexByte(s.text[start:first], '\n') + 1
		if softBreak(s.text, start, lineEnd(s.text, first)) {
			return first
		}
		i = first + 1
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
