package scan

import "github.com/git-envelope/git-envelope/internal/scan/assign"

// How far behind a keyword a value may be assigned to another name.
const (
	nearBytes = 200
	nearLines = 5
)

// value tries a rule on the value of the name that holds the keyword, and on
// those assigned to names of credentials near behind it.
func (s *Scanner) value(r *rule, st *state, text []byte, h hit, l layer) {
	if h.at < st.done {
		return
	}
	if a, ok := assign.Parse(text, h.at); ok && s.whole(r, st, text, h.at, a, l) {
		return
	}
	p, end := max(h.at+s.e.width[h.keyword], st.last), min(h.at+nearBytes, len(text))
	for lines := 0; p < end; p++ {
		if text[p] == '\n' {
			if lines++; lines > nearLines {
				break
			}
		}
		if !word(text[p]) || p > 0 && word(text[p-1]) {
			continue
		}
		s.work++
		name := nameEnd(text, p)
		if assign.Credential(text[p:name]) {
			if a, ok := assign.Parse(text, p); ok && s.whole(r, st, text, h.at, a, l) {
				break
			}
		}
		p = name - 1
	}
	st.last = max(st.last, p)
}

// nameEnd is where the name ends that begins at p.
func nameEnd(text []byte, p int) int {
	limit := min(p+maxName, len(text))
	for p < limit && (word(text[p]) || text[p] == '-' || text[p] == '.') {
		p++
	}
	return p
}

// whole keeps an assigned value that the rule matches from end to end.
func (s *Scanner) whole(r *rule, st *state, text []byte, at int, a assign.Assignment, l layer) bool {
	v := text[a.Value.Start:a.Value.End]
	if r.sequence != nil {
		if r.sequence.match(v, 0) != len(v) {
			return false
		}
	} else if s.work += len(v); !r.expression().Match(v) {
		return false
	}
	st.done = max(st.done, a.Value.End)
	s.judge(r, text, Span{Start: a.Value.Start, End: a.Value.End}, at, l)
	return true
}
