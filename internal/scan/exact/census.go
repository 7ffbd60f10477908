package exact

// A census counts, about, how many values have a window, so that each can be
// looked for by its rarest. It forgets nothing but mixes up: at worst an anchor is
// chosen that is less rare than another.
type census struct{ counts []uint16 }

// most is how many windows of a text are counted.
const most = 64

func newCensus() census { return census{make([]uint16, 1<<18)} }

func (c census) of(w uint64) *uint16 { return &c.counts[hash(w)>>(64-18)] }

func (c census) count(text []byte) {
	for i := range windows(text) {
		if n := c.of(load(text[i:])); *n < 1<<16-1 {
			*n++
		}
	}
}

// rarest is the offset of the window to look for: one that few values have, that
// nobody escapes, and of many kinds of bytes.
func (c census) rarest(text []byte) int {
	best, least := 0, 1<<62
	for i := range windows(text) {
		w := load(text[i:])
		if cost := int(*c.of(w))*256 + ordinary(w); cost < least {
			best, least = i, cost
		}
	}
	return best
}

// ordinary is how much a window is like what stands everywhere, or is written
// differently elsewhere.
func ordinary(w uint64) (cost int) {
	var kinds [4]int
	for last := byte(0); w != 0; w >>= 8 {
		b := byte(w)
		switch {
		case b >= '0' && b <= '9':
			kinds[0]++
		case b >= 'a' && b <= 'z':
			kinds[1]++
		case b >= 'A' && b <= 'Z':
			kinds[2]++
		default:
			cost += 8
		}
		if b == last {
			cost += 4
		}
		last = b
	}
	for _, n := range kinds[:3] {
		cost += max(0, n-3)
	}
	return cost
}

// windows are the offsets that are considered: all of a short text, of a long one
// so many that lie evenly.
func windows(text []byte) func(func(int) bool) {
	step := max(1, (len(text)-window)/most)
	return func(yield func(int) bool) {
		for i := 0; i+window <= len(text); i += step {
			if !yield(i) {
				return
			}
		}
	}
}
