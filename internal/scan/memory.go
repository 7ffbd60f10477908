package scan

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// memory remembers chunks in which nothing was found. It is bounded and lossy:
// what is forgotten is scanned again, nothing more. It is filled by all scanners
// of an engine without locks.
//
// What is remembered is a 64-bit hash with a random key (package maphash), so
// that nobody can make a file whose chunks pass for others.
type memory struct {
	seed  maphash.Seed
	most  int // slots
	table atomic.Pointer[table]
	grow  sync.Mutex
}

// table has pairs of slots, as many as a power of two.
type table struct {
	slots []atomic.Uint64
	full  atomic.Int64 // at most so many slots are taken
}

// firstSlots make a table of 256 KiB: to touch more costs a small scan more than
// all else. memorySlots make one of 32 MiB, enough for some 3 GB of different
// content.
const (
	firstSlots  = 32 << 10
	memorySlots = 4 << 20
)

func newMemory(most int) *memory {
	m := &memory{seed: maphash.MakeSeed(), most: most}
	m.table.Store(&table{slots: make([]atomic.Uint64, min(firstSlots, most))})
	return m
}

// key is never zero, which is an empty slot.
func (m *memory) key(text []byte) uint64 { return maphash.Bytes(m.seed, text) | 1 }

// knows tells whether a key was added and is not forgotten.
func (t *table) knows(key uint64) bool {
	i := t.slot(key)
	return t.slots[i].Load() == key || t.slots[i+1].Load() == key
}

// add puts a key first in its pair of slots; the older one is forgotten.
func (m *memory) add(key uint64) {
	t := m.table.Load()
	if t.full.Load() > int64(len(t.slots)/4) && len(t.slots) < m.most {
		t = m.larger(t)
	}
	t.add(key)
}

func (t *table) add(key uint64) {
	i := t.slot(key)
	old := t.slots[i].Load()
	if old == key {
		return
	}
	if old == 0 || t.slots[i+1].Load() == 0 {
		t.full.Add(1)
	}
	t.slots[i+1].Store(old)
	t.slots[i].Store(key)
}

// larger replaces a table that is filling. What others add to it meanwhile may be
// forgotten.
func (m *memory) larger(old *table) *table {
	m.grow.Lock()
	defer m.grow.Unlock()
	if t := m.table.Load(); t != old {
		return t
	}
	t := &table{slots: make([]atomic.Uint64, min(4*len(old.slots), m.most))}
	for i := len(old.slots) - 1; i >= 0; i-- { // the older one of a pair first
		if key := old.slots[i].Load(); key != 0 {
			t.add(key)
		}
	}
	m.table.Store(t)
	return t
}

func (t *table) slot(key uint64) uint64 { return (key >> 1 & (uint64(len(t.slots)) - 1)) &^ 1 }

// Chunks end behind a line, and where depends on the line only, so that versions
// of a file are cut at the same places but for what is new.
const (
	chunkMin    = 384     // bytes, before the first line that may end one
	chunkMax    = 4 << 10 // where a line so long is cut; elsewhere the next line ends it
	chunkChance = 4       // one line in 2^4 ends a chunk

	// chunkContext is how much before a chunk is a part of what is remembered: a
	// chunk that follows another text is new. So is looked at what spans two
	// chunks that were clean each for itself.
	chunkContext = 256
	// cutContext is the same within a line that was cut, or a line that is long.
	cutContext = 1 << 10
)

// chunkEnd is where a chunk that begins at start ends.
func chunkEnd(text []byte, start int) int {
	limit := min(start+chunkMax, len(text))
	for p := start + chunkMin; p < limit; {
		n := bytes.IndexByte(text[p:limit], '\n')
		if n < 0 {
			return limit
		}
		p += n + 1
		// The last bytes of the line decide. Those before start+chunkMin are there.
		if x := binary.LittleEndian.Uint64(text[p-8:]) * 0x9e3779b97f4a7c15; x>>(64-chunkChance) == 0 {
			return p
		}
	}
	return limit
}

// chunk is a part of a text that is not known to be clean.
type chunk struct {
	start, end int
	key        uint64
	dirty      bool
}

// phases is how many places in an encoded run are told apart: base64 has groups of
// four characters, hexadecimal of two, and as UTF-16 both twice as many.
const phases = 8

// phaseAt is where a chunk begins in the encoded run that it cuts, from 1: 0 if it
// cuts none. last and phase are those of the chunk before. A run may go on in the
// next line, but for its sign of the end.
func phaseAt(text []byte, last, start, phase int) int {
	n, p := 0, start
	for ; p > last; p-- {
		if c := text[p-1]; encoded(c) {
			n++
		} else if c != '\n' && c != '\r' {
			return n%phases + min(n, 1)
		}
	}
	return (n+max(phase-1, 0))%phases + 1
}

// news appends the chunks of a text that are new.
func (m *memory) news(text []byte, out []chunk) []chunk {
	known := m.table.Load()
	last, phase := 0, 0
	for start := 0; start < len(text); {
		end := chunkEnd(text, start)
		context := chunkContext
		if start > 0 && text[start-1] != '\n' {
			context = cutContext
		}
		key := m.key(text[max(0, start-context):end])
		phase = phaseAt(text, last, start, phase)
		last = start
		if phase > 0 { // the same bytes say something else where they are another part
			key = key*0x9e3779b97f4a7c15 + uint64(phase)<<1 | 1
		}
		if !known.knows(key) {
			out = append(out, chunk{start: start, end: end, key: key})
		}
		start = end
	}
	return out
}
