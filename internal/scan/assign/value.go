package assign

import "bytes"

// value reads the value behind a sign: in quotes, also on the next line, or bare.
func (p *parser) value(i int, form Form) bool {
	p.a.Tight = i < len(p.text) && !isBlank(p.at(i)) && !isBlank(p.at(i-2))
	i = p.blanks(i)
	if c := p.at(i); c == '\n' || c == '\r' || c == '\\' && isBreak(p.at(i+1)) {
		return p.nextLine(i, form)
	}
	i = p.prefix(i)
	if mark, _, _ := p.quote(i); mark != 0 {
		return p.literal(i, form)
	}
	if c := p.at(i); (c == '|' || c == '>') && form == Colon {
		return p.block(i, form)
	}
	if j := p.wrapper(i); j > i {
		return p.literal(j, form)
	}
	if j := p.blanks(i + 1); p.at(i) == '[' && form != Compare {
		if mark, _, _ := p.quote(j); mark != 0 {
			return p.literal(j, form) // the first of a list; NextElement reads the others
		}
	}
	if p.at(i) == '{' && p.quoted {
		return p.nested(i + 1)
	}
	return p.bare(i, form)
}

// nextLine reads a value that stands on the line below: in quotes, or deeper
// than the name and alone.
func (p *parser) nextLine(i int, form Form) bool {
	if p.at(i) == '\\' {
		i++
	}
	j := p.space(i)
	if mark, _, _ := p.quote(p.prefix(j)); mark != 0 {
		k := p.prefix(j)
		_, _, open := p.quote(k)
		if !p.literal(k, form) {
			return false
		}
		// "password:\n  \"other\": 1" is a map, not a value.
		return p.at(p.blanks(p.a.Value.End+open-k)) != ':'
	}
	if form != Colon || j-lineStart(p.text, j) <= p.a.Name.Start-lineStart(p.text, p.a.Name.Start) {
		return false
	}
	return p.bare(j, form) && !p.a.More && p.text[p.a.Value.End-1] != ':'
}

// lineStart is where the line of an offset begins, or the offset less
// maxDistance where it is longer.
func lineStart(text []byte, i int) int {
	low := max(0, i-maxDistance)
	return low + bytes.LastIndexByte(text[low:i], '\n') + 1
}

// block reads the first line of a YAML block scalar.
func (p *parser) block(i int, form Form) bool {
	for n := 0; n < 4 && !isBreak(p.at(i)); n++ {
		if bytes.IndexByte([]byte("|>+-0123456789"), p.at(i)) < 0 {
			return false
		}
		i++
	}
	i = p.blanks(i)
	if !isBreak(p.at(i)) {
		return false
	}
	j := p.space(i)
	if j-lineStart(p.text, j) <= p.a.Name.Start-lineStart(p.text, p.a.Name.Start) {
		return false
	}
	return p.bare(j, form)
}

// prefix skips what may stand before a literal: a YAML tag or anchor, the letters
// of Python's, C's and C#'s strings.
func (p *parser) prefix(i int) int {
	for _, tag := range [...]string{"!!str ", "!str ", "!!binary "} {
		if p.has(i, tag) {
			return p.blanks(i + len(tag))
		}
	}
	j := i
	for n := 0; n < 3; n++ {
		switch p.at(j) {
		case 'b', 'B', 'r', 'R', 'u', 'U', 'L', '@', '$', '8':
			j++
			continue
		}
		break
	}
	if j > i && isQuote(p.at(j)) {
		return j
	}
	if p.at(i) == '&' && isLetter(p.at(i+1)) {
		for j = i + 1; isName(p.at(j)) && j-i < 64; j++ {
		}
		if isBlank(p.at(j)) {
			return p.blanks(j)
		}
	}
	return i
}

// wrappers are conversions that leave a literal what it is.
var wrappers = [...]string{"[]byte(", "string(", "String(", "new String(", "str(", "bytes(", "Buffer.from(",
	"sensitive(", "Some(", "SecretStr(", "Secret(", "String::from(", "Secret.fromPlainText(", "StringPtr(", "aws.String(", "to.Ptr(", "pulumi.String(",
	"ConvertTo-SecureString ", "ConvertTo-SecureString -String "}

// wrapper skips one of the wrappers before a literal.
func (p *parser) wrapper(i int) int {
	for _, w := range wrappers {
		if p.at(i) == w[0] && p.has(i, w) {
			if mark, _, _ := p.quote(i + len(w)); mark != 0 {
				return i + len(w)
			}
		}
	}
	return i
}

