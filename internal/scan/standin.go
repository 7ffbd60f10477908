package scan

import (
	"bytes"

	"regexp"
)

type assignment struct{ Name, Value Span }

var assigned = regexp.MustCompile(`\A[\w.-]*["']?[ \t]*(?:=|:)[ \t]*["']?([^\s"']+)`)

func parse(text []byte, at int) (assignment, bool) {
	m := assigned.FindSubmatchIndex(text[at:min(at+512, len(text))])
	if m == nil {
		return assignment{}, false
	}
	return assignment{Span{Start: at, End: at + 1}, Span{Start: at + m[2], End: at + m[3]}}, true
}

func credential(name []byte) bool {
	low := bytes.ToLower(name)
	for _, k := range []string{"key", "token", "secret", "pass", "pwd"} {
		if bytes.Contains(low, []byte(k)) {
			return true
		}
	}
	return false
}

func placeholder(v []byte) bool { return bytes.Contains(v, []byte("EXAMPLE")) }
