package exact

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"
)

const (
	maxKey       = 256      // bytes of a key path that are kept
	maxDepth     = 200      // of nested keys, elements and lists
	maxStructure = 16 << 20 // what is longer is read line by line
	maxBinary    = 64 << 10 // of a file that is not text and is one value
	maxInside    = 3        // how deep values are read as files of their own
)

// Extract is a file's values: of YAML, JSON, XML and whatever has lines, by its
// name and by what it looks like. Of source code it takes private keys and string
// literals that look random. What cannot be parsed is read line by line, so
// that any plaintext has an answer. Each value is named "path: key.path[0]".
func Extract(path string, plaintext []byte) []Value {
	e := &extractor{path: path, seen: map[string]bool{}}
	e.file(plaintext)
	return e.values
}

type extractor struct {
	path   string
	values []Value
	seen   map[string]bool
	inside int
}

func (e *extractor) file(text []byte) {
	if bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text) {
		e.binary(text)
		return
	}
	if e.program() {
		e.literals(e.pem("", string(text)))
		return
	}
	if len(text) <= maxStructure && e.structured(text) {
		return
	}
	text = []byte(e.pem("", string(text)))
	if word := strings.TrimSpace(string(text)); !strings.ContainsAny(word, " \t\r\n=:") {
		e.value("", word)
		return
	}
	e.lines("", string(text))
}

// binary is a key file that is no text: the whole of it is the value.
func (e *extractor) binary(b []byte) {
	if len(b) >= 16 && len(b) <= maxBinary && distinct(b) >= 12 {
		e.keep("", b)
	}
}

// structured reads YAML, JSON or XML; false if the text is none of them. What was
// taken before a mistake is kept: reading its lines again adds what is behind it.
func (e *extractor) structured(text []byte) bool {
	start := bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\ufeff")), " \t\r\n")
	if len(start) == 0 {
		return true
	}
	switch ext := strings.ToLower(path.Ext(e.path)); {
	case start[0] == '<':
		return e.xml(start)
	case start[0] == '{' || start[0] == '[' && ext != ".ini" && ext != ".toml" && ext != ".cfg" && ext != ".conf":
		return e.json(start) || e.yaml(start)
	case ext == ".yaml" || ext == ".yml" || ext == ".sops" || bytes.HasPrefix(start, []byte("---\n")):
		return e.yaml(start)
	}
	return false
}

// value takes what stands under a key: one value, or a text that has some inside.
func (e *extractor) value(key, s string) {
	s = strings.TrimSpace(s)
	if len(s) < MinLength || len(e.values) >= MaxValues {
		return
	}
	switch {
	case strings.Contains(s, "-----BEGIN "):
		if rest := e.pem(key, s); rest != s {
			e.lines(key, rest)
		}
	case strings.ContainsRune(s, '\n'):
		e.within(key, s, e.lines)
	case e.url(key, s), e.assignments(key, s):
	case worthy(last(key), s):
		e.keep(key, []byte(s))
		e.encoded(key, s)
	default:
		e.encoded(key, s)
	}
}

// within reads a text inside a value.
func (e *extractor) within(key, s string, read func(key, s string)) {
	if e.inside < maxInside {
		e.inside++
		read(key, s)
		e.inside--
	}
}

// encoded takes what a value is the base64 of, as in a Kubernetes Secret.
func (e *extractor) encoded(key, s string) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err == nil && len(b) >= MinLength && utf8.Valid(b) && printable(b) {
		e.within(key, string(b), e.value)
	}
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// url takes the password out of a URL; true if s is a URL with one.
func (e *extractor) url(key, s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || len(scheme) > 64 || strings.ContainsAny(scheme, " \t\"'") {
		return false
	}
	end := strings.IndexAny(rest, "/?#")
	authority := rest
	if end >= 0 {
		authority = rest[:end]
	}
	at := strings.LastIndexByte(authority, '@')
	if at < 0 { // a password with a / that nobody escaped
		if at = strings.LastIndexByte(rest, '@'); at < 0 || !strings.Contains(rest[:at], ":") || strings.ContainsAny(rest[:at], "?# ") {
			return false
		}
		authority = rest
	}
	_, password, _ := strings.Cut(authority[:at], ":")
	if password == "" {
		return false
	}
	if plain, err := url.PathUnescape(password); err == nil {
		password = plain
	}
	if worthy("password", password) {
		e.keep(key, []byte(password))
	}
	return true
}

// pem takes the bodies of a text's PEM blocks but for those that are public, and
// answers with the rest of the text.
func (e *extractor) pem(key, s string) string {
	var rest strings.Builder
	for {
		i := strings.Index(s, "-----BEGIN ")
		if i < 0 {
			break
		}
		label, after, ok := strings.Cut(s[i+len("-----BEGIN "):], "-----")
		if !ok || len(label) > 80 {
			break
		}
		end := "-----END " + label + "-----"
		body, tail, ok := strings.Cut(after, end)
		if !ok {
			break
		}
		if strings.Contains(label, "PRIVATE") || !strings.Contains(label, "PUBLIC") && !strings.Contains(label, "CERTIFICATE") && !strings.Contains(label, "PARAMETERS") {
			if b := pemBody(body); len(b) >= 32 {
				e.keep(join(key, strings.ToLower(label)), b)
			}
		}
		rest.WriteString(s[:i])
		s = tail
	}
	return rest.String() + s
}

// pemBody is the base64 of a block, without its headers and line ends.
func pemBody(s string) (body []byte) {
	for line := range strings.FieldsFuncSeq(strings.NewReplacer(`\r`, "\n", `\n`, "\n").Replace(s), func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = strings.Trim(line, " \t\"'+,\\#")
		if strings.Contains(line, ":") || strings.HasPrefix(line, "=") {
			continue // a header, or the checksum of armour
		}
		for _, c := range []byte(line) {
			if sextets[c] < 64 || c == '=' {
				body = append(body, c)
			}
		}
	}
	return bytes.TrimRight(body, "=")
}

func (e *extractor) keep(key string, secret []byte) {
	secret = bytes.Clone(secret[:min(len(secret), MaxLength)])
	if len(e.values) >= MaxValues || e.seen[string(secret)] {
		return
	}
	e.seen[string(secret)] = true
	source := e.path
	if key != "" {
		source += ": " + speakable(key)
	}
	e.values = append(e.values, Value{source, secret})
}

// speakable is a key path to be printed. Some files are keyed by secrets, such as a
// table of tokens and their owners: a name that looks random is left out.
func speakable(key string) string {
	const short = 16
	parts := strings.FieldsFunc(key, func(r rune) bool { return strings.ContainsRune(".[]", r) })
	for _, part := range parts {
		if len(part) >= short && worthy("", part) {
			key = strings.ReplaceAll(key, part, "…")
		}
	}
	return key
}

// join is the key path of a key within another.
func join(key, name string) string {
	if key != "" && name != "" {
		key += "."
	}
	return bounded(key + name)
}

func index(key string, i int) string { return bounded(fmt.Sprintf("%s[%d]", key, i)) }

// bounded keeps the end of a key path that is too long.
func bounded(key string) string {
	if len(key) > maxKey {
		return "…" + strings.ToValidUTF8(key[len(key)-maxKey:], "")
	}
	return key
}

// last is the name at the end of a key path.
func last(key string) string {
	if i := strings.LastIndexByte(key, '['); i > 0 && strings.HasSuffix(key, "]") {
		key = key[:i]
	}
	return key[strings.LastIndexByte(key, '.')+1:]
}
