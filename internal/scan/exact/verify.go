package exact

// compare tells whether a needle lies in a text around a place, written in one
// mode, and broken over lines or not.
type compare struct {
	needle
	text  []byte
	mode  mode
	limit int // the most units looked at

	steps int
	broke bool // a line break had to be skipped
}

// around compares units from unit i at text offset p to both sides.
func (c *compare) around(i, p int) (start, end int, ok bool) {
	if end, ok = c.forward(i, p); !ok {
		return 0, 0, false
	}
	if start, ok = c.backward(i, p); !ok {
		return 0, 0, false
	}
	return start, end, true
}

func (c *compare) forward(i, p int) (int, bool) {
	for n := min(c.units(), i+c.limit); i < n; {
		units, used := c.next(i, p)
		if units == 0 {
			p, units, used = c.overGap(i, p)
			if units == 0 {
				return 0, false
			}
			c.broke = true
		}
		i += units
		p += used
		c.steps++
	}
	return p, true
}

// overGap finds the line break at p behind which unit i goes on.
func (c *compare) overGap(i, p int) (at, units, used int) {
	for _, q := range gapsAt(c.text, p, c.mode) {
		if q <= p {
			continue
		}
		if units, used = c.next(i, q); units > 0 {
			return q, units, used
		}
	}
	return p, 0, 0
}

// next reads the units from i that are written at p, and in how many bytes.
func (c *compare) next(i, p int) (units, used int) {
	if p >= len(c.text) || i >= c.units() {
		return 0, 0
	}
	if c.mode == raw {
		if c.is(i, c.text[p]) {
			return 1, 1
		}
		return 0, 0
	}
	ch := c.mode.decode(c.text[p:])
	if c.mode == percent && ch.used == 1 && ch.bytes[0] == '+' && c.form == plain && c.is(i, ' ') {
		return 1, 1
	}
	if i+ch.n > c.units() || !c.all(i, ch) {
		return 0, 0
	}
	return ch.n, ch.used
}

func (c *compare) all(i int, ch char) bool {
	for j := range ch.n {
		if !c.is(i+j, ch.bytes[j]) {
			return false
		}
	}
	return ch.n > 0
}

func (c *compare) backward(i, p int) (int, bool) {
	for least := max(0, i-c.limit); i > least; {
		units, used := c.previous(i, p)
		if units == 0 {
			p, units, used = c.backOverGap(i, p)
			if units == 0 {
				return 0, false
			}
			c.broke = true
		}
		i -= units
		p -= used
		c.steps++
	}
	return p, true
}

func (c *compare) backOverGap(i, p int) (at, units, used int) {
	for _, q := range gapsBefore(c.text, p, c.mode) {
		if q < 0 || q >= p {
			continue
		}
		if units, used = c.previous(i, q); units > 0 {
			return q, units, used
		}
	}
	return p, 0, 0
}

// previous reads the units before i that end at p.
func (c *compare) previous(i, p int) (units, used int) {
	if i == 0 || p <= 0 {
		return 0, 0
	}
	if ch := c.mode.before(c.text, p); ch.used > 0 {
		if ch.n <= i && c.all(i-ch.n, ch) {
			return ch.n, ch.used
		}
		return 0, 0
	}
	b := c.text[p-1]
	if c.is(i-1, b) || c.mode == percent && b == '+' && c.form == plain && c.is(i-1, ' ') {
		return 1, 1
	}
	return 0, 0
}