// literal reads a value in quotes. They close on the same line, but for
// backquotes and triple quotes.
func (p *parser) literal(i int, form Form) bool {
	i = p.prefix(i)
	mark, escape, start := p.quote(i)
	if mark == 0 {
		return false
	}
	if mark != '&' && p.at(start) == mark && p.at(start+1) == mark && escape == 0 {
		start = p.space(start + 2)
	}
	end := p.closing(start, mark, escape)
	if end < 0 {
		return false
	}
	next := end + (start - i)
	if mark == '&' {
		mark = '"'
	}
	p.a.Quote, p.a.Form, p.a.Value = mark, form, Span{start, end}
	p.a.Next = p.at(p.blanks(next))
	return true
}

// closing finds the quote that ends a literal, -1 if none does.
func (p *parser) closing(start int, mark byte, escape int) int {
	rest := p.text[min(start, len(p.text)):min(len(p.text), start+maxValue)]
	if mark == '&' {
		end := bytes.Index(rest, []byte("&quot;"))
		if end < 0 || bytes.IndexByte(rest[:end], '\n') >= 0 {
			return -1
		}
		return start + end
	}
	for from := 0; ; {
		n := bytes.IndexByte(rest[from:], mark)
		if n < 0 || mark != '`' && bytes.IndexByte(rest[from:from+n], '\n') >= 0 {
			return -1
		}
		end := from + n
		slashes := 0
		for slashes < end && slashes < 16 && rest[end-1-slashes] == '\\' {
			slashes++
		}
		switch {
		case slashes == escape, mark == '`', slashes < escape:
			return start + end - min(slashes, escape)
		case escape == 0 && slashes%2 == 0:
			return start + end
		}
		from = end + 1
	}
}

// bare reads a value without quotes: the rest of the word.
func (p *parser) bare(i int, form Form) bool {
	limit := min(len(p.text), i+maxValue)
	end := i
	before := p.at(p.a.Name.Start - 1)
	query := before == '?' || before == '&' && !p.a.First
	for ; end < limit; end++ {
		c := p.text[end]
		k := classes[c]
		if k&(blank|lineBreak) != 0 {
			break
		}
		if k&stop != 0 && p.stops(c, end, form, before) || query && (c == '&' || c == '#') {
			break
		}
		if form == Default && c == '}' {
			break
		}
	}
	if end == limit && limit < len(p.text) || end <= i {
		return false
	}
	if isBlank(p.at(end)) && !p.scheme && oneOf(p.text[i:end], authSchemes[:]) {
		p.scheme = true
		return p.bare(p.blanks(end), form)
	}
	p.a.Next = p.at(end)
	if c := p.text[end-1]; c == ',' || c == ';' {
		end--
		p.a.Next = c
	}
	p.a.Form, p.a.Value = form, Span{i, end}
	if query || form == Equals && !p.a.First && (p.a.Next == ';' || before == ';') {
		p.a.Form = Query
	}
	p.a.More = p.more(end)
	return true
}

// authSchemes stand before the value in an Authorization header.
var authSchemes = [...]string{"bearer", "basic", "token", "apikey"}

// stops tells whether c ends a value without quotes. On a line of its own such a
// value may hold anything; within a line it ends where a string or a list would.
func (p *parser) stops(c byte, i int, form Form, before byte) bool {
	if c == '<' {
		return p.at(i+1) == '/' || !p.a.First
	}
	if isQuote(before) {
		// "NAME=value" as one string: as connection strings have it, ; divides.
		return c == before || c == ';' || c == '\\'
	}
	if p.quoted || form == Default {
		return c == ',' || c == '}' || c == ']' || c == ')'
	}
	return !p.a.First
}

// more tells whether other words follow on the line.
func (p *parser) more(end int) bool {
	i := p.blanks(end)
	if i >= len(p.text) || isBreak(p.text[i]) || i == end {
		return false
	}
	return p.text[i] != '#' && !p.has(i, "//") && p.text[i] != ';' && p.text[i] != '\\' && !p.has(i, "}}")
}

// starters are words that may stand before the first name of a line.
var starters = [...]string{"export", "ENV", "ARG", "set", "setx", "declare", "local", "readonly", "env", "SET", "setenv", "-e", "--env", "--build-arg", "-D", "typeset"}

// first tells whether the name is the first of its line, but for marks.
func (p *parser) first() bool {
	i := p.a.Name.Start
	low := max(0, i-64)
	for i > low {
		c := p.text[i-1]
		if isBreak(c) {
			return true
		}
		if isName(c) && c != '-' {
			j := i
			for j > low && isName(p.text[j-1]) {
				j--
			}
			if !starter(p.text[j:i]) {
				return false
			}
			i = j
			continue
		}
		if !isBlank(c) && bytes.IndexByte([]byte("-+#/;*\"'$:!"), c) < 0 {
			return false
		}
		i--
	}
	return i == 0
}

func starter(word []byte) bool {
	for _, s := range starters {
		if string(word) == s {
			return true
		}
	}
	return false
}
