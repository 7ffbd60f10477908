// Package policy answers, for a path of a repository: must it be sealed, for
// which ring, and why. It reads .envelope/policy.yaml strictly, matches paths
// against its globs, translates the globs into a marked block of .gitattributes
// and edits the file's text without disturbing what it does not touch.
//
// It promises that Git and this package agree: for every path, RingOf reports a
// ring if and only if the block that Attributes returns makes Git answer
// filter=envelope (and -text, -ident, -working-tree-encoding); a glob for which
// that cannot be had is refused by name. The tests ask `git check-attr`.
//
// It is pure: it runs no program, opens no file and imports nothing of this
// module. Every limit is checked before memory is spent, so a policy from a
// stranger's repository costs a bounded amount of work. It does not know the
// index, attributes written by hand, or whether a recipient's key exists.
package policy

import (
	"slices"
	"time"
)

// Path is where a repository keeps its policy, relative to its top.
const Path = ".envelope/policy.yaml"

// Limits of a policy, all checked while reading it. They are far above what
// people write by hand and low enough that a hostile file stays cheap.
const (
	MaxSize         = 1 << 20 // bytes of the file
	MaxPatterns     = 10_000  // patterns in all rules and forbid together
	MaxPatternLen   = 4 << 10 // bytes of one pattern
	MaxAlternatives = 1_000   // what the braces of one pattern may expand to
	MaxWildcards    = 64      // *, **, ? and [...] in one alternative
	maxDepth        = 32      // nesting of the YAML
	maxFormerly     = 16      // names a ring had
	maxBraceDepth   = 8       // nesting of {…{…}…}
	maxExpanded     = 4 << 20 // bytes of all alternatives of all patterns
)

// Kinds of recipients a policy may name.
const (
	KindAWSKMS   = "aws-kms"
	KindAzureKey = "azure-key"
	KindAge      = "age"
)

// A Policy is what one policy file says. It comes from Parse and must not be
// changed afterwards; it is safe for concurrent use.
type Policy struct {
	Version     int
	Repository  string // random UUID, part of every encryption context
	Rings       []Ring // in the order of the file
	DefaultRing string // "" if the policy names none
	Rules       []Rule
	Forbid      []string // what may enter the repository only sealed
	Scan        *Scan    // nil if the policy does not say

	matcher *matcher // set by Parse
}

// A Ring is a named audience.
type Ring struct {
	Name        string
	Recipients  []Recipient   // at least one
	RotateEvery time.Duration // 0 if the policy does not say
	Require     []string      // kinds that must be among the recipients
	// Formerly are names the ring had. Keys of that time keep them, since a wrapped
	// key is bound to its ring's name; what they sealed is this ring's.
	Formerly []string
}

// Names are the ring's name and those it had.
func (r Ring) Names() []string { return append([]string{r.Name}, r.Formerly...) }

// A Recipient is a key that can open a ring.
type Recipient struct {
	Kind    string // KindAWSKMS, KindAzureKey or KindAge
	URI     string
	Options map[string]string // nil if there are none
}

// A Rule seals the paths that one of its patterns matches and none of its
// patterns with a leading ! does.
type Rule struct {
	Paths []string // as written, exclusions with their !
	Ring  string
}

// Ring returns the ring of that name.
func (p *Policy) Ring(name string) (Ring, bool) {
	for _, r := range p.Rings {
		if r.Name == name {
			return r, true
		}
	}
	return Ring{}, false
}

// Today is what a ring is called that was once, or is, called name; "" if there
// is none.
func (p *Policy) Today(name string) string {
	for _, r := range p.Rings {
		if r.Name == name || slices.Contains(r.Formerly, name) {
			return r.Name
		}
	}
	return ""
}

// Fallback is the ring for a path that Git gives to the filter although no rule
// covers it and no envelope-ring attribute names one: default_ring, else the
// only ring there is.
func (p *Policy) Fallback() (ring string, ok bool) {
	if p.DefaultRing != "" {
		return p.DefaultRing, true
	}
	if len(p.Rings) == 1 {
		return p.Rings[0].Name, true
	}
	return "", false
}

// ValidRingName reports whether s may name a ring: it becomes a folder, an
// attribute value and part of an encryption context, so it is kept plain.
func ValidRingName(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[0] == '_' {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}
