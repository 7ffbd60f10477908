package exact

import (
	"bytes"
	"unicode/utf8"
)

// A mode is how a text may write the bytes of a value. Every decoder takes more
// than its standard allows, since encoders differ in what they escape.
type mode uint8

const (
	raw       mode = iota // as they are
	backslash             // JSON, YAML, shells, C: \" \n \/ \$ \x41 \u0041 \101
	percent               // URLs and forms: %41, + for a space
	entity                // XML and HTML: &lt; &#65; &#x41;
	quote                 // shells: '"'"' and '\''
	doubled               // SQL, YAML, CSV: '' and ""
	modes
)

// char is what one step in a text stands for: bytes[:n], written in used bytes.
// A used of 1 is a byte that stands for itself; 0 is the end of the text.
type char struct {
	bytes [utf8.UTFMax]byte
	n     int
	used  int
}

// decode reads the first char of t. What is no escape stands for itself.
func (m mode) decode(t []byte) char {
	if len(t) == 0 {
		return char{}
	}
	c := char{n: 1, used: 1}
	c.bytes[0] = t[0]
	switch {
	case m == backslash && t[0] == '\\':
		c.backslash(t)
	case m == percent && t[0] == '%':
		if v, ok := number(t[1:], 16, 2, 2); ok {
			c.set(byte(v), 3)
		}
	case m == entity && t[0] == '&':
		c.entity(t)
	case m == quote && (t[0] == '\'' || t[0] == '"'):
		c.quote(t)
	case m == doubled && (t[0] == '\'' || t[0] == '"') && len(t) > 1 && t[1] == t[0]:
		c.set(t[0], 2)
	}
	return c
}

func (c *char) set(b byte, used int) { c.bytes[0], c.n, c.used = b, 1, used }

func (c *char) rune(r rune, used int) {
	c.n, c.used = utf8.EncodeRune(c.bytes[:], r), used
}

// control are the letters that mean a control byte behind a backslash.
var control = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f', 'v': '\v', 'a': '\a', 'e': 0x1b}

func (c *char) backslash(t []byte) {
	if len(t) < 2 {
		return
	}
	next := t[1]
	switch {
	case next == 'u':
		c.utf16(t)
	case next == 'U':
		if v, ok := number(t[2:], 16, 8, 8); ok {
			c.rune(rune(v), 10)
		}
	case next == 'x':
		if v, ok := number(t[2:], 16, 2, 2); ok {
			c.set(byte(v), 4)
		}
	case next >= '0' && next <= '7':
		if v, ok := number(t[1:], 8, 3, 3); ok {
			c.set(byte(v), 4)
		} else if next == '0' {
			c.set(0, 2)
		}
	case control[next] != 0:
		c.set(control[next], 2)
	case next > ' ' && next < 0x7f && !alnum(next) || next == ' ':
		c.set(next, 2)
	}
}

// utf16 reads \uXXXX, and a pair of them for what is beyond 16 bits.
func (c *char) utf16(t []byte) {
	hi, ok := number(t[2:], 16, 4, 4)
	if !ok {
		return
	}
	if hi >= 0xd800 && hi < 0xdc00 && bytes.HasPrefix(t[6:], []byte(`\u`)) {
		if lo, ok := number(t[8:], 16, 4, 4); ok && lo >= 0xdc00 && lo < 0xe000 {
			c.rune(rune((hi-0xd800)<<10|(lo-0xdc00))+0x10000, 12)
			return
		}
	}
	c.rune(rune(hi), 6)
}

// entities are those that XML defines, and the few of HTML that encoders write.
var entities = []struct {
	name string
	char byte
}{
	{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''},
	{"&sol;", '/'}, {"&plus;", '+'}, {"&equals;", '='}, {"&NewLine;", '\n'}, {"&Tab;", '\t'}, {"&nbsp;", ' '},
}

func (c *char) entity(t []byte) {
	if len(t) > 2 && t[1] == '#' {
		base, digits := 10, t[2:]
		if t[2] == 'x' || t[2] == 'X' {
			base, digits = 16, t[3:]
		}
		n := bytes.IndexByte(digits[:min(len(digits), 9)], ';')
		if v, ok := number(digits, base, max(n, 1), max(n, 1)); ok && n > 0 && v <= utf8.MaxRune {
			c.rune(rune(v), len(t)-len(digits)+n+1)
		}
		return
	}
	for _, e := range entities {
		if len(t) >= len(e.name) && string(t[:len(e.name)]) == e.name {
			c.set(e.char, len(e.name))
			return
		}
	}
}

// quotes are the ways to write a quote within quotes of its kind in a shell.
var quotes = []struct {
	text string
	char byte
}{
	{`'"'"'`, '\''}, {`'\''`, '\''}, {`"'"'"`, '"'},
}

func (c *char) quote(t []byte) {
	for _, q := range quotes {
		if len(t) >= len(q.text) && string(t[:len(q.text)]) == q.text {
			c.set(q.char, len(q.text))
			return
		}
	}
}

// lengths are how long an escape of each mode can be, the longest first.
var lengths = [modes][]int{
	backslash: {12, 10, 6, 4, 2},
	percent:   {3},
	entity:    {12, 11, 10, 9, 8, 7, 6, 5, 4},
	quote:     {5, 4},
	doubled:   {2},
}

// before decodes the escape that ends at p; used is 0 if there is none.
func (m mode) before(t []byte, p int) char {
	for _, n := range lengths[m] {
		if n > p {
			continue
		}
		if c := m.decode(t[p-n : p]); c.used == n && (m != backslash || !escaped(t, p-n)) {
			return c
		}
	}
	return char{}
}

// escaped says that an odd number of backslashes stands before p. Of endless ones
// it looks at a few.
func escaped(t []byte, p int) bool {
	n := 0
	for n < 64 && n < p && t[p-n-1] == '\\' {
		n++
	}
	return n%2 == 1
}

// number reads from least to most digits of a base.
func number(t []byte, base, least, most int) (uint32, bool) {
	v, n := uint32(0), 0
	for n < len(t) && n < most {
		d := nibble(t[n])
		if int(d) >= base {
			break
		}
		v = v*uint32(base) + uint32(d)
		n++
	}
	return v, n >= least
}

// nibble is the value of a hexadecimal digit, 0xff for any other byte.
func nibble(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 0xff
}

func alnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func blank(c byte) bool { return c == ' ' || c == '\t' }
