package exact

import "bytes"

// region is a stretch of text around escapes, decoded: bytes[i] is written at
// at[i]. carry of them are kept when it is full, so that no window is lost.
type region struct {
	bytes [512]byte
	at    [512]int
	n     int
	lines bool // it has line ends
}

const carry = 64

// overEscapes looks at the windows that escapes beginning with c lie in.
func (f *finder) overEscapes(m mode, c byte) {
	var r region
	for p := 0; ; {
		i := bytes.IndexByte(f.text[p:], c)
		if i < 0 {
			return
		}
		p += i
		if ch := m.decode(f.text[p:]); ch.used < 2 {
			p++
			continue
		}
		p = f.overRegion(m, p, &r)
	}
}

// overQuotes does the same for both ways to write quote q within quotes.
func (f *finder) overQuotes(q byte) {
	var r region
	var done [modes]int // up to where each mode has been read
	for p := 0; ; p++ {
		i := bytes.IndexByte(f.text[p:], q)
		if i < 0 || p+i+1 >= len(f.text) {
			return
		}
		p += i
		m := doubled
		switch next := f.text[p+1]; {
		case next == q:
		case next == '\\' || isQuote(next):
			m = quote
		default:
			continue
		}
		if p >= done[m] && m.decode(f.text[p:]).used > 1 {
			done[m] = f.overRegion(m, p, &r)
		}
	}
}

// overRegion decodes from a window before the escape at p until a window behind
// the last escape, and says where that is.
func (f *finder) overRegion(m mode, p int, r *region) int {
	r.n, r.lines = 0, false
	q := max(0, p-(window-1))
	for calm := 0; q < len(f.text) && calm < window-1; {
		ch := m.decode(f.text[q:])
		switch {
		case ch.used > 1:
			calm = 0
		case q >= p:
			calm++
		}
		if r.n+ch.n > len(r.bytes) {
			f.seams(m, r)
			r.keep(carry)
		}
		for i := range ch.n {
			r.add(ch.bytes[i], q)
		}
		q += ch.used
	}
	f.seams(m, r)
	return q
}

func (r *region) add(b byte, at int) {
	r.bytes[r.n], r.at[r.n] = b, at
	r.n++
	r.lines = r.lines || b == '\n' || b == '\r'
}

func (r *region) keep(n int) {
	copy(r.bytes[:], r.bytes[r.n-n:r.n])
	copy(r.at[:], r.at[r.n-n:r.n])
	r.n = n
}

// seams looks at a region's windows, and if it has line ends at those without
// them and the blanks behind them, too.
func (f *finder) seams(m mode, r *region) {
	f.windows(m, r)
	if !r.lines {
		return
	}
	var joined region
	indent := false
	for i, b := range r.bytes[:r.n] {
		if b == '\n' || b == '\r' {
			indent = true
		} else if !indent || !blank(b) {
			joined.add(b, r.at[i])
			indent = false
		}
	}
	f.windows(m, &joined)
}

func (f *finder) windows(m mode, r *region) {
	for i := 0; i+window <= r.n; i++ {
		p := place{offset: r.at[i]}
		for p.inside < i && r.at[i-p.inside-1] == p.offset {
			p.inside++
		}
		f.seam(load(r.bytes[i:]), p, m, m)
	}
}
