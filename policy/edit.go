package policy

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// The edits below change the text of a policy only where they must: comments,
// order and layout of everything else stay. What was written is then read again
// and must mean exactly what was intended, else nothing is returned but an error
// that asks for an edit by hand.

// New returns the text of a first policy with one ring. At least one recipient
// is needed for Parse to accept it.
func New(repository string, ring string, recipients []Recipient) []byte {
	var b bytes.Buffer
	b.WriteString(`# What git-envelope seals, and for whom. Reference: docs/policy.md of git-envelope.
# After editing run: git envelope sync
version: 1

# Random and public. It ties wrapped keys to this repository: never change it.
repository: ` + repository + `

# A ring is an audience. Any one of its recipients can open its files.
rings:
`)
	b.WriteString(ringText(ring, recipients, 2, "\n"))
	b.WriteString(`
# Rules say which paths are sealed for which ring; the first that matches decides.
#   - paths: ["env/prod/**", "!**/README.md"]
#     ring: ` + ring + `
# Add one with: git envelope seal 'env/prod/**'
`)
	return b.Bytes()
}

// ringText is the entry of one ring, indented by n.
func ringText(ring string, recipients []Recipient, n int, eol string) string {
	pad := strings.Repeat(" ", n)
	lines := []string{pad + scalar(ring) + ":", pad + "  recipients:"}
	for _, r := range recipients {
		for i, l := range recipientLines(r) {
			lead := "    - "
			if i > 0 {
				lead = "      "
			}
			lines = append(lines, pad+lead+l)
		}
	}
	return strings.Join(lines, eol) + eol
}

func recipientLines(r Recipient) []string {
	out := []string{r.Kind + ": " + scalar(r.URI)}
	for _, name := range slices.Sorted(maps.Keys(r.Options)) {
		out = append(out, name+": "+scalar(r.Options[name]))
	}
	return out
}

var plainScalar = lazily(`^[A-Za-z][A-Za-z0-9:/._=+@-]*( [A-Za-z0-9/._=+@-]+)*$`)

// scalar writes a string as YAML, quoted where in doubt.
func scalar(s string) string {
	var n yaml.Node
	if plainScalar().MatchString(s) && yaml.Unmarshal([]byte(s), &n) == nil && len(n.Content) == 1 && n.Content[0].Value == s && n.Content[0].Tag == "!!str" {
		return s
	}
	return quoted(s)
}

