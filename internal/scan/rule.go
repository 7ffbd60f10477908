package scan

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// A Rule describes one kind of secret. Exactly one of Pattern, Value and Detect
// is set: it says where, near one of the Keywords, the secret is.
type Rule struct {
	ID       string // stable, lower case, words joined by hyphens: github-pat
	Title    string // what it is, in a few words, lower case but for names
	Severity Severity
	Source   string // where the format is documented: the provider's own page

	// Keywords are what a text must hold for the rule to be tried: lower-case
	// ASCII of three bytes or more, found in any case. The rarer the better.
	Keywords []string

	// Pattern is a regular expression (RE2) of the secret, or with one group of
	// its surroundings, where the group is the secret. It is run on the text from
	// 256 bytes before a keyword, or the beginning of its line if that is nearer,
	// to Reach bytes behind the keyword's beginning; where these stretches overlap
	// they are one. What is only literals and repeated classes, with a keyword always
	// at the same place, is matched without the regexp package, to any length.
	Pattern string
	// Reach is how far behind a keyword Pattern may look, 512 if it is 0; 64 KiB
	// at most.
	Reach int

	// Value is a regular expression that a whole value must match: one assigned,
	// in any notation (see package assign), to a name that holds a keyword; or to
	// one that holds a word such as key, token or secret, at most 5 lines and 200
	// bytes behind a keyword.
	Value string

	// Detect finds what no pattern can tell. It gets the whole piece of content
	// (up to the engine's window, 1 MiB or more) and where in it a keyword is, and
	// answers with the secrets that belong to this keyword.
	Detect func(text []byte, at int) []Span
	// Alone says that there are no keywords: Detect gets each content that is not
	// encoded and no larger than 1 KiB, as a whole, at 0.
	Alone bool
	// Whole says that the secret may be further from the keyword than 256 bytes or
	// its line, so that a change of anything must make the engine look at this
	// keyword again. A Reach beyond 512 says the same. It costs: what holds such a
	// keyword is never passed over, so the keyword should be a rare one.
	Whole bool

	// Check validates a secret without asking anyone: a checksum, a structure. A
	// secret that it calls Invalid is none. The note says what it learnt, never
	// the secret: "AWS account 111122223333", "encrypted private key".
	Check func(secret []byte) (Validity, string)
	// Entropy is the least that the secret must have, in bits a byte; 0: no test.
	Entropy float64
	// Inside says that the secret may be a part of a longer word. By default the
	// bytes before and behind it must not be letters, digits or an underscore.
	Inside bool
	// Raw says that what looks like a placeholder (EXAMPLE, xxxx, 1234…) is a
	// finding all the same.
	Raw bool
	// Generic says that any other rule that finds the same bytes knows better.
	Generic bool

	// Path and NotPath are regular expressions: a finding counts only in paths
	// that match the one ("" for all) and do not match the other.
	Path, NotPath string

	// Samples for the test of all rules, beside those it makes itself from Pattern
	// and Value: {} stands for a generated secret, in Miss for one that is sound.
	Match, Miss []string
}

// Severity is how much harm a secret of this kind can do.
type Severity uint8

const (
	Low Severity = iota + 1
	Medium
	High
	Critical
)

var severities = [...]string{Low: "low", Medium: "medium", High: "high", Critical: "critical"}

func (s Severity) String() string {
	if s < Low || s > Critical {
		return fmt.Sprintf("severity(%d)", s)
	}
	return severities[s]
}

// Validity is what could be told of a secret offline.
type Validity uint8

const (
	Unverified Validity = iota // the shape is all there is to see
	Plausible                  // its structure holds
	Verified                   // its checksum holds
	Invalid                    // it cannot be one: no finding
)

var validities = [...]string{"unverified", "plausible", "verified", "invalid"}

func (v Validity) String() string {
	if int(v) >= len(validities) {
		return fmt.Sprintf("validity(%d)", v)
	}
	return validities[v]
}

// Span is where a secret is, in bytes: text[Start:End].
type Span struct {
	Start, End int
	Validity   Validity
	Note       string
}

// Match is one secret in one piece of content.
type Match struct {
	Rule *Rule
	// Where it is in the content as it is stored: lines and columns count from 1,
	// columns in bytes. Of a secret within something encoded, compressed or
	// archived it is where the outermost wrapping is.
	Offset             int64
	Line, Column       int
	EndLine, EndColumn int // the last byte
	Secret             []byte
	// Extent is all that the rule looked at to find it, Lines the lines on which it
	// is, cut off at 4 KiB to either side. Nil where they are not in the text as it
	// is stored, or too long to be kept.
	Extent, Lines []byte
	Validity      Validity
	Note          string
	// Via is how it was reached, from the outside in: "zip:conf/app.env",
	// "base64", "utf-16le". Empty for what is there in clear.
	Via []string
	// Allowed is the comment on its line that allows it, nil if there
	// is none.
	Allowed *Allowance
}

// Allowance is a comment that allows a secret on its line.
type Allowance struct {
	Reason string
	Tool   string // "envelope", or "gitleaks" for its own comment
}

// Applies tells whether a finding of this rule counts at a path, slash-separated
// and relative to the top.
func (r *Rule) Applies(path string) bool {
	return r.matches(r.Path, path, true) && !r.matches(r.NotPath, path, false)
}

func (r *Rule) matches(expr, path string, empty bool) bool {
	if expr == "" {
		return empty
	}
	re, ok := pathExprs.Load(expr)
	if !ok {
		re, _ = pathExprs.LoadOrStore(expr, regexp.MustCompile(expr))
	}
	return re.(*regexp.Regexp).MatchString(path)
}

// pathExprs are the path expressions in use; New made sure that they compile.
var pathExprs sync.Map

// Prefix is what the beginning of every secret of this rule is known to be, ""
// if they have nothing in common.
func (r *Rule) Prefix() string {
	expr := r.Pattern + r.Value
	if i := strings.IndexByte(expr, '('); i >= 0 && i+1 < len(expr) && expr[i+1] != '?' {
		expr = expr[i+1:]
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		expr = strings.TrimRight(expr, ")")
		if re, err = regexp.Compile(expr); err != nil {
			return ""
		}
	}
	prefix, _ := re.LiteralPrefix()
	return prefix
}
