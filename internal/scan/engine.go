// Package scan finds secrets in bytes, by rules and by known values. It runs no
// git, knows no path and asks no service: what it is given it judges alone.
//
// It is made for whole histories, which are successive versions of the same
// files, so it spends its time on three things, each cheap:
//
//   - What was seen before is not looked at again. A content is cut into chunks of
//     some 800 bytes that end where a hash of a line says so; a chunk that follows
//     the same bytes as before and held nothing is passed over (see memory). To
//     remember lines instead was dropped: a look-up that misses the cache costs as
//     much as to scan a line.
//   - What is new is searched for keywords (see prefilter). The rules of a keyword
//     run near it only: as a sequence of sets of bytes if their pattern is no more
//     than that, else as a regular expression, compiled when first needed.
//   - Encoded runs in what is new are decoded, archives opened, and what comes out
//     is searched likewise, to a depth.
//
// It promises that memory is bounded whatever it is given (contents beyond a
// window of 2 MiB are scanned in windows that overlap by 64 KiB), that work is
// linear in the bytes, and that what it could not look into is reported. A secret
// longer than the overlap is only found by a rule that needs no more of it.
package scan

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
)

// version of the engine: it changes with what the engine finds.
const version = 2

// Options make an engine.
type Options struct {
	Rules []Rule
	Exact Exact // known values to look for; nil: none
	// NoMemory scans every byte of every content, also what was seen before.
	NoMemory bool
	// Sound says that the patterns are known to be ones, so that each need be parsed
	// only when a keyword of it is met. Else New does it, and fails.
	Sound bool
}

// Exact finds known values (see package exact). It must be safe for concurrent use.
type Exact interface {
	// Find calls found for each value in text, plain or in one of the encodings it
	// knows: with the value as it is kept, source for where that is, and how for the
	// form in which it was found, "" for plain.
	Find(text []byte, found func(start, end int, value []byte, source, how string))
}

// SealedValue is the rule of what Exact finds; Match.Note is the source.
var SealedValue = &Rule{ID: "sealed-value", Title: "the value of a sealed file", Severity: Critical, Raw: true, Inside: true}

// Engine is a set of rules made ready. It is safe for concurrent use; what its
// scanners have seen to be clean they share.
type Engine struct {
	rules     []*rule
	byKeyword [][]*rule // of each keyword of filter
	alone     []*rule   // those without
	width     []int     // of each keyword
	filter    *prefilter
	exact     Exact
	memory    *memory // nil: none
	digest    func() string
	given     Options
}

// maxKeywords is what the prefilter can number.
const maxKeywords = 1 << 14

// New makes an engine. It fails on a rule that is none, and on no rules at all.
func New(o Options) (*Engine, error) {
	if len(o.Rules) == 0 && o.Exact == nil {
		return nil, errors.New("no rules")
	}
	e := &Engine{exact: o.Exact, given: o}
	numbers := map[string]int{}
	var keywords []string
	for i := range o.Rules {
		r, err := newRule(&o.Rules[i], i)
		if err == nil && !o.Sound {
			err = r.ready()
		}
		if err != nil {
			return nil, fmt.Errorf("rule %q: %w", o.Rules[i].ID, err)
		}
		e.rules = append(e.rules, r)
		if r.Alone {
			e.alone = append(e.alone, r)
		}
		for _, k := range r.Keywords {
			n, ok := numbers[k]
			if !ok {
				n = len(keywords)
				numbers[k] = n
				keywords = append(keywords, k)
				e.byKeyword = append(e.byKeyword, nil)
				e.width = append(e.width, len(k))
			}
			if !slices.Contains(e.byKeyword[n], r) {
				e.byKeyword[n] = append(e.byKeyword[n], r)
			}
		}
	}
	if len(keywords) > maxKeywords {
		return nil, fmt.Errorf("%d keywords: more than %d", len(keywords), maxKeywords)
	}
	e.filter = newPrefilter(keywords)
	if !o.NoMemory {
		e.memory = newMemory(memorySlots)
	}
	e.digest = sync.OnceValue(func() string { return digest(o) })
	return e, nil
}

