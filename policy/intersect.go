package policy

import "slices"

// Intersecting two globs exactly: an exclusion must take attributes from the
// paths of its own rule and from no other, so its line in .gitattributes is what
// both the rule's pattern and the exclusion match. For example env/** and
// **/README.md give env/**/README.md. The result is a union of globs; two levels
// of the same algorithm find it, components with ** and tokens with *.

// Bounds of intersections. Real exclusions give one or two globs in a few hundred
// steps; a step is one token looked at or copied.
const (
	maxMeet       = 64        // globs of one intersection
	maxMeetSteps  = 100_000   // of one intersection
	maxTotalSteps = 2_000_000 // of all in one policy
	maxPruneSize  = 500       // tokens, beyond which superfluous globs may stay
)

// meet returns globs that together match exactly what a and b both match; ok is
// false if there are too many of them. The work is taken from budget.
func meet(a, b *glob, budget *int) (globs []glob, ok bool) {
	*budget--
	if apart(a, b) {
		return nil, true
	}
	allowed := min(maxMeetSteps, *budget)
	m := &meeting{steps: allowed}
	met := m.comps(a.comps, b.comps, map[[2]int][][]component{})
	*budget -= allowed - max(m.steps, 0)
	if m.steps <= 0 {
		return nil, false
	}
	for _, comps := range met {
		globs = append(globs, finishGlob(comps))
	}
	return prune(globs), true
}

// apart is the quick no: the literal ends differ.
func apart(a, b *glob) bool {
	n := min(len(a.prefix), len(b.prefix))
	s := min(len(a.suffix), len(b.suffix))
	return a.prefix[:n] != b.prefix[:n] || a.suffix[len(a.suffix)-s:] != b.suffix[len(b.suffix)-s:]
}

// meeting counts the work; when steps runs out the result is worthless.
type meeting struct{ steps int }

// spend pays for one result of some size and reports whether to go on.
func (m *meeting) spend(size int) bool {
	m.steps -= 1 + size
	return m.steps > 0
}

// settle ends one step: too many results are the end of the whole meeting.
func settle[T any](m *meeting, out []T, key func(T) string) []T {
	if m.steps <= 0 {
		return nil
	}
	if out = distinct(out, key); len(out) > maxMeet {
		m.steps = 0
		return nil
	}
	return out
}

// comps intersects two component lists. The memo is keyed by what is left.
func (m *meeting) comps(a, b []component, memo map[[2]int][][]component) (out [][]component) {
	if len(a) == 0 && len(b) == 0 {
		return [][]component{nil}
	}
	key := [2]int{len(a), len(b)}
	if done, ok := memo[key]; ok {
		return done
	}
	if !m.spend(0) {
		return nil
	}
	aDeep, bDeep := len(a) > 0 && a[0].deep, len(b) > 0 && b[0].deep
	switch {
	case aDeep && bDeep: // whichever ends first
		rest := append(slices.Clone(m.comps(a[1:], b, memo)), m.comps(a, b[1:], memo)...)
		out = m.prepend(component{deep: true}, rest)
	case aDeep:
		out = slices.Clone(m.comps(a[1:], b, memo)) // ** ends here
		if len(b) > 0 {
			out = append(out, m.prepend(b[0], m.comps(a, b[1:], memo))...) // or takes one more
		}
	case bDeep:
		out = slices.Clone(m.comps(a, b[1:], memo))
		if len(a) > 0 {
			out = append(out, m.prepend(a[0], m.comps(a[1:], b, memo))...)
		}
	case len(a) > 0 && len(b) > 0:
		for _, c := range m.elems(a[0].elems, b[0].elems) {
			out = append(out, m.prepend(component{elems: c}, m.comps(a[1:], b[1:], memo))...)
		}
	}
	out = settle(m, out, func(l []component) string { return glob{comps: l}.String() })
	memo[key] = out
	return out
}

// distinct drops results that come out twice, before they multiply.
func distinct[T any](lists []T, key func(T) string) []T {
	if len(lists) < 2 {
		return lists
	}
	seen := make(map[string]bool, len(lists))
	return slices.DeleteFunc(lists, func(l T) bool {
		k := key(l)
		dup := seen[k]
		seen[k] = true
		return dup
	})
}

// prepend puts c before each list, folding **/** into **. It pays before it
// copies, so that running out of steps stops the copying too.
func (m *meeting) prepend(c component, lists [][]component) [][]component {
	out := make([][]component, 0, len(lists))
	for _, l := range lists {
		if !m.spend(len(l)) {
			return nil
		}
		if c.deep && len(l) > 0 && l[0].deep {
			out = append(out, l)
			continue
		}
		out = append(out, append([]component{c}, l...))
	}
	return out
}

// elems intersects two components.
func (m *meeting) elems(a, b []elem) [][]elem {
	if len(a) == 1 && a[0].kind == star {
		return [][]elem{b}
	}
	if len(b) == 1 && b[0].kind == star {
		return [][]elem{a}
	}
	if literalOnly(b) {
		a, b = b, a
	}
	if literalOnly(a) {
		if matchElems(b, a[0].text) {
			return [][]elem{a}
		}
		return nil
	}
	var out [][]elem
	for _, atoms := range m.atoms(atomize(a), atomize(b), map[[2]int][][]elem{}) {
		out = append(out, join(atoms))
	}
	return out
}

