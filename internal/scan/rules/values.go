package rules

import (
	"bytes"
	"encoding/base64"
	"math"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan/assign"
)

// Bounds of what is read around a keyword, so that a content made of nothing but
// keywords costs a constant for each.
const (
	maxGap   = 64   // spaces between a name, its mark and its value
	maxValue = 4096 // a value on one line
	maxLine  = 1024 // a line to either side
)

// hasFold says whether text holds the lower-case ASCII word at i, in any case.
func hasFold(text []byte, i int, word string) bool {
	if i < 0 || i > len(text)-len(word) {
		return false
	}
	for k := range len(word) {
		if lower(text[i+k]) != word[k] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isAlpha(c byte) bool { c = lower(c); return c >= 'a' && c <= 'z' }
func isWord(c byte) bool  { return isAlpha(c) || isDigit(c) || c == '_' }
func isBlank(c byte) bool { return c == ' ' || c == '\t' }
func isSpace(c byte) bool { return isBlank(c) || c == '\n' || c == '\r' }
func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }
func isHex(c byte) bool   { return isDigit(c) || lower(c) >= 'a' && lower(c) <= 'f' }

func isBase64(c byte) bool { return isAlpha(c) || isDigit(c) || c == '+' || c == '/' }

func all(b []byte, is func(byte) bool) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return !is(c) })
}

// longest returns the longest of the words that text holds at i, "" if none.
func longest(text []byte, i int, words []string) (found string) {
	for _, w := range words {
		if len(w) > len(found) && hasFold(text, i, w) {
			found = w
		}
	}
	return found
}

// lineAround returns the bounds of the line around at, at most maxLine to either side.
func lineAround(text []byte, at int) (start, end int) {
	start, end = max(0, at-maxLine), min(len(text), at+maxLine)
	if i := bytes.LastIndexByte(text[start:at], '\n'); i >= 0 {
		start += i + 1
	}
	if i := bytes.IndexByte(text[at:end], '\n'); i >= 0 {
		end = at + i
	}
	return start, end
}

// skip moves i over what is, at most maxGap bytes.
func skip(text []byte, i int, is func(byte) bool) int {
	for n := 0; n < maxGap && i < len(text) && is(text[i]); n++ {
		i++
	}
	return i
}

// value is one that a name was given.
type value struct {
	start, end int
	quoted     bool
}

func (v value) of(text []byte) []byte { return text[v.start:v.end] }

// assigned reads the value that is given to the name which ends at i, in the
// notations of configuration files and of source code: name = value, "name":
// "value", name => 'value', define('name', 'value'), <name>value</name>,
// key="name" value="value".
func assigned(text []byte, i int) (value, bool) {
	closed := i
	i = skip(text, i, func(c byte) bool { return isQuote(c) || c == '\\' || c == ']' })
	quoted := i > closed
	i = skip(text, i, isBlank)
	if quoted || i < len(text) && text[i] == '\n' {
		i = pastValueName(text, i)
	}
	if i >= len(text) {
		return value{}, false
	}
	argument := text[i] == ','
	switch c := text[i]; {
	case c == '>' && i == closed:
		return upTo(text, i+1, '<')
	case c == ',' && quoted, c == '=', c == ':':
		i++
	default:
		return value{}, false
	}
	for i < len(text) && (text[i] == '=' || text[i] == '>') {
		i++
	}
	i = skip(text, i, isBlank)
	if v, ok := annotated(text, i); ok {
		return v, true
	}
	v, ok := readValue(text, i)
	return v, ok && (v.quoted || !argument) // config("password", default="")
}

// pastValueName skips the word "value" where a name and its value are two
// attributes of the same thing.
func pastValueName(text []byte, i int) int {
	k := skip(text, i, isSpace)
	if hasFold(text, k, "value") {
		k = skip(text, k+len("value"), isBlank)
		if k < len(text) && (text[k] == '=' || text[k] == ':') {
			return k
		}
	}
	return i
}

