package exact

import (
	"bytes"
	"cmp"
	"slices"
)

// Bounds of the work. Where values share an anchor, as a family of passwords that
// differ in one letter may, each of the first maxShared is compared. The first
// freeUnits of a comparison are free; what goes on longer draws on a budget that
// grows with the text, and with it used up the first freeUnits are proof enough:
// they are far more than chance could make.
const (
	maxShared = 256
	freeUnits = 256
)

// finder is one search of one text.
type finder struct {
	*Matcher
	text   []byte
	hits   []hit
	last   map[uint32]hit // of each value
	budget int
	steps  int // units compared
}

type hit struct {
	start, end int
	value      uint32
	how        string
}

// Find calls found for each value in text, in order of offset: where it is, the
// value itself, where it is kept, and in which form it was found ("" as it is). Of values
// within each other the longest counts; each of its sources gets a call.
func (m *Matcher) Find(text []byte, found func(start, end int, value []byte, source, how string)) {
	f := m.search(text)
	if f == nil {
		return
	}
	end := 0
	for _, h := range f.hits {
		if h.end <= end {
			continue // within the one before
		}
		end = h.end
		k := m.known[h.value]
		for _, source := range m.sources[k.sources : k.sources+uint32(k.named)] {
			found(h.start, h.end, k.secret, source, h.how)
		}
	}
}

func (m *Matcher) search(text []byte) *finder {
	if m.Len() == 0 || len(text) < window {
		return nil
	}
	f := &finder{Matcher: m, text: text, budget: 8*len(text) + 1<<16}
	f.everywhere()
	f.overBreaks()
	f.overEscapes(backslash, '\\')
	f.overEscapes(percent, '%')
	f.overEscapes(entity, '&')
	for _, q := range m.quotes {
		f.overQuotes(q)
	}
	slices.SortFunc(f.hits, func(a, b hit) int {
		return cmp.Or(a.start-b.start, b.end-a.end, cmp.Compare(a.how, b.how), cmp.Compare(a.value, b.value))
	})
	return f
}

// everywhere looks at each window of the text as it is.
func (f *finder) everywhere() {
	filter, text := f.filter, f.text
	mask := uint64(len(filter) - 1)
	for i := 0; i+window <= len(text); i++ {
		h := hash(load(text[i : i+window : i+window]))
		bits := filter[h>>32&mask]
		if (bits>>(h>>20&63))&(bits>>(h>>26&63))&1 != 0 {
			f.look(uint32(h>>32), place{i, 0}, raw, modes-1)
		}
	}
}

// seam looks at a window that does not lie in the text in one piece.
func (f *finder) seam(w uint64, p place, first, last mode) {
	h := hash(w)
	bits := f.filter[h>>32&uint64(len(f.filter)-1)]
	if (bits>>(h>>20&63))&(bits>>(h>>26&63))&1 != 0 {
		f.look(uint32(h>>32), p, first, last)
	}
}

// overBreaks looks at the windows that a line break lies in, as if it did not.
func (f *finder) overBreaks() {
	t := f.text
	for nl := 0; ; nl++ {
		i := bytes.IndexByte(t[nl:], '\n')
		if i < 0 {
			return
		}
		nl += i
		begin, end := nl, blanks(t, nl+1)
		if begin > 0 && t[begin-1] == '\r' {
			begin--
		}
		if begin == 0 || t[begin-1] == '\n' || end == len(t) || t[end] == '\n' {
			continue // an empty line ends whatever there was
		}
		f.join(begin, end)
		if begin = blanksBefore(t, begin); begin == 0 {
			continue
		}
		if t[begin-1] == '\\' {
			f.join(begin-1, end)
		}
		if begin, end = f.quotesAround(begin, end); begin > 0 {
			f.join(begin, end)
		}
	}
}

// quotesAround widens a line break by the quotes and operators on both sides.
func (f *finder) quotesAround(begin, end int) (int, int) {
	t := f.text
	for least := max(0, begin-8); begin > least && operator(t[begin-1]); {
		begin = blanksBefore(t, begin-1)
	}
	if end < len(t) && operator(t[end]) {
		end = blanks(t, end+1)
	}
	if begin == 0 || end >= len(t) || !isQuote(t[begin-1]) || t[begin-1] != t[end] {
		return 0, 0
	}
	return begin - 1, end + 1
}

