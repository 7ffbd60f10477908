package scan

import (
	"bytes"
	"regexp"
	"slices"
)

// plainMatch is what the oracle finds.
type plainMatch struct {
	rule       string
	start, end int
}

// plain finds the secrets of rules with a Pattern as rule.go says, slowly and with
// nothing but package regexp.
func plain(rules []Rule, text []byte) (out []plainMatch) {
	var low []byte
	for _, c := range text {
		low = append(low, lower(c))
	}
	for i := range rules {
		r := &rules[i]
		re := regexp.MustCompile(r.Pattern)
		near := make([]bool, len(text)+1)
		for at := range text {
			if !slices.ContainsFunc(r.Keywords, func(k string) bool { return bytes.HasPrefix(low[at:], []byte(k)) }) {
				continue
			}
			start := max(0, at-before)
			start += bytes.LastIndexByte(text[start:at], '\n') + 1
			for p := start; p < min(len(text), at+defaultReach); p++ {
				near[p] = true
			}
		}
		for from := 0; from < len(text); from++ {
			if !near[from] {
				continue
			}
			to := from
			for near[to] {
				to++
			}
			for _, m := range re.FindAllSubmatchIndex(text[from:to], -1) {
				g := min(len(m)/2-1, 1)
				s, e := from+m[2*g], from+m[2*g+1]
				if m[2*g] < 0 || s == e || s > 0 && word(text[s-1]) || e < len(text) && word(text[e]) {
					continue
				}
				if !slices.ContainsFunc(out, func(o plainMatch) bool { return o.start == s && o.end == e }) {
					out = append(out, plainMatch{r.ID, s, e})
				}
			}
			from = to
		}
	}
	slices.SortFunc(out, func(a, b plainMatch) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return a.end - b.end
	})
	return out
}
