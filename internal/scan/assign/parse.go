package assign

import "bytes"

// parser reads one assignment. Its methods take an offset and answer with the
// one behind what they read, or with whether they could.
type parser struct {
	text []byte
	a    *Assignment
	// quoted: the name has a closing quote, of which escape is the number of
	// backslashes ("\"password\": …" within a string has one).
	quoted bool
	escape int
	scheme bool // a scheme such as Bearer was read
}

// at is the byte at an offset, 0 beyond the text.
func (p *parser) at(i int) byte {
	if i < 0 || i >= len(p.text) {
		return 0
	}
	return p.text[i]
}

// blanks skips blanks, line breaks not.
func (p *parser) blanks(i int) int {
	for n := 0; isBlank(p.at(i)) && n < maxDistance; n++ {
		i++
	}
	return i
}

// space skips blanks and line breaks.
func (p *parser) space(i int) int {
	for n := 0; n < maxDistance; n++ {
		if c := p.at(i); i >= len(p.text) || !isBlank(c) && c != '\n' && c != '\r' {
			break
		}
		i++
	}
	return i
}

// quote reads a quotation mark with backslashes before it, or its XML entity.
func (p *parser) quote(i int) (mark byte, escape, next int) {
	j := i
	for p.at(j) == '\\' && j-i < 8 {
		j++
	}
	if isQuote(p.at(j)) {
		return p.at(j), j - i, j + 1
	}
	if p.has(i, "&quot;") {
		return '&', 0, i + len("&quot;")
	}
	return 0, 0, i
}

func (p *parser) has(i int, s string) bool {
	return i+len(s) <= len(p.text) && string(p.text[i:i+len(s)]) == s
}

// assignment reads all behind the name, which ends at end.
func (p *parser) assignment(end int) bool {
	p.a.Name.End = end
	if end <= p.a.Name.Start {
		return false
	}
	p.a.First = p.first()
	i := end
	if p.has(i, "</") {
		return p.pairElement(i)
	}
	if mark, escape, next := p.quote(i); mark != 0 && mark == p.opening(escape) {
		p.quoted, p.escape = true, escape
		i = next
	}
	return p.pair(i) || p.sign(p.closers(i))
}

// opening is the quotation mark that encloses the name: the one before it, or
// before the words of a key in several words.
func (p *parser) opening(escape int) byte {
	i := p.a.Name.Start - 1
	for n := 0; n < 48 && (isName(p.at(i)) || p.at(i) == ' ' || p.at(i) == '['); n++ {
		i--
	}
	if p.at(i) == ';' && i >= 5 && p.has(i-5, "&quot;") {
		return '&'
	}
	if c := p.at(i); isQuote(c) {
		return c
	}
	return 0
}

// closers skips what closes a subscript or a call behind a quoted name:
// config["password"] = …, getenv("PASSWORD") || ….
func (p *parser) closers(i int) int {
	if p.quoted {
		if c := p.at(i); c == ']' || c == ')' {
			i++
			if p.at(i) == ')' {
				i++
			}
		}
	}
	return i
}

// sign reads what joins name and value, and the value.
func (p *parser) sign(end int) bool {
	i := p.blanks(end)
	closed := p.quoted && p.at(end-1) == ')'
	switch c := p.at(i); {
	case closed && c != '|' && c != '?' && c != 'o':
		return false
	case c == '=':
		return p.equals(i)
	case c == ':':
		return p.colon(i)
	case c == '-' && p.at(i+1) == '>':
		return p.value(i+2, Arrow)
	case c == '(' && i == end:
		return p.call(i + 1)
	case c == ',' && p.quoted && p.argument():
		return p.literal(p.space(i+1), Argument)
	case c == '|' && p.at(i+1) == '|', c == '?' && p.at(i+1) == '?', c == 'o' && i > end && p.has(i, "or "):
		i += 2
		if p.at(i) == '=' {
			i++
		}
		return p.literal(p.space(i), Default)
	case c == '?' && p.at(i+1) == '=':
		return p.value(i+2, Equals)
	case c == '?' && p.at(i+1) == ':', c == '!' && p.at(i+1) == ':':
		return p.colon(i + 1)
	case c == '>' && !p.quoted && p.tag():
		return p.element(i + 1)
	case c == '&' && p.has(i, "&gt;") && p.has(p.a.Name.Start-4, "&lt;"):
		return p.element(i + 4)
	case c == '<' && p.at(i+1) == '-' && isBlank(p.at(i+2)):
		return p.literal(p.blanks(i+2), Arrow)
	case c == '>' && p.quoted && p.at(end-1) != ')':
		return p.attribute(i + 1)
	case c == '+' && p.at(i+1) == '=':
		return p.value(i+2, Equals)
	case c == '{' && i > end && p.quoted:
		return p.nested(i + 1)
	case c == '{' && i > end && p.has(p.blanks(i+1), "get"):
		return p.accessors(i)
	case c == 't' && i > end && p.quoted && p.has(i, "to \""):
		return p.literal(i+3, Arrow)
	case i > end:
		return p.behindBlank(i)
	}
	return false
}

