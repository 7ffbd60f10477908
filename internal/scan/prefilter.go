package scan

import (
	"encoding/binary"
	"math"
	"slices"
	"sync"
)

// prefilter finds keywords, in any case, in raw bytes. It looks at every second
// position only: of each keyword it knows two neighbouring blocks of three bytes,
// one of which lies on an even place wherever the keyword stands. Of all pairs of
// blocks in a keyword it takes the rarest. Bytes are folded by setting bit 5,
// which is no more than a hint; a keyword is then compared exactly.
//
// The block is hashed by one multiplication into a bitmap of 16 KiB, which stays
// in the first-level cache. Of three blocks at a time almost none is there.
type prefilter struct {
	bits  [1 << (blockBits - 6)]uint64
	heads [1<<bucketBits + 1]uint32 // of each bucket in list
	list  []uint16                  // of blocks, ordered by bucket
	block []block
	// reach is how far behind the beginning of a keyword a block of it may be.
	reach int
}

const (
	blockBits  = 17
	bucketBits = 12
	foldAll    = 0x2020202020202020
	maxHits    = 512
)

// block is one place of a keyword at which it is recognized.
type block struct {
	// word is the first eight bytes of the keyword, in lower case; fold has bit 5 of
	// its letters, mask the bytes that it has.
	word, fold, mask uint64
	rest             string // behind the first eight
	keyword          uint16
	offset           uint8 // of the block in the keyword
}

// hit is a keyword in a text.
type hit struct {
	at      int
	keyword uint16
}

// hashBlock hashes the lower three bytes of x: the multiplier is a multiple of
// 256, so that the fourth doesn't count.
func hashBlock(x uint32) uint32 { return (x * (0x9e3779b1 << 8 & 0xffffffff)) >> (32 - blockBits) }

// newPrefilter makes one for lower-case keywords of three bytes or more.
func newPrefilter(keywords []string) *prefilter {
	f := &prefilter{}
	type entry struct{ hash, block uint16 }
	var entries []entry
	add := func(x uint32, b int) {
		h := hashBlock(x | foldAll&0xffffffff)
		f.bits[h>>6] |= 1 << (h & 63)
		entries = append(entries, entry{uint16(h >> (blockBits - bucketBits)), uint16(b)})
	}
	for i, k := range keywords {
		first, n := rarest(k), 2
		for o := first; o < first+n; o++ {
			f.block = append(f.block, newBlock(k, i, o))
			f.reach = max(f.reach, o)
			b := len(f.block) - 1
			x := uint32(k[o]) | uint32(k[o+1])<<8
			if o+2 < len(k) {
				add(x|uint32(k[o+2])<<16, b)
				continue
			}
			// Of a keyword of three bytes, the second block ends with any byte.
			for c := range uint32(256) {
				if c&0x20 != 0 {
					add(x|c<<16, b)
				}
			}
		}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return int(a.hash) - int(b.hash) })
	for i, e := range entries {
		if i > 0 && e == entries[i-1] {
			continue
		}
		f.list = append(f.list, e.block)
		f.heads[e.hash+1] = uint32(len(f.list))
	}
	for i := 1; i < len(f.heads); i++ {
		f.heads[i] = max(f.heads[i], f.heads[i-1])
	}
	return f
}

func newBlock(k string, keyword, offset int) block {
	b := block{keyword: uint16(keyword), offset: uint8(offset)}
	for i := range min(len(k), 8) {
		shift := 8 * i
		b.word |= uint64(k[i]) << shift
		b.mask |= 0xff << shift
		if isLower(k[i]) {
			b.fold |= 0x20 << shift
		}
	}
	if len(k) > 8 {
		b.rest = k[8:]
	}
	return b
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }

// common are bytes in the order of how often text has them, roughly.
const common = " etaonirslcdumpfghbyvwxk_.-/0123456789zqj"