// join looks at the windows over text[begin:end], without it.
func (f *finder) join(begin, end int) {
	before, after := f.lastBefore(begin), f.firstFrom(end)
	for n := min(window-1, begin); n > 0; n-- { // bytes of the window that lie before
		f.seam(before>>(8*(window-n))|after<<(8*n), place{begin - n, 0}, raw, modes-1)
	}
}

func (f *finder) lastBefore(p int) uint64 {
	if p >= window {
		return load(f.text[p-window:])
	}
	var b [window]byte
	copy(b[window-p:], f.text[:p])
	return load(b[:])
}

func (f *finder) firstFrom(p int) uint64 {
	if p+window <= len(f.text) {
		return load(f.text[p:])
	}
	var b [window]byte
	copy(b[:], f.text[p:])
	return load(b[:])
}

// place is where in the text a window begins: with the byte that is number inside
// of what the escape at offset stands for.
type place struct{ offset, inside int }

// look compares the values whose anchor may be at p, in the modes from first to
// last until one fits.
func (f *finder) look(h uint32, p place, first, last mode) {
	group := f.at(h)
	for _, a := range group[:min(len(group), maxShared)] {
		if was, ok := f.last[a.value]; ok && p.offset >= was.start && p.offset < was.end {
			continue
		}
		for m := first; m <= last; m++ {
			if f.compare(a, p, m) {
				break
			}
		}
	}
}

func (f *finder) compare(a anchor, p place, m mode) bool {
	if p.inside > int(a.at) {
		return false
	}
	c := compare{needle: needle{f.known[a.value].secret, a.form}, text: f.text, mode: m, limit: MaxLength * 2}
	if f.budget <= 0 {
		c.limit = freeUnits
	}
	start, end, ok := c.around(int(a.at)-p.inside, p.offset)
	f.steps += c.steps
	f.budget -= max(0, c.steps-freeUnits)
	if !ok || !f.apart(c.needle, start, end) {
		return false
	}
	h := hit{start, end, a.value, c.how(start, end)}
	f.hits = append(f.hits, h)
	if f.last == nil {
		f.last = map[uint32]hit{}
	}
	f.last[a.value] = h
	return true
}

// how names the form of what was found in text[start:end].
func (c *compare) how(start, end int) string {
	switch c.form {
	case plain:
	case hexadecimal:
		return "hex"
	default:
		return "base64"
	}
	switch c.mode {
	case backslash:
		if onlyJSON(c.text[start:end]) {
			return "json-escaped"
		}
		return "shell-escaped"
	case quote:
		return "shell-escaped"
	case doubled:
		return "quotes doubled"
	case percent:
		return "percent"
	case entity:
		return "xml-escaped"
	}
	if c.broke {
		return "line-wrapped"
	}
	return ""
}

// onlyJSON says that a text has no escape that JSON does not know.
func onlyJSON(t []byte) bool {
	for len(t) > 0 {
		ch := backslash.decode(t)
		if ch.used > 1 && bytes.IndexByte([]byte(`"\/bfnrtu`), t[1]) < 0 {
			return false
		}
		t = t[ch.used:]
	}
	return true
}

// apart says that a short value of letters and digits is not a part of a longer
// word: from 16 bytes on chance has no say.
func (f *finder) apart(n needle, start, end int) bool {
	if n.form != plain || len(n.value) >= 16 || slices.ContainsFunc(n.value, func(c byte) bool { return !alnum(c) }) {
		return true
	}
	return !f.wordBefore(start) && !(end < len(f.text) && alnum(f.text[end]))
}

// wordBefore says that a letter or digit ends at p. The last letter of an escape,
// as in \n or %3D, is none.
func (f *finder) wordBefore(p int) bool {
	if p == 0 || !alnum(f.text[p-1]) {
		return false
	}
	for m := backslash; m <= percent; m++ {
		if ch := m.before(f.text, p); ch.used > 0 {
			return ch.n == 1 && alnum(ch.bytes[0])
		}
	}
	return true
}
