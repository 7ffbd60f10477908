package scan

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestBytes has what is in memory scanned like what is read: also beyond a
// window, and in turn with it, since both use the scanner's memory.
func TestBytes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 12))
	e := engine(t, Options{Rules: testRules, NoMemory: true})
	read, given := e.scanner(overlap*3), e.scanner(overlap*3)
	found := 0
	for i := range 300 {
		text := randomText(rnd)
		if i%100 == 0 {
			text = bytes.Repeat(append(text, "\n"+secretFor(rnd)+"\n"...), overlap*4/(len(text)+1)+1)
		}
		before := slices.Clone(text)
		want := scanAll(t, read, bytes.NewReader(text))
		var got []place
		o, err := given.Bytes(t.Context(), text, func(m *Match) {
			got = append(got, place{m.Rule.ID, m.Offset, m.Line, m.Column, string(m.Secret), strings.Join(m.Via, " ")})
		})
		if err != nil || o.Bytes != int64(len(text)) || !slices.Equal(got, want) || !bytes.Equal(text, before) {
			t.Fatalf("%d bytes: %v, %d read\n got %v\nwant %v", len(text), err, o.Bytes, got, want)
		}
		if i%7 == 0 {
			scanAll(t, given, bytes.NewReader(text))
		}
		found += len(want)
	}
	if found == 0 {
		t.Error("nothing was found: this tests nothing")
	}
}

func TestMemoryGrows(t *testing.T) {
	m := newMemory(4 * firstSlots)
	rnd := rand.New(rand.NewPCG(13, 14))
	var keys []uint64
	for range firstSlots {
		keys = append(keys, rnd.Uint64()|1)
		m.add(keys[len(keys)-1])
	}
	now := m.table.Load()
	if len(now.slots) != 4*firstSlots {
		t.Errorf("%d slots after %d keys: want %d", len(now.slots), len(keys), 4*firstSlots)
	}
	known := 0
	for _, k := range keys {
		if now.knows(k) {
			known++
		}
	}
	if known < len(keys)*9/10 {
		t.Errorf("%d of %d keys are known", known, len(keys))
	}
	for range 16 * firstSlots {
		m.add(rnd.Uint64() | 1)
	}
	if n := len(m.table.Load().slots); n != 4*firstSlots {
		t.Errorf("%d slots: more than allowed", n)
	}
}
