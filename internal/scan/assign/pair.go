package assign

import "bytes"

// tag tells whether the name is that of an XML element: <name or <ns:name.
func (p *parser) tag() bool {
	i := p.a.Name.Start - 1
	if p.at(i) == ':' {
		for i--; isName(p.at(i)) && p.a.Name.Start-i < 40; i-- {
		}
	}
	return p.at(i) == '<'
}

// tagEnd finds the end of an opening tag with attributes, 0 if there is none.
func (p *parser) tagEnd(i int) int {
	rest := p.text[i:min(len(p.text), i+maxDistance)]
	n := bytes.IndexAny(rest, "<>\n")
	if n < 1 || rest[n] != '>' || rest[n-1] == '/' {
		return 0
	}
	return i + n + 1
}

// element reads the text of an element, up to its end tag.
func (p *parser) element(i int) bool {
	i = p.space(i)
	if p.has(i, "<![CDATA[") {
		i += len("<![CDATA[")
	}
	rest := p.text[min(i, len(p.text)):min(len(p.text), i+maxValue)]
	n := bytes.IndexByte(rest, '<')
	if e := bytes.Index(rest[:max(n, 0)], []byte("&lt;/")); e >= 0 {
		n = e
	}
	if e := bytes.Index(rest[:max(n, 0)], []byte("]]>")); e >= 0 {
		n = e
	}
	if n < 0 || rest[n] == '<' && (n+1 >= len(rest) || rest[n+1] != '/') {
		return false
	}
	value := bytes.TrimRight(rest[:n], " \t\r\n")
	p.a.Form, p.a.Value = Element, Span{i, i + len(value)}
	p.a.Next = '<'
	return true
}

// attribute reads the text of an element that names itself in its last attribute:
// <entry key="password">value</entry>.
func (p *parser) attribute(i int) bool {
	label, ok := p.fieldBefore(p.a.Name.Start)
	if !ok || !oneOf(label, labels[:]) || !p.element(i) {
		return false
	}
	p.a.Form = Pair
	return true
}

// pairElement reads <key>name</key> <string>value</string>.
func (p *parser) pairElement(i int) bool {
	rest := p.text[i:min(len(p.text), i+maxDistance)]
	n := bytes.IndexByte(rest, '>')
	if n < 0 {
		return false
	}
	j := p.space(i + n + 1)
	if p.at(j) != '<' || !isLetter(p.at(j+1)) {
		return false
	}
	j = p.tagEnd(j + 1)
	if j == 0 || !p.element(j) {
		return false
	}
	p.a.Form = Pair
	return true
}

// labels are the names of the fields that hold the name of a pair, and values
// those that hold its value, in lower case.
var (
	labels = [...]string{"key", "name", "parameterkey", "parametername", "id", "variable", "var", "field"}
	values = [...]string{"value", "val", "content", "default", "defaultvalue", "stringvalue", "parametervalue", "initial"}
)

// pair reads the value that belongs to a name given as the value of another
// field: name="password" value="…", - name: PASSWORD\n  value: …, and the same
// the other way round.
func (p *parser) pair(i int) bool {
	label, ok := p.fieldBefore(p.a.Name.Start)
	if !ok || !oneOf(label, labels[:]) {
		return false
	}
	limit := i + maxDistance
	for n := 0; n < 4 && i < limit; n++ {
		i = p.separators(i)
		j := i
		for isName(p.at(j)) && j-i < 32 {
			j++
		}
		if j == i {
			break
		}
		word := p.text[i:j]
		for j = p.blanks(j); isQuote(p.at(j)) || p.at(j) == '\\'; j++ {
		}
		j = p.blanks(j)
		c := p.at(j)
		if c != '=' && c != ':' {
			break
		}
		if !p.pairValue(j+1, c) {
			break
		}
		if oneOf(word, values[:]) {
			return true
		}
		i = p.a.Value.End
		if p.a.Quote != 0 {
			i += 1 + p.escape
		}
	}
	return p.pairBackward()
}

