package scan

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"sync"
)

// prefilter finds keywords, in any case, in raw bytes. It looks at every second
// position only: of each keyword it knows two neighbouring blocks of three bytes,
// one of which lies on an even place wherever the keyword stands. Of all pairs of
// blocks in a keyword it takes one that text seldom has, or that another keyword
// has as well: then nothing new is looked for. Bytes are folded by setting bit 5,
// which is no more than a hint; a keyword is then compared exactly.
//
// The block is hashed by one multiplication into a bitmap of 16 KiB, which stays
// in the first-level cache. Of three blocks at a time mostly none is there. Of what
// is there the bytes before and behind are looked at, which leaves one in ten, and
// then all eight bytes around it, before any keyword is compared.
type prefilter struct {
	bits  [1 << (blockBits - 6)]uint64
	heads [1<<bucketBits + 1]uint32 // of each bucket in list
	list  []around                  // ordered by bucket
	// beside is which bytes stand beside the blocks of a bucket, of each its lower
	// five bits: the next one in bits 0 to 31, the one before in bits 32 to 63.
	beside [1 << bucketBits]uint64
	block  []block
	// reach is how far behind the beginning of a keyword a block of it may be.
	reach int
}

const (
	blockBits  = 17
	bucketBits = 13
	foldAll    = 0x2020202020202020
	maxHits    = 512

	// A block is compared with what is from aroundBefore before it on.
	aroundBefore = 3
)

// around is what must stand around a block: the bytes of its keyword, folded.
type around struct {
	value, mask uint64
	block       uint16
}

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
	f := &prefilter{block: make([]block, 0, 2*len(keywords))}
	b := builder{prefilter: f, arounds: make([]around, 0, 2*len(keywords)), places: make([]placed, 0, 4*len(keywords))}
	// Short keywords leave no choice of blocks; longer ones can share theirs.
	order := make([]int, len(keywords))
	for i, k := range keywords {
		order[i] = len(k)*maxKeywords + i
	}
	slices.Sort(order)
	for _, n := range order {
		i := n % maxKeywords
		k := keywords[i]
		first := f.choose(k)
		for o := first; o < first+2; o++ {
			f.block = append(f.block, newBlock(k, i, o))
			f.reach = max(f.reach, o)
			b.enter(k, o)
		}
	}
	b.finish()
	return f
}

// builder fills a prefilter. To sort what it lists by bucket would take longer than
// all the rest, and hooks make a prefilter each time: so it is counted.
type builder struct {
	*prefilter
	arounds []around // of each block
	places  []placed
	last    [1 << bucketBits]uint16 // the last block in each bucket, from 1
}

// placed is a block in a bucket.
type placed struct{ bucket, block uint16 }

// finish makes list and heads, where enter has counted.
func (b *builder) finish() {
	for i := 1; i < len(b.heads); i++ {
		b.heads[i] += b.heads[i-1]
	}
	b.list = make([]around, len(b.places))
	at := b.heads
	for _, p := range b.places {
		b.list[at[p.bucket]] = b.arounds[p.block]
		at[p.bucket]++
	}
}

// enter notes that the last block is at place o of its keyword.
func (b *builder) enter(k string, o int) {
	a := around{block: uint16(len(b.block) - 1)}
	for i := max(0, o-aroundBefore); i < min(len(k), o-aroundBefore+8); i++ {
		shift := 8 * (i - o + aroundBefore)
		a.value |= uint64(k[i]|0x20) << shift
		a.mask |= 0xff << shift
	}
	b.arounds = append(b.arounds, a)
	beside := neighbours(k, o)
	add := func(x uint32) {
		h := hashBlock(x | foldAll&0xffffffff)
		bucket := uint16(h >> (blockBits - bucketBits))
		b.bits[h>>6] |= 1 << (h & 63)
		b.beside[bucket] |= beside
		if b.last[bucket] != a.block+1 {
			b.last[bucket] = a.block + 1
			b.heads[bucket+1]++
			b.places = append(b.places, placed{bucket, a.block})
		}
	}
	x := uint32(k[o]) | uint32(k[o+1])<<8
	if o+2 < len(k) {
		add(x | uint32(k[o+2])<<16)
		return
	}
	// Of a keyword of three bytes, the second block ends with any byte.
	for c := range uint32(256) {
		if c&0x20 != 0 {
			add(x | c<<16)
		}
	}
}

