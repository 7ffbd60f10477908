package sweep

import (
	"bytes"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// TestKeep: only what was read, held nothing and leads to nothing that is missing
// is remembered to be clean. What git did not give, since it was killed, is none
// of that.
func TestKeep(t *testing.T) {
	engine, err := scan.New(scan.Options{Rules: []scan.Rule{{ID: "a", Keywords: []string{"aaa"}, Pattern: "aaa"}}, NoMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	const size = 20
	name := func(c byte) []byte { return bytes.Repeat([]byte{c}, size) }
	hex := func(c byte) string { return string(bytes.Repeat([]byte{"0123456789abcdef"[c]}, 2*size)) }
	known, clean, dirty, leads, unread := byte(0x11), byte(0x22), byte(0x33), byte(0x44), byte(0x55)
	s := &Sweep{Engine: engine, CacheDir: t.TempDir()}
	if err := s.openCache(size).save([][]byte{name(known)}, nil); err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, c := range []byte{unread, leads, dirty, clean, known} {
		all = append(all, name(c)...)
	}
	g := newGraph(size, all, nil)
	for _, c := range []byte{2, 3, 4, 2} {
		g.arrived(hex(c))
	}
	if g.n != 3 {
		t.Errorf("%d objects arrived, want 3", g.n)
	}
	g.leads[hex(4)] = true
	s.keep(s.openCache(size), g, []string{hex(2), hex(3), hex(4), hex(5)}, map[string]bool{hex(3): true})
	c := s.openCache(size)
	for oid, want := range map[byte]bool{known: true, clean: true, dirty: false, leads: false, unread: false} {
		if got := c.has(name(oid)); got != want {
			t.Errorf("%x: remembered %t, want %t", oid, got, want)
		}
	}
}