// quoted writes a string in double quotes.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r > 0xffff && !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func flowList(patterns []string) string {
	out := make([]string, len(patterns))
	for i, p := range patterns {
		out[i] = quoted(p)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// AddRule makes the policy seal patterns for ring. What an existing rule already
// seals for that ring is left alone; if nothing remains to do, data is returned
// as it is. New patterns go to the end, into the last rule if that is the ring's
// and excludes nothing, else into a rule of their own: so no file changes its
// ring by the way. Since the first rule that matches decides, a pattern that an
// earlier rule covers for another ring, or excludes, could take no effect: it is
// an error that names that rule.
func AddRule(data []byte, patterns []string, ring string) ([]byte, error) {
	e, err := newEditor(data)
	if err != nil {
		return nil, err
	}
	fresh, err := e.effective(patterns, ring)
	if err != nil {
		return nil, err
	}
	if len(fresh) == 0 {
		return data, nil
	}
	want := e.intent()
	if n := len(want.Rules); n > 0 && e.extends(&e.policy.matcher.rules[n-1], fresh, ring) {
		want.Rules[n-1].Paths = append(want.Rules[n-1].Paths, fresh...)
		paths := valueOf(last(valueOf(e.root, "rules").Content), "paths")
		return e.finish(want, e.appendItem(paths, e.scalarItems(fresh)))
	}
	want.Rules = append(want.Rules, Rule{fresh, ring})
	item := []string{"paths: " + flowList(fresh), "ring: " + scalar(ring)}
	if rules := valueOf(e.root, "rules"); rules != nil {
		return e.finish(want, e.appendItem(rules, [][]string{item}))
	}
	return e.finish(want, e.appendKey(e.root, []string{"rules:", "  - " + item[0], "    " + item[1]}))
}

// extends reports whether new patterns may simply join a rule.
func (e *editor) extends(l *list, patterns []string, ring string) bool {
	return l.ring == ring && len(l.negative) == 0 &&
		!slices.ContainsFunc(patterns, func(s string) bool { return strings.HasPrefix(s, "!") })
}

// effective returns the patterns that are not in force yet.
func (e *editor) effective(patterns []string, ring string) ([]string, error) {
	budget := maxExpanded
	var fresh []string
	positive := 0
	for _, source := range patterns {
		pat, err := compile(source, &budget)
		if err != nil {
			return nil, fmt.Errorf("impossible pattern %s: %w", show(source), err)
		}
		done := false
		if !pat.exclude {
			if done, err = e.inForce(&pat, ring); err != nil {
				return nil, err
			}
		}
		if !done && !slices.Contains(fresh, source) {
			fresh = append(fresh, source)
			if !pat.exclude {
				positive++
			}
		}
	}
	if positive == 0 && len(fresh) < len(patterns) {
		return nil, nil // every pattern to seal is in force; exclusions alone make no rule
	}
	return fresh, nil
}

// inForce reports whether a rule already decides all that pat matches.
func (e *editor) inForce(pat *pattern, ring string) (bool, error) {
	for i := range e.policy.matcher.rules {
		l := &e.policy.matcher.rules[i]
		for j := range l.positive {
			if !coversPattern(&l.positive[j], pat) {
				continue
			}
			where := fmt.Sprintf("rule %d (%s, line %d)", i+1, show(l.positive[j].source), l.positive[j].line)
			if l.ring != ring {
				return false, fmt.Errorf("%s is already sealed for ring %q by %s, and the first rule that matches decides: change that rule, or put a rule for ring %q above it by hand",
					show(pat.source), l.ring, where, ring)
			}
			for k := range l.negative {
				if coversPattern(&l.negative[k], pat) {
					return false, fmt.Errorf("%s is excluded by %s in %s: remove that exclusion first", show(pat.source), show(l.negative[k].source), where)
				}
			}
			return true, nil
		}
	}
	return false, nil
}

// coversPattern reports that wide matches all that narrow does.
func coversPattern(wide, narrow *pattern) bool {
	for i := range narrow.globs {
		if !slices.ContainsFunc(wide.globs, func(g glob) bool { return covers(&g, &narrow.globs[i]) }) {
			return false
		}
	}
	return true
}

// RemovePatterns takes patterns (exclusions with their !) out of the rules. A
// rule that would seal nothing any more goes too, with its exclusions. A pattern
// that no rule lists is an error, which names the rule that covers it if one does.
func RemovePatterns(data []byte, patterns []string) ([]byte, error) {
	e, err := newEditor(data)
	if err != nil {
		return nil, err
	}
	drop, err := e.locate(patterns)
	if err != nil {
		return nil, err
	}
	want := e.intent()
	want.Rules = nil
	var gone []span2
	rules := valueOf(e.root, "rules")
	for i, r := range e.policy.Rules {
		kept := e.keptPaths(i, r, drop)
		positive := slices.ContainsFunc(kept, func(s string) bool { return !strings.HasPrefix(s, "!") })
		switch {
		case !positive:
			gone = append(gone, span2{rules, i})
			continue
		case len(kept) < len(r.Paths):
			paths := valueOf(rules.Content[i], "paths")
			for j := range r.Paths {
				if drop[[2]int{i, j}] {
					gone = append(gone, span2{paths, j})
				}
			}
		}
		want.Rules = append(want.Rules, Rule{kept, r.Ring})
	}
	if len(want.Rules) == 0 {
		return e.finish(want, e.removeKey(e.root, "rules"))
	}
	return e.finish(want, e.removeItems(gone))
}

// keptPaths are the patterns of rule i that stay.
func (e *editor) keptPaths(i int, r Rule, drop map[[2]int]bool) []string {
	var kept []string
	for j, s := range r.Paths {
		if !drop[[2]int{i, j}] {
			kept = append(kept, s)
		}
	}
	return kept
}

// locate finds (rule, path) of each pattern, whatever its spelling.
func (e *editor) locate(patterns []string) (map[[2]int]bool, error) {
	budget := maxExpanded
	drop := map[[2]int]bool{}
	for _, source := range patterns {
		pat, err := compile(source, &budget)
		if err != nil {
			return nil, fmt.Errorf("impossible pattern %s: %w", show(source), err)
		}
		found := false
		for i, r := range e.policy.Rules {
			for j, s := range r.Paths {
				room := maxExpanded
				if other, err := compile(s, &room); err == nil && other.exclude == pat.exclude && other.canonical() == pat.canonical() {
					drop[[2]int{i, j}] = true
					found = true
				}
			}
		}
		if !found {
			return nil, e.notListed(&pat)
		}
	}
	return drop, nil
}

func (e *editor) notListed(pat *pattern) error {
	for i := range e.policy.matcher.rules {
		l := &e.policy.matcher.rules[i]
		for j := range l.positive {
			if !pat.exclude && coversPattern(&l.positive[j], pat) {
				return fmt.Errorf("no rule lists %s, but rule %d covers it with %s: add %s to that rule to exclude it",
					show(pat.source), i+1, show(l.positive[j].source), show("!"+pat.source))
			}
		}
	}
	return fmt.Errorf("no rule lists %s", show(pat.source))
}

// AddRecipient adds a recipient to a ring. One that is there already, with the
// same options, is left alone.
func AddRecipient(data []byte, ring string, r Recipient) ([]byte, error) {
	e, err := newEditor(data)
	if err != nil {
		return nil, err
	}
	want := e.intent()
	at, err := e.ringAt(ring)
	if err != nil {
		return nil, err
	}
	for _, old := range want.Rings[at].Recipients {
		if old.Kind == r.Kind && old.URI == r.URI {
			if maps.Equal(old.Options, r.Options) {
				return data, nil
			}
			return nil, fmt.Errorf("ring %q already has this recipient with other options: edit it by hand", ring)
		}
	}
	if len(r.Options) == 0 {
		r.Options = nil
	}
	want.Rings[at].Recipients = append(want.Rings[at].Recipients, r)
	list := valueOf(e.ringNode(at), "recipients")
	return e.finish(want, e.appendItem(list, [][]string{recipientLines(r)}))
}

// RemoveRecipient takes a recipient out of a ring. The last one cannot go, and
// neither can one without which a `require` is not met any more.
func RemoveRecipient(data []byte, ring, kind, uri string) ([]byte, error) {
	e, err := newEditor(data)
	if err != nil {
		return nil, err
	}
	want := e.intent()
	at, err := e.ringAt(ring)
	if err != nil {
		return nil, err
	}
	r := &want.Rings[at]
	i := slices.IndexFunc(r.Recipients, func(x Recipient) bool { return x.Kind == kind && x.URI == uri })
	switch {
	case i < 0:
		return nil, fmt.Errorf("ring %q has no such recipient", ring)
	case len(r.Recipients) == 1:
		return nil, fmt.Errorf("this is the last recipient of ring %q: nobody could open its files; add another one first", ring)
	}
	r.Recipients = slices.Delete(r.Recipients, i, i+1)
	left := func(x Recipient) bool { return x.Kind == kind }
	if slices.Contains(r.Require, kind) && !slices.ContainsFunc(r.Recipients, left) {
		return nil, fmt.Errorf("ring %q requires a recipient of kind %s, and this is the last: change `require` first", ring, kind)
	}
	list := valueOf(e.ringNode(at), "recipients")
	return e.finish(want, e.removeItems([]span2{{list, i}}))
}

// AddRing adds a ring with its recipients.
func AddRing(data []byte, ring string, recipients []Recipient) ([]byte, error) {
	e, err := newEditor(data)
	if err != nil {
		return nil, err
	}
	switch {
	case !ValidRingName(ring):
		return nil, fmt.Errorf("%s cannot name a ring: use at most 63 of a-z, 0-9, - and _, a letter or digit first", show(ring))
	case len(recipients) == 0:
		return nil, fmt.Errorf("ring %q needs a recipient, nobody could open its files", ring)
	}
	if _, ok := e.policy.Ring(ring); ok {
		return nil, fmt.Errorf("there is already a ring %q", ring)
	}
	want := e.intent()
	want.Rings = append(want.Rings, Ring{Name: ring, Recipients: cloneRecipients(recipients)})
	text := strings.TrimSuffix(ringText(ring, recipients, 0, "\n"), "\n")
	return e.finish(want, e.appendKey(valueOf(e.root, "rings"), strings.Split(text, "\n")))
}

// RemoveRing takes out a ring that no rule, nor default_ring, names any more.
func RemoveRing(data []byte, ring string) ([]byte, error) {
	e, err := newEditor(data)
	if err != nil {
		return nil, err
	}
	at, err := e.ringAt(ring)
	if err != nil {
		return nil, err
	}
	want := e.intent()
	for i, r := range want.Rules {
		if r.Ring == ring {
			return nil, fmt.Errorf("rule %d still seals paths for ring %q", i+1, ring)
		}
	}
	switch {
	case want.DefaultRing == ring:
		return nil, fmt.Errorf("ring %q is the default_ring", ring)
	case len(want.Rings) == 1:
		return nil, fmt.Errorf("ring %q is the only one", ring)
	}
	want.Rings = slices.Delete(want.Rings, at, at+1)
	return e.finish(want, e.removeKey(valueOf(e.root, "rings"), ring))
}

// RenameRing gives a ring another name, in the rules and as default_ring too, and
// notes the one it had.
func RenameRing(data []byte, ring, name string) ([]byte, error) {
	e, err := newEditor(data)
	if err != nil {
		return nil, err
	}
	at, err := e.ringAt(ring)
	if err != nil {
		return nil, err
	}
	if !ValidRingName(name) {
		return nil, fmt.Errorf("%s cannot name a ring: use at most 63 of a-z, 0-9, - and _, a letter or digit first", show(name))
	}
	if owner := e.policy.Today(name); owner != "" {
		return nil, fmt.Errorf("%q is a name of ring %q, now or formerly", name, owner)
	}
	want := e.intent()
	r := &want.Rings[at]
	r.Name, r.Formerly = name, append(r.Formerly, ring)
	changes := e.replaceScalar(valueOf(e.root, "rings").Content[2*at], name)
	for i := range want.Rules {
		if want.Rules[i].Ring == ring {
			want.Rules[i].Ring = name
			changes = append(changes, e.replaceScalar(valueOf(valueOf(e.root, "rules").Content[i], "ring"), name)...)
		}
	}
	if want.DefaultRing == ring {
		want.DefaultRing = name
		changes = append(changes, e.replaceScalar(valueOf(e.root, "default_ring"), name)...)
	}
	note := e.appendKey(e.ringNode(at), []string{"formerly: [" + scalar(ring) + "]"})
	if list := valueOf(e.ringNode(at), "formerly"); list != nil {
		note = e.appendItem(list, [][]string{{scalar(ring)}})
	}
	if note == nil {
		return nil, errByHand
	}
	return e.finish(want, append(changes, note...))
}

// cloneRecipients copies recipients as Parse would give them.
func cloneRecipients(in []Recipient) []Recipient {
	out := make([]Recipient, len(in))
	for i, r := range in {
		out[i] = Recipient{Kind: r.Kind, URI: r.URI}
		if len(r.Options) > 0 {
			out[i].Options = maps.Clone(r.Options)
		}
	}
	return out
}
