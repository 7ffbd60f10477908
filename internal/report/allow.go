package report

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
)

// Bounds of a file of allowances.
const (
	maxAllowBytes   = 1 << 20
	maxAllowLine    = 4096
	maxAllowEntries = 10_000
	// A glob tries each combination of its braces.
	maxBraces = 4
)

// Allow holds allowances, and which of them were used. A nil one allows nothing.
// It is for one goroutine.
//
// The file .envelope/allow has one a line, # begins a comment line:
//
//	<what> [until=YYYY-MM-DD] <reason…>
//
// where what is a fingerprint, rule:ID, path:GLOB, or both of the last. A glob is
// one of doublestar, and matches the whole path; a blank in it is written as ?.
// An allowance holds to the end of its last day, in UTC.
//
// How far it reaches: path: alone covers the secrets that rules found in files
// (verdict 3), rule: also what is wrong with protection (verdicts 1 and 2);
// integrity failures and copies of sealed values (verdict 4) are allowed by their
// fingerprint alone.
type Allow struct {
	entries       []entry
	byFingerprint map[string][]int
}

type entry struct {
	at          string // "file:line"
	line        int
	what        string // the line as it is written, without the reason
	fingerprint string
	rule, glob  string
	ignored     *ignored // of .gitleaksignore
	until       time.Time
	reason      string
	used        bool
}

// ParseAllow reads a file of allowances. Its errors name file and line.
func ParseAllow(name string, text []byte) (*Allow, error) {
	a := &Allow{}
	var errs []error
	err := eachLine(name, text, func(at string, n int, line string) {
		e, err := parseEntry(line)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", at, err))
			return
		}
		e.at, e.line, e.what = at, n, strings.TrimSuffix(line, e.reason)
		a.add(e)
	})
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	return a, nil
}

