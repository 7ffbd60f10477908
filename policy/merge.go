package policy

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// maxMerged bounds the edits of one merge: each reads the whole policy again.
const maxMerged = 200

// Merge joins what two branches did to a policy, where Git's own merge of the
// lines conflicts: recipients and rings that one of them added, rules that one
// of them appended, recipients that one of them took out, who stay out. The
// result is the text of one side with the other's changes; what both agree on
// keeps its layout.
//
// It is not ok, and a person has to decide, where the branches did anything else
// to the same policy, where both changed the same thing in different ways, and
// where the order of new rules would decide which of them a path falls under.
func Merge(base, ours, theirs []byte) (merged []byte, ok bool) {
	b, err := Parse(base, Path)
	if err != nil {
		return nil, false
	}
	o, err := Parse(ours, Path)
	if err != nil {
		return nil, false
	}
	t, err := Parse(theirs, Path)
	if err != nil {
		return nil, false
	}
	if !rulesJoin(b, o, t) {
		return nil, false
	}
	if merged, ok = apply(ours, b, o, t); ok {
		return merged, true
	}
	return apply(theirs, b, t, o) // perhaps only our changes can be made by program
}

// apply makes the changes from base to theirs in the text of ours.
func apply(text []byte, base, ours, theirs *Policy) ([]byte, bool) {
	d, ok := difference(base, theirs, ours)
	if !ok || len(d) > maxMerged {
		return nil, false
	}
	var err error
	for _, edit := range d {
		if text, err = edit(text); err != nil {
			return nil, false
		}
	}
	got, err := Parse(text, Path)
	return text, err == nil && isUnion(got, base, ours, theirs)
}

// An edit changes the text of a policy by program.
type edit func([]byte) ([]byte, error)

// difference lists the edits that lead from base to p: first what is added, for
// the last recipient of a ring can't go. It is not ok if other changes do, unless
// they are in other already.
func difference(base, p, other *Policy) (edits []edit, ok bool) {
	var removals []edit
	for _, was := range base.Rings {
		ring, stays := p.Ring(was.Name)
		if there, _ := other.Ring(was.Name); !stays || !sameTerms(ring, was) && !sameTerms(ring, there) {
			return nil, false
		}
		for _, r := range ring.Recipients {
			if old, had := find(was, r); !had {
				edits = append(edits, func(b []byte) ([]byte, error) { return AddRecipient(b, ring.Name, r) })
			} else if !maps.Equal(old.Options, r.Options) {
				return nil, false
			}
		}
		for _, r := range was.Recipients {
			if _, stays := find(ring, r); !stays {
				removals = append(removals, func(b []byte) ([]byte, error) { return removeOnce(b, ring.Name, r) })
			}
		}
	}
	for _, ring := range p.Rings {
		if _, had := base.Ring(ring.Name); !had {
			edits = append(edits, func(b []byte) ([]byte, error) { return addRingOnce(b, ring) })
		}
	}
	if !sameRules(p, other) {
		rules, ok := appended(base.Rules, p.Rules)
		if !ok {
			return nil, false
		}
		for _, r := range rules {
			edits = append(edits, func(b []byte) ([]byte, error) { return AddRule(b, r.Paths, r.Ring) })
		}
	}
	return append(edits, removals...), samePlain(p, base) || samePlain(p, other)
}

// sameTerms compares what rings say beside who may open them.
func sameTerms(a, b Ring) bool {
	return a.RotateEvery == b.RotateEvery && slices.Equal(a.Require, b.Require) && slices.Equal(a.Formerly, b.Formerly)
}

func sameRules(a, b *Policy) bool { return reflect.DeepEqual(a.Rules, b.Rules) }

// samePlain compares what policies say beside rings and rules.
func samePlain(a, b *Policy) bool {
	return a.Repository == b.Repository && a.DefaultRing == b.DefaultRing && slices.Equal(a.Forbid, b.Forbid) && reflect.DeepEqual(a.Scan, b.Scan)
}

// addRingOnce adds a ring unless the very same is there.
func addRingOnce(text []byte, ring Ring) ([]byte, error) {
	p, err := Parse(text, Path)
	if err != nil {
		return nil, err
	}
	if have, ok := p.Ring(ring.Name); ok && reflect.DeepEqual(have, ring) {
		return text, nil
	}
	if ring.RotateEvery != 0 || ring.Require != nil || ring.Formerly != nil {
		return nil, errByHand
	}
	return AddRing(text, ring.Name, ring.Recipients)
}

// removeOnce takes a recipient out unless it is gone.
func removeOnce(text []byte, ring string, r Recipient) ([]byte, error) {
	p, err := Parse(text, Path)
	if err != nil {
		return nil, err
	}
	if have, ok := p.Ring(ring); ok {
		if _, there := find(have, r); !there {
			return text, nil
		}
	}
	return RemoveRecipient(text, ring, r.Kind, r.URI)
}

