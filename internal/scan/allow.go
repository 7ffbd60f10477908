package scan

import "bytes"

// commentReach is how far from a secret, on its line, a comment is looked for.
const commentReach = 4 << 10

const (
	ownComment   = "envelope:allow"
	otherComment = "gitleaks:allow"
	needsReason  = "envelope:allow needs a reason"
)

// allowed looks for a comment that allows a secret on its line, or if it has
// several, on the line before. It gives the note back, with why one doesn't count.
func allowed(text []byte, c *candidate, note string) (*Allowance, string) {
	// A secret can't allow itself, but if it has several lines its first one is no
	// more than a header.
	start := lineStart(text, c.start)
	behind := text[c.end:lineEnd(text, c.end)]
	if i := bytes.IndexByte(text[c.start:c.end], '\n'); i >= 0 {
		start = lineStart(text, max(0, start-1))
		behind = text[c.start : c.start+i]
	}
	parts := [][]byte{text[start:c.start], behind}
	for _, part := range parts {
		if i := bytes.Index(part, []byte(ownComment)); i >= 0 {
			rest := part[i+len(ownComment):]
			if reason := reasonIn(rest); reason != "" {
				return &Allowance{Reason: reason, Tool: "envelope"}, note
			}
			if note != "" {
				note += "; "
			}
			return nil, note + needsReason
		}
		if bytes.Contains(part, []byte(otherComment)) {
			return &Allowance{Tool: "gitleaks"}, note
		}
	}
	return nil, note
}

func lineStart(text []byte, p int) int {
	limit := max(0, p-commentReach)
	return limit + bytes.LastIndexByte(text[limit:p], '\n') + 1
}

func lineEnd(text []byte, p int) int {
	limit := min(len(text), p+commentReach)
	if i := bytes.IndexByte(text[p:limit], '\n'); i >= 0 {
		return p + i
	}
	return limit
}

// reasonIn is the reason behind the word: what follows the marks, to the end of
// the line or the comment, if it has three letters.
func reasonIn(rest []byte) string {
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	if len(rest) > 0 && word(rest[0]) {
		return ""
	}
	for _, end := range []string{"*/", "-->", "#}", "%>"} {
		if i := bytes.Index(rest, []byte(end)); i >= 0 {
			rest = rest[:i]
		}
	}
	rest = bytes.Trim(rest, " \t\r:;,.-=()[]{}#/\"'")
	letters := 0
	for _, c := range rest {
		if word(c) && c != '_' && (c < '0' || c > '9') || c >= 0x80 {
			letters++
		}
	}
	if letters < 3 {
		return ""
	}
	return string(rest)
}
