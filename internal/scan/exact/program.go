package exact

import (
	"path"
	"strings"
)

// programs are the extensions of source code. Of that nearly every line looks
// like a setting, and other code has the same lines by right.
const programs = " .go .py .rb .js .mjs .cjs .ts .tsx .jsx .java .kt .kts .scala .groovy .c .h .cc .cpp .hpp .cs .m .mm .swift .rs .php .pl .pm .lua .ex .exs .erl .hs .clj .dart .r .jl .vue .svelte .s .asm .sql .proto .md .rst .adoc .html .htm .css .scss "

func (e *extractor) program() bool {
	ext := strings.ToLower(path.Ext(e.path))
	return ext != "" && strings.Contains(programs, " "+ext+" ")
}

// literals takes of source code the string literals that look drawn.
func (e *extractor) literals(text string) {
	for line := range strings.Lines(text) {
		for len(line) > 0 && len(e.values) < MaxValues {
			open := strings.IndexAny(line, "\"'`")
			if open < 0 {
				break
			}
			quote, rest := line[open], line[open+1:]
			end := strings.IndexByte(rest, quote)
			if end < 0 {
				break
			}
			if s := rest[:end]; drawn(s) && !public(s) {
				e.keep("", []byte(s))
			}
			line = rest[end+1:]
		}
	}
}

// drawn tells a literal that nobody wrote as a word of code: 16 bytes or more of
// letters in both cases, digits and little else, of 3.5 bits a byte.
func drawn(s string) bool {
	if len(s) < 16 || strings.ContainsAny(s, " \t(){}[]<>%\\$;,") {
		return false
	}
	var upper, lower, digit int
	for _, c := range []byte(s) {
		switch {
		case c >= '0' && c <= '9':
			digit++
		case c >= 'a' && c <= 'z':
			lower++
		case c >= 'A' && c <= 'Z':
			upper++
		case c < ' ' || c > '~':
			return false
		}
	}
	return upper > 1 && lower > 1 && digit > 1 && entropy([]byte(s)) >= 3.5
}