// literalOnly reports whether a component is one literal text.
func literalOnly(elems []elem) bool { return len(elems) == 1 && elems[0].kind == literal }

// atoms intersects two lists of star and class (one symbol each).
func (m *meeting) atoms(a, b []elem, memo map[[2]int][][]elem) (out [][]elem) {
	if len(a) == 0 && len(b) == 0 {
		return [][]elem{nil}
	}
	key := [2]int{len(a), len(b)}
	if done, ok := memo[key]; ok {
		return done
	}
	if !m.spend(0) {
		return nil
	}
	aStar, bStar := len(a) > 0 && a[0].kind == star, len(b) > 0 && b[0].kind == star
	switch {
	case aStar && bStar:
		rest := append(slices.Clone(m.atoms(a[1:], b, memo)), m.atoms(a, b[1:], memo)...)
		out = m.lead(elem{kind: star}, rest)
	case aStar:
		out = slices.Clone(m.atoms(a[1:], b, memo))
		if len(b) > 0 {
			out = append(out, m.lead(b[0], m.atoms(a, b[1:], memo))...)
		}
	case bStar:
		out = slices.Clone(m.atoms(a, b[1:], memo))
		if len(a) > 0 {
			out = append(out, m.lead(a[0], m.atoms(a[1:], b, memo))...)
		}
	case len(a) > 0 && len(b) > 0:
		if both := a[0].set.intersect(b[0].set); len(both) > 0 {
			out = m.lead(elem{kind: class, set: both}, m.atoms(a[1:], b[1:], memo))
		}
	}
	out = settle(m, out, func(l []elem) string { return glob{comps: []component{{elems: l}}}.String() })
	memo[key] = out
	return out
}

// lead puts e before each list, folding ** into * within a component.
func (m *meeting) lead(e elem, lists [][]elem) [][]elem {
	out := make([][]elem, 0, len(lists))
	for _, l := range lists {
		if !m.spend(len(l)) {
			return nil
		}
		if e.kind == star && len(l) > 0 && l[0].kind == star {
			out = append(out, l)
			continue
		}
		out = append(out, append([]elem{e}, l...))
	}
	return out
}

// atomize breaks literals into single symbols.
func atomize(elems []elem) []elem {
	var out []elem
	for _, e := range elems {
		if e.kind != literal {
			out = append(out, e)
			continue
		}
		for _, r := range e.text {
			out = append(out, elem{kind: class, set: single(r)})
		}
	}
	return out
}

// join makes literals of single symbols again.
func join(atoms []elem) []elem {
	var out []elem
	for _, e := range atoms {
		r, one := e.set.only()
		if !one {
			out = append(out, e)
			continue
		}
		if n := len(out); n > 0 && out[n-1].kind == literal {
			out[n-1].text += string(r)
			continue
		}
		out = append(out, elem{kind: literal, text: string(r)})
	}
	return out
}

// prune drops globs that another one covers.
func prune(globs []glob) []glob {
	size := 0
	for _, g := range globs {
		size += len(g.String())
	}
	if len(globs) < 2 || size > maxPruneSize {
		return globs
	}
	var out []glob
	for i := range globs {
		covered := false
		for j := range globs {
			if i != j && covers(&globs[j], &globs[i]) && (j < i || !covers(&globs[i], &globs[j])) {
				covered = true
				break
			}
		}
		if !covered {
			out = append(out, globs[i])
		}
	}
	return out
}

// covers reports that wide matches all that narrow matches. A yes is certain; a
// no may be wrong for odd spellings (*? against ?*).
func covers(wide, narrow *glob) bool {
	return absorb(len(wide.comps), len(narrow.comps),
		func(i int) bool { return wide.comps[i].deep },
		func(j int) bool { return narrow.comps[j].deep },
		func(i, j int) bool { return coversElems(wide.comps[i].elems, narrow.comps[j].elems) })
}

func coversElems(wide, narrow []elem) bool {
	w, n := atomize(wide), atomize(narrow)
	if len(w) == 1 && w[0].kind == star {
		return true
	}
	return absorb(len(w), len(n),
		func(i int) bool { return w[i].kind == star },
		func(j int) bool { return n[j].kind == star },
		func(i, j int) bool { return w[i].set.covers(n[j].set) })
}

// absorb matches one wildcard sequence against another, of which the wildcards
// are symbols that only a wildcard takes.
func absorb(wide, narrow int, wideAny, narrowAny func(int) bool, one func(i, j int) bool) bool {
	reach := make([]bool, wide+1) // reach[i]: wide[:i] absorbs the part of narrow seen so far
	reach[0] = true
	for i := 0; i < wide && wideAny(i); i++ {
		reach[i+1] = true
	}
	for j := 0; j < narrow; j++ {
		next := make([]bool, wide+1)
		for i := 0; i < wide; i++ {
			if reach[i] && wideAny(i) {
				next[i] = true
			}
			if reach[i] && !wideAny(i) && !narrowAny(j) && one(i, j) {
				next[i+1] = true
			}
		}
		for i := 0; i < wide; i++ {
			if next[i] && wideAny(i) {
				next[i+1] = true
			}
		}
		reach = next
	}
	return reach[wide]
}