// nested reads the value of a name whose braces hold it beside other fields:
// "db_password": {"value": "…"}, variable "db_password" { default = "…" }.
func (p *parser) nested(i int) bool {
	window := p.text[min(i, len(p.text)):min(len(p.text), i+maxDistance)]
	if n := bytes.IndexAny(window, "{}"); n >= 0 {
		window = window[:n]
	}
	for from := 0; from < len(window); {
		j := i + p.fieldStart(window, from)
		from = j - i
		for isName(p.at(j)) && j-i < len(window) {
			j++
		}
		word := p.text[i+from : j]
		from = j - i + 1
		for isQuote(p.at(j)) || p.at(j) == '\\' {
			j++
		}
		j = p.blanks(j)
		if c := p.at(j); (c == '=' || c == ':') && oneOf(word, givers[:]) && p.literal(p.blanks(j+1), Pair) {
			p.a.First = false
			return true
		}
	}
	return false
}

// givers are the fields of a description that hold its value.
var givers = [...]string{"value", "default"}

// fieldStart is where the next word begins.
func (p *parser) fieldStart(window []byte, from int) int {
	for from < len(window) && !isLetter(window[from]) {
		from++
	}
	return from
}

// pairValue reads the value of one field of a pair.
func (p *parser) pairValue(i int, sign byte) bool {
	p.a.Quote = 0
	first := p.a.First
	p.a.First = sign == ':' && !p.quoted
	ok := p.value(i, Pair)
	p.a.First = first
	return ok
}

// separators skips what divides fields.
func (p *parser) separators(i int) int {
	for n := 0; n < maxDistance; n++ {
		switch c := p.at(i); {
		case i < len(p.text) && (isBlank(c) || isBreak(c)), isQuote(c), c == ',', c == '\\', c == ';':
			i++
		default:
			return i
		}
	}
	return i
}

// fieldBefore is the name of the field whose value begins at i.
func (p *parser) fieldBefore(i int) ([]byte, bool) {
	low := max(0, i-64)
	for i > low && (isQuote(p.text[i-1]) || p.text[i-1] == '\\' || isBlank(p.text[i-1])) {
		i--
	}
	if i <= low || p.text[i-1] != '=' && p.text[i-1] != ':' {
		return nil, false
	}
	for i--; i > low && (isQuote(p.text[i-1]) || p.text[i-1] == '\\' || isBlank(p.text[i-1])); i-- {
	}
	end := i
	for i > low && isName(p.text[i-1]) {
		i--
	}
	return p.text[i:end], i < end
}

// pairBackward reads value="…" before name="password", on the same line or the
// one above.
func (p *parser) pairBackward() bool {
	low := max(0, p.a.Name.Start-maxDistance)
	window := p.text[low:p.a.Name.Start]
	// Not beyond the object or element before.
	if n := bytes.LastIndexAny(window, "<>{}"); n >= 0 {
		low, window = low+n+1, window[n+1:]
	}
	for n := len(window); n > 0; {
		n = lastFold(window[:n], "value")
		if n < 0 {
			return false
		}
		j := low + n + len("value")
		for ; isQuote(p.at(j)) || p.at(j) == '\\'; j++ {
		}
		j = p.blanks(j)
		if c := p.at(j); c != '=' && c != ':' {
			continue
		}
		if name := p.a.Name; p.literal(p.blanks(j+1), Pair) && p.a.Value.End < name.Start {
			return true
		}
		return false
	}
	return false
}

// lastFold is the last place of a lower-case word in text, in any case, -1 if it
// has none.
func lastFold(text []byte, word string) int {
	for i := len(text) - len(word); i >= 0; i-- {
		if text[i]|32 == word[0] && foldEqual(text[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

func foldEqual(a []byte, lower string) bool {
	if len(a) != len(lower) {
		return false
	}
	for i, c := range a {
		if classes[c]&upper != 0 {
			c |= 32
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func oneOf(word []byte, list []string) bool {
	for _, s := range list {
		if foldEqual(word, s) {
			return true
		}
	}
	return false
}