// eachLine hands out the lines that are neither empty nor comments.
func eachLine(name string, text []byte, do func(at string, n int, line string)) error {
	if len(text) > maxAllowBytes {
		return fmt.Errorf("%s: %d bytes are more than the %d of a list of allowances", show(name), len(text), maxAllowBytes)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	n, entries := 0, 0
	for raw := range bytes.Lines(text) {
		n++
		line := strings.TrimSpace(string(raw))
		at := fmt.Sprintf("%s:%d", show(name), n)
		if line == "" || line[0] == '#' {
			continue
		}
		if entries++; entries > maxAllowEntries {
			return fmt.Errorf("%s: more than %d allowances", at, maxAllowEntries)
		}
		if len(line) > maxAllowLine {
			return fmt.Errorf("%s: more than %d bytes in a line", at, maxAllowLine)
		}
		do(at, n, line)
	}
	return nil
}

var (
	ruleShape = lazy(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	// wordShape is how a misspelt word looks; an address in a reason looks else.
	wordShape = lazy(`^[A-Za-z_-]+[:=][^/\s]`)
)

func parseEntry(line string) (entry, error) {
	var e entry
	fields := strings.Fields(line)
	for len(fields) > 0 {
		word := fields[0]
		key, value := word, ""
		if i := strings.IndexAny(word, ":="); i >= 0 {
			key, value = word[:i+1], word[i+1:]
		}
		known, err := e.set(word, key, value)
		if err != nil {
			return entry{}, err
		}
		if !known {
			break
		}
		fields = fields[1:]
	}
	e.reason = strings.Join(fields, " ")
	return e, e.check(fields)
}

// set takes one word before the reason.
func (e *entry) set(word, key, value string) (known bool, err error) {
	switch {
	case key == "rule:":
		if e.rule != "" {
			return true, errors.New("two rules")
		}
		if !ruleShape().MatchString(value) {
			return true, fmt.Errorf("rule id %q is none", value)
		}
		e.rule = value
	case key == "path:":
		if e.glob != "" {
			return true, errors.New("two paths: write a line for each")
		}
		e.glob = value
		return true, checkGlob(value)
	case key == "until=":
		if !e.until.IsZero() {
			return true, errors.New("two dates")
		}
		day, err := time.Parse(time.DateOnly, value)
		if err != nil {
			return true, fmt.Errorf("date %q is not of the form YYYY-MM-DD", value)
		}
		e.until = day.AddDate(0, 0, 1)
	case strings.HasPrefix(word, "ge1-"):
		if !fingerprintShape().MatchString(word) {
			return true, fmt.Errorf("fingerprint %q is none", word)
		}
		if e.fingerprint != "" {
			return true, errors.New("two fingerprints: write a line for each")
		}
		e.fingerprint = word
	case wordShape().MatchString(word):
		return true, fmt.Errorf("unknown word %q: have rule:, path: and until=", word)
	default:
		return false, nil
	}
	return true, nil
}

func checkGlob(glob string) error {
	switch {
	case glob == "" || !doublestar.ValidatePattern(glob):
		return fmt.Errorf("path %q is no glob", glob)
	case strings.HasPrefix(glob, "/"):
		return fmt.Errorf("path %q begins with a slash: paths begin at the root of the repository", glob)
	case strings.Count(glob, "{") > maxBraces:
		return fmt.Errorf("path %q has more than %d braces", glob, maxBraces)
	}
	return nil
}

// probes are paths that nobody has: what matches one matches about anything.
var probes = []string{"q7zk", "q7zk.xv", "q7zk/w8", "q7zk/w8/v5.xv"}

func (e *entry) check(reason []string) error {
	switch {
	case e.fingerprint == "" && e.rule == "" && e.glob == "":
		return errors.New("begins with neither a fingerprint nor a rule: or path: word")
	case e.fingerprint != "" && (e.rule != "" || e.glob != ""):
		return errors.New("a fingerprint stands alone: it has the rule and the path in it")
	case e.rule == "" && e.glob != "" && slices.ContainsFunc(probes, func(p string) bool { return doublestar.MatchUnvalidated(e.glob, p) }):
		return fmt.Errorf("path %q covers about everything: name the rule as well", e.glob)
	case letters(strings.Join(reason, " ")) < 3:
		return errors.New("no reason: say why this is no leak")
	}
	return nil
}

func letters(s string) (n int) {
	for _, r := range s {
		if r != utf8.RuneError && unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

func (a *Allow) add(e entry) {
	if e.fingerprint != "" {
		if a.byFingerprint == nil {
			a.byFingerprint = map[string][]int{}
		}
		a.byFingerprint[e.fingerprint] = append(a.byFingerprint[e.fingerprint], len(a.entries))
	}
	a.entries = append(a.entries, e)
}

// Add adds the allowances of another file.
func (a *Allow) Add(b *Allow) {
	if b == nil {
		return
	}
	for _, e := range b.entries {
		a.add(e)
	}
}

// Match says whether a finding is allowed, and by what. If it is not, but an
// allowance that expired covers it, expired names that: "file:3, until 2026-01-31".
func (a *Allow) Match(f *Finding, now time.Time) (allowed Allowed, expired string, ok bool) {
	if a == nil {
		return Allowed{}, "", false
	}
	try := func(e *entry) bool {
		e.used = true
		if e.expired(now) {
			expired = e.at + ", until " + e.lastDay()
			return false
		}
		allowed = Allowed{Finding: *f, By: e.at, Reason: e.reason}
		return true
	}
	for _, i := range a.byFingerprint[f.Fingerprint] {
		if try(&a.entries[i]) {
			return allowed, "", true
		}
	}
	for i := range a.entries {
		if e := &a.entries[i]; e.fingerprint == "" && e.covers(f) && try(e) {
			return allowed, "", true
		}
	}
	return Allowed{}, expired, false
}

// covers tells whether an entry without a fingerprint is about a finding.
func (e *entry) covers(f *Finding) bool {
	switch {
	case f.Integrity || f.Verdict == 4:
		return false
	case e.ignored != nil:
		return e.ignored.covers(f)
	case e.rule == "" && f.Verdict != 3:
		return false
	case e.rule != "" && e.rule != f.Rule:
		return false
	}
	return e.glob == "" || f.inFile() && doublestar.MatchUnvalidated(e.glob, f.Path)
}

// Stale lists the allowances that no finding needed since they were read. That
// means something only if everything was scanned.
func (a *Allow) Stale() []string {
	if a == nil {
		return nil
	}
	var out []string
	for _, e := range a.entries {
		if !e.used {
			out = append(out, e.at+": allows nothing that is there")
		}
	}
	return out
}
