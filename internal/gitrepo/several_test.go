package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// TestSeveral has sizes on both sides of each limit, and every kind of damage: none
// may hide another object, nor be taken for none.
func TestSeveral(t *testing.T) {
	g := gittest.New(t)
	sizes := []int{0, 1, inMemory, inMemory + 1, drainable + inMemory, 5000, 5001, 2 * inMemory, 5002, 5003}
	for i, size := range sizes {
		g.Write(fmt.Sprintf("f%d", i), noise(size, uint32(i)))
	}
	g.Commit("all")
	r := openTest(t, g)
	var oids []string
	for i := range sizes {
		oids = append(oids, g.Git("rev-parse", fmt.Sprintf("HEAD:f%d", i)))
	}
	whole := collectObjects(r.Blobs().Several(context.Background(), oids))
	if !slices.Equal(whole.order, oids) || len(whole.bad) > 0 {
		t.Fatalf("of sound objects: %v, %v", whole.order, whole.bad)
	}

	bad := map[string]bool{oids[5]: true, oids[7]: true, oids[8]: true}
	for i, left := range map[int]int64{5: 20, 7: inMemory} {
		if err := os.Truncate(objectFile(t, g, oids[i]), left); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(objectFile(t, g, oids[8])); err != nil {
		t.Fatal(err)
	}
	got := collectObjects(r.Blobs().Several(context.Background(), oids))
	for _, oid := range oids {
		if content, ok := got.content[oid]; bad[oid] != (got.bad[oid] != nil) || bad[oid] == ok || ok && content != whole.content[oid] {
			t.Errorf("object of %d bytes: error %v", len(whole.content[oid]), got.bad[oid])
		}
	}
	if !errors.Is(got.bad[oids[8]], ErrMissing) || errors.Is(got.bad[oids[5]], ErrMissing) {
		t.Errorf("gone: %v; damaged: %v", got.bad[oids[8]], got.bad[oids[5]])
	}

	// What is not read is passed over, and stopping early leaves a sound reader.
	var seen []string
	for o, err := range r.Blobs().Several(context.Background(), oids) {
		if err == nil {
			seen = append(seen, o.OID)
		}
		if o.OID == oids[6] {
			break
		}
	}
	if !slices.Equal(seen, append(slices.Clone(oids[:5]), oids[6])) {
		t.Errorf("unread: %v", seen)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if got := collectObjects(r.Blobs().Several(ctx, oids)); len(got.order) > 0 || len(got.bad) == 0 {
		t.Errorf("cancelled: %v, %v", got.order, got.bad)
	}
	again := collectObjects(r.Blobs().Several(context.Background(), oids[:3]))
	if !slices.Equal(again.order, oids[:3]) {
		t.Errorf("afterwards: %v, %v", again.order, again.bad)
	}
}

// TestPrime asks for what is there and what is not, and keeps that until Close; and
// for what is damaged, which must never be taken for missing.
func TestPrime(t *testing.T) {
	g := gittest.New(t)
	g.Write("a", "content\n")
	g.Write("d/b", "damaged\n")
	g.Commit("all")
	r := openTest(t, g)
	check := func(spec string, there, absent bool) {
		t.Helper()
		o, err := r.Blobs().Open(context.Background(), spec)
		if there != (err == nil) || absent != errors.Is(err, ErrMissing) {
			t.Errorf("%s: %v", spec, err)
		}
		if err == nil {
			_ = o.Close()
		}
	}
	if err := r.Blobs().Prime(context.Background(), "HEAD:a", "HEAD:c", ":a", ":c", "nothing:a"); err != nil {
		t.Fatal(err)
	}
	g.Write("c", "new\n")
	g.Git("add", "c")
	check("HEAD:a", true, false)
	check("HEAD:c", false, true)
	check(":c", false, true)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	check(":c", true, false)

	if err := os.Truncate(objectFile(t, g, g.Git("rev-parse", "HEAD:d")), 5); err != nil {
		t.Fatal(err)
	}
	_ = r.Blobs().Prime(context.Background(), "HEAD:c", "HEAD:d/b", "HEAD:a") // git may die of it
	check("HEAD:c", false, true)
	check("HEAD:d/b", false, false)
	check("HEAD:a", true, false)
}