// weights are how often a byte is there, as logarithms.
var weights = sync.OnceValue(func() *[256]float64 {
	w := new([256]float64)
	for c := range w {
		w[c] = -4
	}
	for i, c := range []byte(common) {
		w[c] = math.Log(1 / float64(i+2))
	}
	return w
})

// rarest is the offset of the rarest two neighbouring blocks, which are four bytes.
func rarest(k string) int {
	best, at, w := math.Inf(1), 0, weights()
	for o := 0; o+4 <= min(len(k), 250); o++ {
		weight := 0.0
		for _, c := range []byte(k[o : o+4]) {
			weight += w[c]
		}
		if weight < best {
			best, at = weight, o
		}
	}
	return at
}

// find appends keywords that begin in text[from:to] to hits, which is empty. It
// stops at some maxHits of them and returns where to go on, to when it is through.
// They are ordered by where they are.
func (f *prefilter) find(text []byte, from, to int, hits []hit) ([]hit, int) {
	p, end := from, min(to+f.reach+1, len(text)-1)
	for p < end {
		if p+8 > len(text) {
			hits = f.verify(text, p, from, to, hashBlock(load(text, p)|foldAll&0xffffffff), hits)
			p += 2
			continue
		}
		x := binary.LittleEndian.Uint64(text[p:]) | foldAll
		a, b, c := hashBlock(uint32(x)), hashBlock(uint32(x>>16)), hashBlock(uint32(x>>32))
		if (f.bits[a>>6]>>(a&63)|f.bits[b>>6]>>(b&63)|f.bits[c>>6]>>(c&63))&1 != 0 {
			hits = f.verify(text, p, from, to, a, hits)
			hits = f.verify(text, p+2, from, to, b, hits)
			hits = f.verify(text, p+4, from, to, c, hits)
			// What begins before p+6-reach is found; the rest is found again.
			if next := p + 6 - f.reach; len(hits) >= maxHits && next > from {
				return cut(hits, next), next
			}
		}
		p += 6
	}
	order(hits)
	return hits, to
}

// cut orders hits and drops those that begin at end or behind it.
func cut(hits []hit, end int) []hit {
	order(hits)
	n := len(hits)
	for n > 0 && hits[n-1].at >= end {
		n--
	}
	return hits[:n]
}

// order sorts what is almost in order.
func order(hits []hit) {
	for i := 1; i < len(hits); i++ {
		for j := i; j > 0 && hits[j].at < hits[j-1].at; j-- {
			hits[j], hits[j-1] = hits[j-1], hits[j]
		}
	}
}

// verify appends the keywords of which the block at p is one.
func (f *prefilter) verify(text []byte, p, from, to int, h uint32, hits []hit) []hit {
	if f.bits[h>>6]>>(h&63)&1 == 0 {
		return hits
	}
	bucket := h >> (blockBits - bucketBits)
	for _, i := range f.list[f.heads[bucket]:f.heads[bucket+1]] {
		b := &f.block[i]
		at := p - int(b.offset)
		if at < from || at >= to {
			continue
		}
		var x uint64
		if at+8 <= len(text) {
			x = binary.LittleEndian.Uint64(text[at:])
		} else {
			x = load8(text, at)
		}
		if ((x|b.fold)^b.word)&b.mask == 0 && (b.rest == "" || hasFold(text[min(at+8, len(text)):], b.rest)) {
			hits = append(hits, hit{at, b.keyword})
		}
	}
	return hits
}

// hasFold tells whether text begins with a lower-case word, in any case.
func hasFold(text []byte, word string) bool {
	if len(text) < len(word) {
		return false
	}
	for i := range len(word) {
		c := text[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// load and load8 read near the end of a text, zeros behind it.
func load(text []byte, p int) uint32 { return uint32(load8(text, p)) }

func load8(text []byte, p int) uint64 {
	var b [8]byte
	copy(b[:], text[p:])
	return binary.LittleEndian.Uint64(b[:])
}
