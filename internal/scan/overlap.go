package scan

import (
	"cmp"
	"slices"
)

// settle puts what was found in order and takes out what is found twice: of equal
// places the one that is known best stays, and a generic rule gives way to any
// other over the same bytes. What is taken out loses its rule.
//
// A rule that counts in some paths only takes nothing out: paths are not known
// here. Whoever knows them asks check.At.
func (s *Scanner) settle() {
	f := s.found
	slices.SortFunc(f, compare)
	best := 0
	for i := 1; i < len(f); i++ {
		a, b := &f[best], &f[i]
		if !a.same(b) {
			best = i
			continue
		}
		switch {
		case a.rule == b.rule || a.rule.everywhere():
			b.rule = nil
		case b.rule.everywhere() && !b.rule.Generic:
			best = i // the ones before it count in some paths, and it in all
		}
	}
	// end is where the specific ones so far end, at most; from behind, start is where
	// the next one begins.
	end := -1
	for i := range f {
		c := &f[i]
		switch {
		case c.rule == nil:
		case !c.rule.Generic && c.rule.everywhere():
			end = max(end, c.end)
		case c.rule.Generic && c.start < end:
			c.rule = nil
		}
	}
	start := -1
	for i := len(f) - 1; i >= 0; i-- {
		c := &f[i]
		switch {
		case c.rule == nil:
		case !c.rule.Generic && c.rule.everywhere():
			start = c.start
		case c.rule.Generic && start >= 0 && start < c.end:
			c.rule = nil
		}
	}
}

// same tells whether two are the same bytes of the content.
func (c *candidate) same(o *candidate) bool {
	return c.start == o.start && c.end == o.end && c.run == o.run && c.inner == o.inner && len(c.secret) == len(o.secret)
}

// everywhere tells whether a rule counts in all paths.
func (r *Rule) everywhere() bool { return r.Path == "" && r.NotPath == "" }

// compare orders by place, then the best first.
func compare(a, b candidate) int {
	return cmp.Or(
		cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.run, b.run), cmp.Compare(a.inner, b.inner),
		cmp.Compare(len(a.secret), len(b.secret)),
		known(b)-known(a), int(b.rule.Severity)-int(a.rule.Severity), cmp.Compare(a.order, b.order))
}

// known ranks what is a sealed value for certain first, a specific rule above a
// generic one, then by what was verified.
func known(c candidate) int {
	n := int(c.validity)
	if !c.rule.Generic {
		n += 16
	}
	if c.rule == SealedValue {
		n += 32
	}
	return n
}
