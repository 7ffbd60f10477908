package rules

import (
	"slices"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// A setting is a rule for the value of some names, in any notation.
type setting struct {
	id, title string
	severity  scan.Severity
	source    string
	names     []string // lower case, each as the keyword for which it is tried
	space     bool     // also "name value", as files of words have it
	judge     func(v []byte) (scan.Validity, string)
	generic   bool
	sample    []string
}

// rule makes the rule of a setting.
func (s setting) rule() scan.Rule {
	judge := s.judge
	if judge == nil {
		judge = anySecret
	}
	return scan.Rule{
		ID: s.id, Title: s.title, Severity: s.severity, Source: s.source, Keywords: s.names, Match: s.sample, Generic: s.generic, Inside: true,
		Miss: []string{s.names[0] + "=${SECRET}\n", s.names[0] + ": <your-secret-here>\n", s.names[0] + " = changeme\n", "x = " + s.names[0] + " + {}\n"},
		Detect: func(text []byte, at int) []scan.Span {
			v, ok := s.find(text, at)
			if !ok || !credible(v.of(text)) || !v.quoted && code(v.of(text)) {
				return nil
			}
			validity, note := judge(v.of(text))
			if validity == scan.Invalid {
				return nil
			}
			return []scan.Span{{Start: v.start, End: v.end, Validity: validity, Note: note}}
		},
	}
}

// find reads the value of the name at a keyword.
func (s setting) find(text []byte, at int) (value, bool) {
	name := longest(text, at, s.names)
	end := at + len(name)
	if name == "" || end < len(text) && (isWord(text[end]) || text[end] == '-') {
		return value{}, false
	}
	v, ok := assigned(text, end)
	if !ok && s.space && end < len(text) && isBlank(text[end]) {
		return readValue(text, skip(text, end, isBlank))
	}
	return v, ok
}

func settingRules(list []setting) (out []scan.Rule) {
	for _, s := range list {
		out = append(out, s.rule())
	}
	return out
}

// anySecret takes any credible value.
func anySecret([]byte) (scan.Validity, string) { return scan.Unverified, "" }

// atLeast takes values of n bytes or more that look drawn at random.
func atLeast(n int) func([]byte) (scan.Validity, string) {
	return func(v []byte) (scan.Validity, string) {
		if len(v) < n || !random(v) {
			return scan.Invalid, ""
		}
		if plain, ok := decoded(v); ok && printable(plain) && prose(plain) {
			return scan.Invalid, ""
		}
		return scan.Unverified, ""
	}
}

// inHex takes hexadecimal values of one of the lengths.
func inHex(lengths ...int) func([]byte) (scan.Validity, string) {
	return func(v []byte) (scan.Validity, string) {
		if !slices.Contains(lengths, len(v)) || !all(v, isHex) || bits(v) < 2.8 {
			return scan.Invalid, ""
		}
		return scan.Plausible, ""
	}
}

// inBase64 takes values that decode to one of the lengths.
func inBase64(lengths ...int) func([]byte) (scan.Validity, string) {
	return func(v []byte) (scan.Validity, string) {
		if b, ok := decoded(v); !ok || !slices.Contains(lengths, len(b)) || bits(v) < 3 {
			return scan.Invalid, ""
		}
		return scan.Plausible, ""
	}
}
