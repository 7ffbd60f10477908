package check

import (
	"cmp"
	"slices"
)

// At are the hits of one content that count where it has this path: of rules
// that apply there, and of several over the same bytes the one that knows best.
func At(path string, hits []Hit) []Hit {
	var here []Hit
	for _, h := range hits {
		if h.Rule.Applies(path) {
			here = append(here, h)
		}
	}
	slices.SortStableFunc(here, func(a, b Hit) int {
		return cmp.Or(a.start().compare(b.start()), cmp.Compare(b.rank(), a.rank()))
	})
	var out []Hit
	var end position // of the last one that is in
	for _, h := range here {
		if len(out) == 0 || end.compare(h.start()) < 0 {
			out, end = append(out, h), h.end()
			continue
		}
		last := &out[len(out)-1]
		switch {
		case !h.Rule.Generic && !last.Rule.Generic && !last.covers(h):
			out = append(out, h) // each is a secret of its own
		case h.rank() > last.rank():
			*last = h
		}
		if e := h.end(); e.compare(end) > 0 {
			end = e
		}
	}
	return out
}

type position struct{ line, column int }

func (p position) compare(o position) int {
	return cmp.Or(cmp.Compare(p.line, o.line), cmp.Compare(p.column, o.column))
}

func (h Hit) start() position { return position{h.Line, h.Column} }
func (h Hit) end() position   { return position{h.EndLine, h.EndColumn} }

// covers tells whether two hits are of the very same bytes.
func (h Hit) covers(o Hit) bool { return h.Secret == o.Secret }

// rank is how much is known of a hit.
func (h Hit) rank() int {
	n := int(h.Validity)*8 + int(h.Rule.Severity)
	if !h.Rule.Generic {
		n += 100
	}
	if h.Sealed() {
		n += 1000
	}
	return n
}
