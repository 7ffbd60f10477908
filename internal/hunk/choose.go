package hunk

import "strings"

// Split gives the hunks that a hunk falls into where lines stay between its
// changes. Those lines then belong to both neighbours. A hunk that cannot be
// split gives itself.
func (h Hunk) Split() []Hunk {
	var parts []Hunk
	for rest := h; ; {
		kept := rest.between()
		if kept.Len == 0 {
			return append(parts, rest)
		}
		var first Hunk
		first, rest = rest.cut(kept)
		parts = append(parts, first)
	}
}

// between finds the first run of kept lines that has changes on both sides.
func (h Hunk) between() Span {
	changed, start := false, -1
	for i, l := range h.Lines {
		switch {
		case l.Op == Keep && changed && start < 0:
			start = i
		case l.Op != Keep && start >= 0:
			return Span{start, i - start}
		case l.Op != Keep:
			changed = true
		}
	}
	return Span{}
}

// cut divides a hunk at a run of its lines, which both parts keep.
func (h Hunk) cut(kept Span) (first, rest Hunk) {
	first = Hunk{Span{Start: h.Old.Start}, Span{Start: h.New.Start}, h.Lines[:kept.end():kept.end()]}
	for _, l := range first.Lines {
		if l.Op != Insert {
			first.Old.Len++
		}
		if l.Op != Delete {
			first.New.Len++
		}
	}
	old, new := first.Old.Len-kept.Len, first.New.Len-kept.Len
	rest = Hunk{Span{h.Old.Start + old, h.Old.Len - old}, Span{h.New.Start + new, h.New.Len - new}, h.Lines[kept.Start:]}
	return first, rest
}

// Apply makes the text that has the chosen hunks and is the old one elsewhere.
// They must come from Diff of that old text, split or not, in order, each part
// at most once.
func Apply(old []byte, chosen []Hunk) []byte {
	x := lines(string(old))
	var b strings.Builder
	at := 0 // lines of x that are written or left out
	for _, h := range chosen {
		at = h.apply(&b, x, at)
	}
	for _, l := range x[at:] {
		b.WriteString(l)
	}
	return []byte(b.String())
}

// apply writes the old text up to the end of a hunk, with its changes. Its first
// lines may be written already, since the part before it has them as well.
func (h Hunk) apply(b *strings.Builder, x []string, at int) int {
	copyTo := func(line int) {
		for ; at < line; at++ {
			b.WriteString(x[at])
		}
	}
	line := h.Old.Start
	for _, l := range h.Lines {
		switch l.Op {
		case Keep:
			line++
			copyTo(line)
		case Delete:
			copyTo(line)
			line++
			at = line
		case Insert:
			copyTo(line)
			b.WriteString(l.Text)
		}
	}
	return at
}
