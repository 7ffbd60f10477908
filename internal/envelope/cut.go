package envelope

import "math/bits"

// window is the number of bytes the rolling hash covers: its word has 64 bits
// and each byte shifts it by one, so the 65th last byte is shifted out.
const window = 64

// narrowing makes cuts rarer before the usual size and commoner after it, by
// this many bits each, so that sizes gather around it. It belongs to suite 1.
const narrowing = 2

// cut says where the segment that starts at p ends. p is the rest of the
// plaintext or at least its next s.max() bytes. whole is true if the segment
// ends there because of its content or for its size, false if only because p
// does: then it is the last.
//
// The decision at a position looks at the 64 bytes before it and at the
// distance from the start of the segment, whose offset in the plaintext says
// which sizes are usual. So cuts fall into step again soon after an edit, and a
// reader can check a segment by itself.
func (g *gear) cut(p []byte, s Segmenting, offset uint64) (n int, whole bool) {
	if len(p) < s.min() {
		return len(p), false
	}
	p = p[:min(len(p), s.max())]
	usual := s.usual(offset)
	n = s.min()
	var h uint64
	for _, b := range p[n-window : n] {
		h = h<<1 + g[b]
	}
	for _, phase := range [2]struct {
		end  int
		bits int
	}{{1<<usual - 1, usual + narrowing}, {s.max(), usual - narrowing}} {
		limit := uint64(1) << (64 - phase.bits)
		for end := min(phase.end, len(p)); n <= end; n++ {
			if h < limit {
				return n, true
			}
			if n < len(p) {
				h = h<<1 + g[p[n]]
			}
		}
	}
	return len(p), len(p) == s.max()
}

// usual is the base-2 logarithm of the size a segment that starts at offset
// should have.
func (s Segmenting) usual(offset uint64) int {
	return min(max(bits.Len64(offset)-1-growth, int(s.LowLog)), int(s.HighLog))
}

// growth sets the offsets at which segments get larger: one starting at offset
// o should have o/32 bytes, rounded down to a power of two and within the bounds
// of the header. It belongs to suite 1.
const growth = 5