// argument tells whether the name in quotes is the first of a call's arguments.
// In a list of names the next one is no value.
func (p *parser) argument() bool {
	i := p.a.Name.Start - 1
	for n := 0; n < 8+p.escape && (isQuote(p.at(i)) || isBlank(p.at(i)) || isBreak(p.at(i)) || p.at(i) == '\\'); n++ {
		i--
	}
	return p.at(i) == '('
}

// equals reads on at "=".
func (p *parser) equals(i int) bool {
	switch p.at(i + 1) {
	case '>':
		return p.value(i+2, Arrow)
	case '=':
		i += 2
		if p.at(i) == '=' {
			i++
		}
		return p.literal(p.space(i), Compare)
	case '~':
		return false
	}
	return p.value(i+1, Equals)
}

// colon reads on at ":".
func (p *parser) colon(i int) bool {
	switch p.at(i + 1) {
	case ':':
		return false
	case ' ', '\t', '\n', '\r':
	default:
		// a:secret:b is one word, an ARN for instance.
		if !p.quoted && p.at(p.a.Name.Start-1) == ':' {
			return false
		}
	}
	switch p.at(i + 1) {
	case '=':
		if p.inBraces() {
			return p.value(i+2, Default)
		}
		return p.value(i+2, Equals)
	case '-':
		if p.inBraces() {
			return p.value(i+2, Default)
		}
	}
	if p.inBraces() {
		return p.value(i+1, Default)
	}
	if !p.quoted {
		if j, ok := p.typed(p.blanks(i + 1)); ok {
			return p.value(j, Equals)
		}
		return p.value(i+1, Colon)
	}
	return p.value(i+1, JSON)
}

// inBraces: ${NAME stands before.
func (p *parser) inBraces() bool {
	s := p.a.Name.Start
	return p.at(s-1) == '{' && (p.at(s-2) == '$' || p.at(s-2) == '#')
}

// typed reads a type and the "=" behind it: password: &'static str = "…".
func (p *parser) typed(i int) (next int, ok bool) {
	for n := 0; n < 48; n++ {
		switch c := p.at(i); {
		case c == '=':
			return i + 1, n > 0 && p.at(i+1) != '=' && p.at(i+1) != '>' && isBlank(p.at(i-1))
		case isLetter(c), isDigit(c), isBlank(c), bytes.IndexByte([]byte("_.<>[]&*?|'"), c) >= 0 && c != 0:
			i++
		default:
			return i, false
		}
	}
	return i, false
}

// accessors skips those of a C# property: Password { get; set; } = "…".
func (p *parser) accessors(i int) bool {
	for n := 0; n < 64 && p.at(i) != '}' && !isBreak(p.at(i)); n++ {
		i++
	}
	i = p.blanks(i + 1)
	return p.at(i) == '=' && p.literal(p.blanks(i+1), Equals)
}

// call reads the first argument of a call.
func (p *parser) call(i int) bool { return p.literal(p.space(i), Call) }

// behindBlank reads what follows a name and a blank: flags, SQL, declarations
// with a type, names in several words.
func (p *parser) behindBlank(i int) bool {
	flag := p.at(p.a.Name.Start) == '-'
	if mark, _, _ := p.quote(i); mark != 0 {
		form := Words
		if flag {
			form = Flag
		}
		return p.literal(i, form)
	}
	switch {
	case flag:
		return p.bare(i, Flag)
	case p.tag():
		j := p.tagEnd(i)
		return j > 0 && p.element(j)
	}
	return !p.quoted && p.words(i)
}

// words reads on at a word behind the name: a type (password string = …), SQL's
// BY, more words of the name (secret access key: …), or the value itself.
func (p *parser) words(i int) bool {
	if j, ok := p.typed(i); ok {
		return p.value(j, Equals)
	}
	j := i
	for n := 0; n < 3; n++ {
		k := j
		for isName(p.at(k)) && k-j < 32 {
			k++
		}
		if k == j {
			break
		}
		end := k
		k = p.blanks(k)
		switch c := p.at(k); {
		case c == ':' && p.at(k+1) != ':', c == '=' && p.at(k+1) != '=':
			p.a.Name.End = end
			return p.value(k+1, Colon)
		case end-j == 2 && (p.text[j]|32) == 'b' && (p.text[j+1]|32) == 'y' && isQuote(c):
			p.a.Name.End = end
			return p.literal(k, Words)
		case isQuote(c) && c != '`' && k > end && p.opening(0) == c:
			// "Client secret" : the key's closing quote, with a blank before it.
			return false
		case isQuote(c) && k == end && p.opening(0) == c:
			return p.keyOfWords(end)
		case k == end:
			n = 3
		}
		j = k
	}
	return p.bare(i, Words)
}

// keyOfWords reads on at the closing quote of a key in several words.
func (p *parser) keyOfWords(end int) bool {
	p.a.Name.End = end
	i := p.blanks(end + 1)
	if c := p.at(i); c == ':' || c == '=' {
		p.quoted = true
		return p.value(i+1, JSON)
	}
	return false
}