// annotated reads the value behind the type of a variable: str = "value".
func annotated(text []byte, i int) (value, bool) {
	k := skip(text, i, isAlpha)
	if k == i {
		return value{}, false
	}
	k = skip(text, k, isBlank)
	if k >= len(text) || text[k] != '=' {
		return value{}, false
	}
	k = skip(text, k+1, isBlank)
	if k >= len(text) || !isQuote(text[k]) {
		return value{}, false
	}
	return readValue(text, k)
}

// readValue reads a quoted or bare value at i.
func readValue(text []byte, i int) (value, bool) {
	if i+1 < len(text) && text[i] == '\\' && isQuote(text[i+1]) {
		i++ // a string within a string
	}
	if i+1 < len(text) && (isAlpha(text[i]) || text[i] == '@') && isQuote(text[i+1]) {
		i++ // r"…", b'…', @"…"
	}
	if i < len(text) && isQuote(text[i]) {
		if i+2 < len(text) && text[i+1] == text[i] && text[i+2] == text[i] {
			i += 2
		}
		v, ok := upTo(text, i+1, text[i])
		v.quoted = true
		if ok && v.end > v.start && text[v.end-1] == '\\' {
			v.end--
		}
		return v, ok
	}
	end := i
	for end < len(text) && end-i < maxValue && !bareEnd(text, end) {
		end++
	}
	return value{start: i, end: end}, end > i
}

// bareEnd says whether a value without quotes ends before text[i].
func bareEnd(text []byte, i int) bool {
	switch c := text[i]; {
	case isSpace(c), isQuote(c), c == 0:
		return true
	case c == ',', c == ';', c == ')', c == '}', c == ']', c == '\\':
		return i+1 == len(text) || isSpace(text[i+1]) || isQuote(text[i+1]) || c == '\\' && text[i+1] == 'n'
	}
	return false
}

// upTo reads from i to the mark on the same line.
func upTo(text []byte, i int, mark byte) (value, bool) {
	for k := i; k < len(text) && k-i < maxValue; k++ {
		if text[k] == mark {
			return value{start: i, end: k}, k > i
		}
		if text[k] == '\n' {
			break
		}
	}
	return value{}, false
}

// credible says whether a value can be a real credential: no placeholder, no
// reference to something else, no word of a language, nor what everybody writes.
func credible(v []byte) bool {
	if len(v) < 4 || len(v) > maxValue || reference(v) || prose(v) || constant(v) {
		return false
	}
	bare := bytes.Trim(v, "-_.*!")
	if assign.Placeholder(v) || assign.Placeholder(bare) || slices.Contains(wordValues, strings.ToLower(string(bare))) {
		return false
	}
	low := strings.ToLower(string(v))
	return !slices.ContainsFunc(fakeParts, func(p string) bool { return strings.Contains(low, p) })
}

// reference says whether a value stands for another: a variable, a template, a
// call, a path of identifiers.
func reference(v []byte) bool {
	if bytes.IndexByte(v, '\n') >= 0 {
		return true
	}
	switch v[0] {
	case '$', '%', '@', '<', '{', '[', '&', '*', '#', '(', '!':
		if !mixed(v[1:]) || bytes.HasPrefix(v, []byte("${")) || bytes.HasPrefix(v, []byte("$(")) {
			return true
		}
	}
	for _, mark := range []string{"${", "{{", "#{", "$(", "%s", "%(", "{}", "<%", "%{", "ENC[", "vault:", "://"} {
		if bytes.Contains(v, []byte(mark)) {
			return true
		}
	}
	if v[0] == '<' && bytes.IndexByte(v, '>') > 0 || bytes.HasPrefix(v, []byte("__")) && bytes.HasSuffix(v, []byte("__")) {
		return true
	}
	return v[len(v)-1] == '}' && bytes.IndexByte(v, '{') >= 0 || v[0] == '%' && v[len(v)-1] == '%'
}

