// Package assign reads assignments of a value to a name in any notation that
// source code, configuration and logs use, and judges whether the value is a
// credential. It is written by hand because a history holds hundreds of
// thousands of names like "password" and "token": almost all of them must be
// turned down within a few dozen bytes.
//
// It promises that a call looks at a bounded stretch of text (names up to 128
// bytes, values up to 4 KiB, 256 bytes in between), whatever the text is, so a
// file that is nothing but "password=" costs time in proportion to its size.
//
// It parses no language. What it reads as an assignment may be a comparison or a
// comment, and a value that is computed is not followed: Judge turns down what is
// visibly code. It knows no path and no provider's format; that is the rules' job.
package assign

// Bounds of what is looked at.
const (
	maxName     = 128
	maxValue    = 4096
	maxDistance = 256
)

// Span is a part of a text: text[Start:End].
type Span struct{ Start, End int }

// Form is the notation of an assignment, as far as Judge cares.
type Form uint8

const (
	Equals   Form = iota + 1 // name = value, :=, ?=, typed declarations too
	Colon                    // name: value
	JSON                     // "name": "value", the name in quotes
	Arrow                    // name => value, name -> value
	Compare                  // name == value
	Call                     // setName("value"), .name("value")
	Argument                 // "name", "value"
	Default                  // getenv("NAME") || "value", ${NAME:-value}
	Flag                     // --name value
	Words                    // NAME 'value' as SQL and #define have it, name value
	Element                  // <name>value</name>
	Pair                     // name="name" value="value", <key>name</key><string>value</string>
	Query                    // ?name=value&, Name=value; in a connection string
)

// Assignment is a value with the name it belongs to.
type Assignment struct {
	Name, Value Span
	// Quote is what encloses the value: ", ', ` or 0 if nothing does.
	Quote byte
	Form  Form
	// First: nothing but indentation, a quote or a word such as export stands
	// before the name on its line.
	First bool
	// More: other words follow on the line of a value without quotes.
	More bool
	// Tight: no blank between the name, the sign and the value.
	Tight bool
	// Next is the byte behind the value, and its quote if it has one; 0 at the end.
	Next byte
}

// Parse reads the assignment whose name holds the offset at. Of a name in several
// words ("client secret: …") it reads those behind at.
func Parse(text []byte, at int) (a Assignment, ok bool) {
	if at < 0 || at >= len(text) || !isName(text[at]) {
		return a, false
	}
	name, ok := nameAt(text, at)
	if !ok {
		return a, false
	}
	a.Name = name
	p := parser{text: text, a: &a}
	if !p.assignment(trimName(text, name)) {
		return Assignment{}, false
	}
	if a.Value.Start >= a.Value.End {
		return Assignment{}, false
	}
	return a, true
}

// NextElement reads the element behind the value of an assignment to a list of strings.
func NextElement(text []byte, a Assignment) (Assignment, bool) {
	if a.Quote == 0 || a.Next != ',' || a.Form == Argument || a.Form == Call {
		return a, false
	}
	p := parser{text: text, a: &a}
	i := p.blanks(a.Value.End + 1)
	if p.at(i) != ',' {
		return a, false
	}
	i = p.space(i + 1)
	if mark, _, _ := p.quote(i); mark != a.Quote || !p.literal(i, a.Form) {
		return a, false
	}
	return a, a.Next == ',' || a.Next == ']'
}

// nameAt extends a name around an offset. A longer word is no name but data.
func nameAt(text []byte, at int) (Span, bool) {
	s := Span{at, at + 1}
	for s.Start > 0 && isName(text[s.Start-1]) {
		s.Start--
		if at-s.Start > maxName {
			return s, false
		}
	}
	for s.End < len(text) && isName(text[s.End]) {
		s.End++
		if s.End-s.Start > maxName {
			return s, false
		}
	}
	return s, true
}

// trimName takes dots and dashes off the end: those of "name->" and of prose.
func trimName(text []byte, s Span) int {
	end := s.End
	for end > s.Start && (text[end-1] == '-' || text[end-1] == '.') {
		end--
	}
	return end
}

// class of a byte in a name or a value.
const (
	upper = 1 << iota
	lower
	digit
	nameMark  // _ - .
	blank     // space and tab
	stop      // ends a value without quotes within a line
	lineBreak // \n \r
)

var classes = func() (c [256]uint8) {
	for b := 'a'; b <= 'z'; b++ {
		c[b], c[b-32] = lower, upper
	}
	for b := '0'; b <= '9'; b++ {
		c[b] = digit
	}
	for _, b := range "_-." {
		c[b] = nameMark
	}
	for _, b := range " \t" {
		c[b] = blank
	}
	for _, b := range "\r\n\x00" {
		c[b] = lineBreak
	}
	for _, b := range "\"'`;,)]}<>|\\" {
		c[b] = stop
	}
	return c
}()

func isName(c byte) bool   { return classes[c]&(upper|lower|digit|nameMark) != 0 }
func isLetter(c byte) bool { return classes[c]&(upper|lower) != 0 }
func isDigit(c byte) bool  { return classes[c] == digit }
func isBlank(c byte) bool  { return classes[c] == blank }
func isBreak(c byte) bool  { return classes[c] == lineBreak }
func isQuote(c byte) bool  { return c == '"' || c == '\'' || c == '`' }
