package scan

import (
	"bytes"
	"strings"
	"testing"
)

// What stands alone in a content is found whatever was seen before, and nowhere
// but in a content as it is stored.
func TestAlone(t *testing.T) {
	e := engine(t, Options{Rules: []Rule{{ID: "alone", Title: "a", Severity: High, Alone: true, Detect: func(text []byte, _ int) []Span {
		if v := bytes.TrimSpace(text); bytes.HasPrefix(v, []byte("q7")) && bytes.IndexByte(v, '\n') < 0 {
			return []Span{{Start: 0, End: len(v)}}
		}
		return nil
	}}}})
	s := e.Scanner()
	wide := "\xff\xfe"
	for _, c := range "q7rw2zk9" {
		wide += string(c) + "\x00"
	}
	for _, tt := range []struct {
		name, text string
		want       int
	}{
		{"alone", "q7rw2zk9\n", 1}, {"again", "q7rw2zk9\n", 1}, {"with another line", "x\nq7rw2zk9\n", 0},
		{"large", "q7" + strings.Repeat("rw2zk9", maxAlone), 0}, {"at the end", strings.Repeat("x\n", window) + "q7rw2zk9", 0}, {"wide", wide, 0},
	} {
		if got := len(matches(t, s, tt.text)); got != tt.want {
			t.Errorf("%s: found %d, want %d", tt.name, got, tt.want)
		}
	}
	for _, r := range []Rule{
		{ID: "x", Alone: true, Keywords: []string{"abc"}, Detect: e.rules[0].Detect},
		{ID: "x", Alone: true, Value: "[0-9]{8}"},
		{ID: "x", Detect: e.rules[0].Detect},
	} {
		if _, err := New(Options{Rules: []Rule{r}}); err == nil {
			t.Errorf("a rule with alone %v and keywords %q is taken", r.Alone, r.Keywords)
		}
	}
}