// digest is over the engine's version and all that decides what is found. Of
// functions it knows only whether they are there: they change with the program.
func digest(o Options) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %t\n", version, o.Exact != nil)
	if x, ok := o.Exact.(interface{ Digest() string }); ok {
		fmt.Fprintf(h, "%q\n", x.Digest())
	}
	for _, r := range o.Rules {
		fmt.Fprintf(h, "%q %d %q %q %d %q %t %t %t %t %v %t %t %t %q %q\n", r.ID, r.Severity, r.Keywords, r.Pattern, r.Reach, r.Value,
			r.Detect != nil, r.Alone, r.Whole, r.Check != nil, r.Entropy, r.Inside, r.Raw, r.Generic, r.Path, r.NotPath)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Digest names the rules and the engine's version: results are comparable, and
// may be kept, under the same digest and version of the program only.
func (e *Engine) Digest() string { return e.digest() }

// Bounds of Rule.Reach, and how far before a keyword a pattern is tried.
const (
	defaultReach = 512
	maxReach     = 64 << 10
	before       = 256
)

// rule is a Rule made ready.
type rule struct {
	*Rule
	order int
	reach int
	// sequence is the pattern, or the value, if it is no more than one. A match of
	// the pattern has a keyword anchor bytes behind its beginning.
	sequence sequence
	anchor   int
	// far says that what is found may be far from the keyword.
	far   bool
	group int          // of the secret: 0 or 1
	ready func() error // makes sequence, anchor and group

	once   sync.Once
	regexp *regexp.Regexp
}

func newRule(given *Rule, order int) (*rule, error) {
	r := &rule{Rule: given, order: order, reach: given.Reach}
	if r.reach == 0 {
		r.reach = defaultReach
	}
	r.far = r.Whole || r.reach > defaultReach
	if err := r.check(); err != nil {
		return nil, err
	}
	r.ready = sync.OnceValue(r.parse)
	return r, nil
}

// parse looks at the pattern.
func (r *rule) parse() error {
	if r.Detect != nil {
		return nil
	}
	re, err := syntax.Parse(r.Pattern+r.Value, syntax.Perl)
	if err != nil {
		return err
	}
	r.group = min(re.MaxCap(), 1)
	s := compileSequence(re)
	if s != nil && r.Pattern != "" {
		var ok bool
		if r.anchor, ok = s.anchor(r.Keywords); !ok {
			s = nil
		}
	}
	r.sequence = s
	return nil
}

func (r *rule) check() error {
	set := 0
	for _, is := range []bool{r.Pattern != "", r.Value != "", r.Detect != nil} {
		if is {
			set++
		}
	}
	switch {
	case r.ID == "":
		return errors.New("no id")
	case set != 1:
		return errors.New("exactly one of Pattern, Value and Detect must be set")
	case r.Alone && (r.Detect == nil || len(r.Keywords) > 0):
		return errors.New("what stands alone is told by Detect and no keyword")
	case len(r.Keywords) == 0 && !r.Alone:
		return errors.New("no keywords")
	case r.reach < 0 || r.reach > maxReach:
		return fmt.Errorf("reach %d: not in 0..%d", r.reach, maxReach)
	}
	for _, k := range r.Keywords {
		if len(k) < 3 || strings.ContainsFunc(k, func(c rune) bool { return c >= 0x80 || c >= 'A' && c <= 'Z' }) {
			return fmt.Errorf("keyword %q: not three or more bytes of lower-case ASCII", k)
		}
	}
	return nil
}

// expression is the rule's regular expression, compiled when first needed. Of a
// value it matches the whole.
func (r *rule) expression() *regexp.Regexp {
	r.once.Do(func() {
		if r.Value != "" {
			r.regexp = regexp.MustCompile(`\A(?:` + r.Value + `)\z`)
		} else {
			r.regexp = regexp.MustCompile(r.Pattern)
		}
	})
	return r.regexp
}

// Fresh is the same engine without a memory: it finds again what it has found
// to be clean.
func (e *Engine) Fresh() *Engine {
	fresh := *e
	fresh.memory = nil
	return &fresh
}

// With is an engine of the same rules that looks for known values as well.
func (e *Engine) With(x Exact) *Engine {
	with := *e
	with.exact, with.given.Exact = x, x
	if e.memory != nil { // what was clean without them may not be with them
		with.memory = newMemory(memorySlots)
	}
	with.digest = sync.OnceValue(func() string { return digest(with.given) })
	return &with
}