// find is the recipient of a ring that names the same key.
func find(ring Ring, r Recipient) (Recipient, bool) {
	i := slices.IndexFunc(ring.Recipients, func(x Recipient) bool { return x.Kind == r.Kind && x.URI == r.URI })
	if i < 0 {
		return Recipient{}, false
	}
	return ring.Recipients[i], true
}

// appended are the rules that now has behind those of was, patterns that joined
// the last one among them. It is not ok if anything else differs.
func appended(was, now []Rule) (rules []Rule, ok bool) {
	if len(now) < len(was) {
		return nil, false
	}
	for i, r := range was {
		n := now[i]
		if n.Ring != r.Ring || len(n.Paths) < len(r.Paths) || !slices.Equal(n.Paths[:len(r.Paths)], r.Paths) {
			return nil, false
		}
		if more := n.Paths[len(r.Paths):]; len(more) > 0 {
			if i < len(was)-1 || slices.ContainsFunc(n.Paths, excludes) {
				return nil, false
			}
			rules = append(rules, Rule{more, r.Ring})
		}
	}
	return append(rules, now[len(was):]...), true
}

func excludes(pattern string) bool { return strings.HasPrefix(pattern, "!") }

// rulesJoin tells whether the rules of two sides may be joined: only one of them
// touched rules, or both appended some that keep out of each other's way. Where
// rules meet, the first one decides, and which one that is would be chance. Plain
// rules for one ring may meet.
func rulesJoin(base, ours, theirs *Policy) bool {
	if sameRules(ours, base) || sameRules(theirs, base) || sameRules(ours, theirs) {
		return true
	}
	a, ok := appended(base.Rules, ours.Rules)
	if !ok {
		return false
	}
	b, ok := appended(base.Rules, theirs.Rules)
	if !ok || len(a) > maxMerged || len(b) > maxMerged {
		return false
	}
	w := work{steps: maxTotalSteps, expanded: maxExpanded}
	for _, x := range a {
		for _, y := range b {
			plain := x.Ring == y.Ring && !slices.ContainsFunc(slices.Concat(x.Paths, y.Paths), excludes)
			if !plain && !reflect.DeepEqual(x, y) && w.rulesMeet(x, y) {
				return false
			}
		}
	}
	return true
}

// work is what comparing the rules of a merge may still cost.
type work struct{ steps, expanded int }

// rulesMeet tells whether a path may fall under both rules, or whether to find out
// costs too much.
func (w *work) rulesMeet(x, y Rule) bool {
	for _, a := range x.Paths {
		for _, b := range y.Paths {
			if w.steps--; w.steps <= 0 || !excludes(a) && !excludes(b) && w.patternsMeet(a, b) {
				return true
			}
		}
	}
	return false
}

func (w *work) patternsMeet(a, b string) bool {
	p, err := compile(a, &w.expanded)
	if err != nil {
		return true
	}
	q, err := compile(b, &w.expanded)
	if err != nil {
		return true
	}
	for i := range p.globs {
		for j := range q.globs {
			if met, ok := meet(&p.globs[i], &q.globs[j], &w.steps); !ok || w.steps <= 0 || len(met) > 0 {
				return true
			}
		}
	}
	return false
}

// isUnion holds the rings of a merged policy against what the two sides mean,
// whatever edits made it: what is new on either is in it, and of what both had
// before, what both still have.
func isUnion(got, base, ours, theirs *Policy) bool {
	names := func(p *Policy) map[string]bool {
		set := map[string]bool{}
		for _, r := range p.Rings {
			set[r.Name] = true
		}
		return set
	}
	if !maps.Equal(names(got), threeWay(names(base), names(ours), names(theirs))) {
		return false
	}
	for _, ring := range got.Rings {
		b, _ := base.Ring(ring.Name)
		o, _ := ours.Ring(ring.Name)
		t, _ := theirs.Ring(ring.Name)
		if !maps.Equal(named(ring), threeWay(named(b), named(o), named(t))) {
			return false
		}
	}
	return true
}

// named are the keys that a ring's recipients name.
func named(ring Ring) map[string]bool {
	set := map[string]bool{}
	for _, r := range ring.Recipients {
		set[r.Kind+":"+r.URI] = true
	}
	return set
}

// threeWay is the three-way merge of sets.
func threeWay(base, ours, theirs map[string]bool) map[string]bool {
	out := map[string]bool{}
	for _, side := range []map[string]bool{ours, theirs} {
		for x := range side {
			if !base[x] || ours[x] && theirs[x] {
				out[x] = true
			}
		}
	}
	return out
}
