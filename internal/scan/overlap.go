package scan

import (
	"cmp"
	"slices"
)

// settle puts what was found in order and takes out what is found twice: of equal
// places the one that is known best stays, and a generic rule gives way to any
// other over the same bytes. What is taken out loses its rule.
func (s *Scanner) settle() {
	f := s.found
	slices.SortFunc(f, compare)
	for i := 1; i < len(f); i++ {
		if a, b := &f[i-1], &f[i]; a.start == b.start && a.end == b.end && a.run == b.run && a.inner == b.inner && len(a.secret) == len(b.secret) {
			*b = *a
			a.rule = nil
		}
	}
	s.again()
	// end is where the specific ones so far end, at most; from behind, start is where
	// the next one begins.
	end := -1
	for i := range f {
		c := &f[i]
		switch {
		case c.rule == nil:
		case !c.rule.Generic:
			end = max(end, c.end)
		case c.start < end:
			c.rule = nil
		}
	}
	start := -1
	for i := len(f) - 1; i >= 0; i-- {
		c := &f[i]
		switch {
		case c.rule == nil:
		case !c.rule.Generic:
			start = c.start
		case start >= 0 && start < c.end:
			c.rule = nil
		}
	}
}

// again takes out what was decoded if the same secret is there in clear, or was
// reached in a shorter way: a text may be a run of several encodings at once.
func (s *Scanner) again() {
	f := s.found
	var decoded []int
	for i := range f {
		if f[i].run > 0 && f[i].rule != nil {
			decoded = append(decoded, i)
		}
	}
	if decoded == nil {
		return
	}
	slices.SortStableFunc(decoded, func(a, b int) int { return len(f[a].via) - len(f[b].via) })
	type secret struct {
		rule *Rule
		text string
	}
	places := map[secret][]Span{}
	keep := func(i int) {
		c := &f[i]
		k := secret{c.rule, string(c.secret)}
		old := places[k]
		for _, p := range old[max(0, len(old)-8):] {
			if c.run > 0 && c.start < p.End && p.Start < c.end {
				c.rule = nil
				return
			}
		}
		places[k] = append(old, Span{Start: c.start, End: c.end})
	}
	for i := range f {
		if f[i].run == 0 && f[i].rule != nil {
			keep(i)
		}
	}
	for _, i := range decoded {
		keep(i)
	}
}

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