// neighbours is what may stand beside the block at place o of a keyword, as in
// prefilter.beside.
func neighbours(k string, o int) uint64 {
	const anyNext = 1<<32 - 1
	w := uint64(anyNext)
	if o+3 < len(k) {
		w = 1 << (k[o+3] & 31)
	}
	if o == 0 {
		return w | anyNext<<32
	}
	return w | 1<<(32|k[o-1]&31)
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

// frequency is how often text has a byte, roughly: of the nth of common, the nth
// part of the most frequent.
var frequency = sync.OnceValue(func() *[256]float64 {
	of := new([256]float64)
	for c := range of {
		of[c] = 1.0 / 100
	}
	for i, c := range []byte(common) {
		of[c] = 1 / float64(i+2)
	}
	return of
})

// usual are the blocks that text has most often, counted in sources of ten
// languages and in prose.
const usual = "" +
	"the ion int ing ter tio con ent ons str ame ate typ tur nam err ret ype for thi etu and urn his all nst ode def com ati " +
	"ite sta res ile ine tri ect pro tor nte fil ass val ver par ext unc rea era rin rat las sel ref ers ess not pat pre lib " +
	"ble lin elf est fun ort set cod ted cti get ist cla xsl end men use spa slt cal lat ith tin ead tes per fin pen abl sio " +
	"sys rro cha dat omp efi tru tem loc ath are ato ult tat ror nde por exp ase wit ize ont mpl tra len out key alu lue ack " +
	"der her ptr add ind pan arg tex ena ser hre uin tim ope ata les opt ere ime ran pti tha ara ace age mat har lic pac nct " +
	"ign rec hat che pla han equ ang mod rom let nce und ele enc ram tte siz nal ces ali lse lis one orm ste dir sig ock ins "

// usualBlocks are the same by the lower five bits of their letters.
var usualBlocks = sync.OnceValue(func() *[1 << 15]bool {
	is := new([1 << 15]bool)
	for block := range strings.FieldsSeq(usual) {
		is[place5(block)] = true
	}
	return is
})

func place5(s string) int { return int(s[0]&31)<<10 | int(s[1]&31)<<5 | int(s[2]&31) }

// unusual is what a block costs that is not among them, of what it costs else.
const unusual = 1.0 / 8

// shared is what a block costs that is looked for already, of what it costs else.
const shared = 1.0 / 8

// choose is the offset of the two neighbouring blocks of a keyword that cost
// least. A keyword of three bytes has one.
func (f *prefilter) choose(k string) int {
	of, isUsual := frequency(), usualBlocks()
	best, at := math.Inf(1), 0
	for o := 0; o+4 <= min(len(k), 250); o++ {
		cost := 0.0
		for b := o; b < o+2; b++ {
			c := of[k[b]] * of[k[b+1]] * of[k[b+2]]
			if !isUsual[place5(k[b:])] {
				c *= unusual
			}
			h := hashBlock((uint32(k[b]) | uint32(k[b+1])<<8 | uint32(k[b+2])<<16) | foldAll&0xffffffff)
			if f.bits[h>>6]>>(h&63)&1 != 0 {
				c *= shared
			}
			cost += c
		}
		if cost < best {
			best, at = cost, o
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
		if p == 0 || p+8 > len(text) {
			hits = f.verify(text, p, from, to, hits)
			p += 2
			continue
		}
		x := binary.LittleEndian.Uint64(text[p:]) | foldAll
		a, b, c := hashBlock(uint32(x)), hashBlock(uint32(x>>16)), hashBlock(uint32(x>>32))
		if (f.bits[a>>6]>>(a&63)|f.bits[b>>6]>>(b&63)|f.bits[c>>6]>>(c&63))&1 != 0 {
			if f.may(a, uint64(text[p-1]), x>>24) {
				hits = f.verify(text, p, from, to, hits)
			}
			if f.may(b, x>>8, x>>40) {
				hits = f.verify(text, p+2, from, to, hits)
			}
			if f.may(c, x>>24, x>>56) {
				hits = f.verify(text, p+4, from, to, hits)
			}
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

// may tells whether a block may be one of a keyword, by its hash and the bytes before
// and behind it.
func (f *prefilter) may(h uint32, before, next uint64) bool {
	w := f.beside[h>>(blockBits-bucketBits)]
	return uint64(f.bits[h>>6]>>(h&63))&(w>>(next&31))&(w>>(32|before&31))&1 != 0
}

// verify appends the keywords of which the block at p is one.
func (f *prefilter) verify(text []byte, p, from, to int, hits []hit) []hit {
	around := load8(text, p-aroundBefore) | foldAll
	bucket := hashBlock(uint32(around>>(8*aroundBefore))) >> (blockBits - bucketBits)
	list := f.list[f.heads[bucket]:f.heads[bucket+1]]
	for i := range list {
		if a := &list[i]; (around^a.value)&a.mask == 0 {
			hits = f.compare(text, p, from, to, &f.block[a.block], hits)
		}
	}
	return hits
}

// compare appends the keyword if it is there.
func (f *prefilter) compare(text []byte, p, from, to int, b *block, hits []hit) []hit {
	at := p - int(b.offset)
	if at < from || at >= to {
		return hits
	}
	x := load8(text, at)
	if ((x|b.fold)^b.word)&b.mask == 0 && (b.rest == "" || hasFold(text[min(at+8, len(text)):], b.rest)) {
		hits = append(hits, hit{at, b.keyword})
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

// load8 reads what may lie across an end of a text, zeros beyond it.
func load8(text []byte, p int) uint64 {
	if p >= 0 && p+8 <= len(text) {
		return binary.LittleEndian.Uint64(text[p:])
	}
	var b [8]byte
	if p < 0 {
		copy(b[min(-p, 8):], text)
	} else {
		copy(b[:], text[min(p, len(text)):])
	}
	return binary.LittleEndian.Uint64(b[:])
}