// code says whether a bare value is an expression: a call or a path of names.
func code(v []byte) bool {
	if last := v[len(v)-1]; last == '{' || last == '[' || bytes.IndexByte(v, '(') >= 0 || bytes.IndexByte(v, '[') > 0 {
		return true
	}
	name := all(v, func(c byte) bool { return isWord(c) || c == '.' || c == '-' })
	return name && (bytes.IndexByte(v, '.') > 0 || bytes.IndexByte(v, '_') > 0 || !mixed(v)) && !random(v)
}

// constant says whether a value is the name of a constant: words in capitals
// joined by underscores, perhaps of a package.
func constant(v []byte) bool {
	if i := bytes.LastIndexByte(v, '.'); i >= 0 {
		v = v[i+1:]
	}
	if len(v) <= 10 && bytes.HasSuffix(v, []byte("_PSK")) {
		return true // WPA2_PSK: the kind of a key
	}
	return bytes.Count(v, []byte("_")) > 1 && all(v, func(c byte) bool { return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' })
}

// prose says whether a value is a sentence: three words or more, most of them
// letters only.
func prose(v []byte) bool {
	words := bytes.Fields(v)
	plain := 0
	for _, w := range words {
		if all(bytes.TrimRight(w, ".,:;!?"), isAlpha) {
			plain++
		}
	}
	return len(words) >= 3 && plain*3 >= len(words)*2
}

// mixed says whether a value has two kinds of characters, as words rarely do.
func mixed(v []byte) bool {
	var digit, letter, other bool
	for _, c := range v {
		switch {
		case isDigit(c):
			digit = true
		case isAlpha(c):
			letter = true
		case c != '_' && c != '-' && c != '.':
			other = true
		}
	}
	return digit && letter || letter && other || digit && other
}

// random says whether a value looks drawn at random: long for what it says.
func random(v []byte) bool {
	return len(v) >= 16 && mixed(v) && bits(v) >= 3.2
}

// bits is the entropy of the bytes of v, in bits a byte.
func bits(v []byte) (sum float64) {
	var count [256]int
	for _, c := range v {
		count[c]++
	}
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(v))
			sum -= p * math.Log2(p)
		}
	}
	return sum
}

// wordValues are what people write where no secret is yet, beside those that are
// no value of anything (assign.Placeholder). As a password some of them are real.
var wordValues = []string{
	"passwd", "pass", "apikey", "api_key", "key", "value", "str", "text", "user", "username", "admin", "root", "test", "testing",
	"prompt", "ask", "env", "file", "base64", "omitted", "mypassword", "mysecret", "my_password", "my-secret", "hunter2",
	"postgres", "mysql", "mongo", "redis", "guest", "rabbitmq", "localhost", "minioadmin", "abc", "abcd", "abc123",
	"qwerty", "letmein", "pass123", "password123", "password1", "secret123", "test123", "testpass", "testpassword",
	"pw", "pwd", "passphrase", "opensesame", "open sesame", "my pass", "p@ssword", "pa/ssword", "pa?sword", "user:password", "username:password", "credential", "credentials", "bearer", "basic", "authorization", "unused",
}

// fakeParts never are in a password but by intent; in a random key some are by
// accident, which is why assign.Placeholder does without them.
var fakeParts = []string{
	"change this", "my_secret", "insert", "todo", "<your", "not_a_real", "fake", "put_your", "put-your",
	"not-a-secret", "insecure", "keyboard cat", "keyboardcat",
}

// decoded returns the bytes of a text in base64 of any alphabet, padded or not.
func decoded(s []byte) ([]byte, bool) {
	t := strings.TrimRight(string(s), "=")
	enc := base64.RawStdEncoding
	if strings.ContainsAny(t, "-_") {
		enc = base64.RawURLEncoding
	}
	out, err := enc.DecodeString(t)
	return out, err == nil && len(out) > 0
}

// printable says whether bytes are text of one line, in ASCII.
func printable(b []byte) bool {
	return len(b) > 0 && all(b, func(c byte) bool { return c >= ' ' && c <= '~' })
}
