package policy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error is a fault of a policy or attributes file, at its place.
type Error struct {
	File    string
	Line    int // from 1; 0 if the fault has no place
	Column  int // from 1, in characters; 0 if unknown
	Message string
}

// Error gives "file:line:column: message".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		b.WriteString(":" + strconv.Itoa(e.Line))
		if e.Column > 0 {
			b.WriteString(":" + strconv.Itoa(e.Column))
		}
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	return b.String()
}

// maxShown bounds what a message repeats of a file.
const maxShown = 80

// show quotes a name for a message, shortened.
func show(s string) string {
	if len(s) > maxShown {
		cut := maxShown
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		return strconv.Quote(s[:cut]) + "…"
	}
	return strconv.Quote(s)
}

// didYouMean names the candidate nearest to what was typed, or all of them when
// none is near.
func didYouMean(typed string, known []string) string {
	best, bestDistance := "", len(typed)/3+2
	for _, k := range known {
		if d := distance(strings.ToLower(typed), k, bestDistance); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q?", best)
	case len(known) == 0 || len(known) > 12:
		return ""
	default:
		return "known: " + strings.Join(known, ", ")
	}
}

// distance is the edit distance of a and b, or limit if it is not below it.
func distance(a, b string, limit int) int {
	if len(a) > 64 || len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return min(row[len(b)], limit)
}
