package exact

// A gap is what a line break puts into a value: the break and the indentation
// behind it, with a continuation (\), or the end of one string literal and the
// beginning of the next (" +, ",) around it.

// maxGap is how many blanks, and quotes and operators, a gap may have on either
// side of its line break.
const maxGap = 256

// gapsAt are the ends of the gaps that may begin at p; 0 is none.
func gapsAt(t []byte, p int, m mode) (ends [4]int) {
	ends[0] = plainGap(t, p, m)
	if p < len(t) && t[p] == '\\' {
		ends[1] = plainGap(t, p+1, raw)
	}
	ends[2] = quotedGap(t, p)
	if p > 0 && t[p-1] == '\n' { // a value of many lines, indented elsewhere
		ends[3] = blanks(t, p)
	} else if n := isByte(t, p, '\r', m); n > 0 && isByte(t, p+n, '\n', m) > 0 {
		ends[3] = p + n
	}
	return ends
}

// plainGap reads a line end, in the given mode, and the blanks behind it.
func plainGap(t []byte, p int, m mode) int {
	q := p + isByte(t, p, '\r', m)
	if n := isByte(t, q, '\n', m); n > 0 {
		return blanks(t, q+n)
	}
	return 0
}

// isByte says in how many bytes b is written at p, 0 if it is not there.
func isByte(t []byte, p int, b byte, m mode) int {
	if p >= len(t) {
		return 0
	}
	if ch := m.decode(t[p:]); ch.n == 1 && ch.bytes[0] == b {
		return ch.used
	}
	return 0
}

func blanks(t []byte, p int) int {
	for end := min(len(t), p+maxGap); p < end && blank(t[p]); {
		p++
	}
	return p
}

// quotedGap reads from the closing quote of one literal to behind the opening
// quote of the one on the next line.
func quotedGap(t []byte, p int) int {
	if p >= len(t) || !isQuote(t[p]) {
		return 0
	}
	q := t[p]
	p = blanks(t, p+1)
	for p < len(t) && operator(t[p]) {
		p = blanks(t, p+1)
	}
	if p < len(t) && t[p] == '\r' {
		p++
	}
	if p >= len(t) || t[p] != '\n' {
		return 0
	}
	p = blanks(t, p+1)
	if p < len(t) && operator(t[p]) {
		p = blanks(t, p+1)
	}
	if p < len(t) && t[p] == q {
		return p + 1
	}
	return 0
}

func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// operator joins two literals in some language, or two elements of a list.
func operator(c byte) bool {
	return c == '+' || c == '.' || c == '&' || c == ',' || c == '\\' || c == '_' || c == '~'
}

// gapsBefore are the beginnings of the gaps that may end at p; -1 is none.
func gapsBefore(t []byte, p int, m mode) (begins [5]int) {
	begins = [5]int{-1, -1, -1, -1, -1}
	if q, ok := lineEndBefore(t, blanksBefore(t, p), m); ok {
		begins[0] = q
		if q > 0 && t[q-1] == '\\' {
			begins[1] = q - 1
		}
	}
	begins[2] = quotedGapBefore(t, p)
	if q := blanksBefore(t, p); q > 0 && t[q-1] == '\n' {
		begins[3] = q
	}
	if q, ok := byteBefore(t, p, '\r', m); ok && isByte(t, p, '\n', m) > 0 {
		begins[4] = q
	}
	return begins
}

func blanksBefore(t []byte, p int) int {
	for least := max(0, p-maxGap); p > least && blank(t[p-1]); {
		p--
	}
	return p
}

// lineEndBefore finds where the line end that ends at p begins.
func lineEndBefore(t []byte, p int, m mode) (int, bool) {
	q, ok := byteBefore(t, p, '\n', m)
	if !ok {
		return p, false
	}
	if r, ok := byteBefore(t, q, '\r', m); ok {
		return r, true
	}
	return q, true
}

// byteBefore says where byte b, written in mode m and ending at p, begins.
func byteBefore(t []byte, p int, b byte, m mode) (int, bool) {
	if ch := m.before(t, p); ch.used > 0 {
		return p - ch.used, ch.n == 1 && ch.bytes[0] == b
	}
	return p - 1, p > 0 && t[p-1] == b
}

func quotedGapBefore(t []byte, p int) int {
	if p == 0 || !isQuote(t[p-1]) {
		return -1
	}
	q := t[p-1]
	p = blanksBefore(t, p-1)
	if p > 0 && operator(t[p-1]) {
		p = blanksBefore(t, p-1)
	}
	p, ok := lineEndBefore(t, p, raw)
	if !ok {
		return -1
	}
	p = blanksBefore(t, p)
	for least := max(0, p-maxGap); p > least && operator(t[p-1]); {
		p = blanksBefore(t, p-1)
	}
	if p > 0 && t[p-1] == q {
		return p - 1
	}
	return -1
}
