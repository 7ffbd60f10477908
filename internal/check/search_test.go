package check

import (
	"context"
	"iter"
	"math/rand"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// searcher finds x followed by five digits.
func searcher(t *testing.T) *Searcher {
	t.Helper()
	e, err := scan.New(scan.Options{Rules: []scan.Rule{{ID: "x", Keywords: []string{"xxx"}, Pattern: "xxx[0-9]{5}", Raw: true}}})
	if err != nil {
		t.Fatal(err)
	}
	return &Searcher{Engine: e, Workers: 1, Redact: func(*scan.Match) string { return "" }}
}

func search1(t *testing.T, content string) *Searched {
	t.Helper()
	var seq iter.Seq2[Content, error] = func(yield func(Content, error) bool) {
		yield(Content{Place: File, OID: "oid", Read: strings.NewReader(content)}, nil)
	}
	found, err := searcher(t).Search(context.Background(), seq)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestTooManyHits: a thousand that are allowed must not hide the next one.
func TestTooManyHits(t *testing.T) {
	lines := strings.Repeat("xxx12345 # envelope:allow made up\n", maxContent)
	if found := search1(t, lines); len(found.Hits) != maxContent || len(found.Failed) != 0 {
		t.Errorf("%d hits, failed: %v; want %d and none", len(found.Hits), found.Failed, maxContent)
	}
	found := search1(t, lines+"xxx54321\n")
	if len(found.Hits) != maxContent || len(found.Failed) != 1 || !found.Dirty["oid"] {
		t.Errorf("%d hits, failed: %v, dirty %t; want %d, one and true", len(found.Hits), found.Failed, found.Dirty["oid"], maxContent)
	}
}

// TestFramedPlaintext: what is framed as a sealed blob and holds text is searched.
func TestFramedPlaintext(t *testing.T) {
	for _, size := range []int{1_000, 3 << 20} {
		noise := make([]byte, size)
		rand.New(rand.NewSource(1)).Read(noise)
		sealed := []byte(seal(key(1), string(noise)))
		if found := search1(t, string(sealed)); found.Sealed != 1 || len(found.Hits) != 0 {
			t.Errorf("%d bytes: %d sealed, %d hits; want 1 and 0", size, found.Sealed, len(found.Hits))
		}
		copy(sealed[len(sealed)-300:], "\nxxx12345 is what nobody has encrypted at all\n")
		if found := search1(t, string(sealed)); found.Sealed != 0 || len(found.Hits) != 1 {
			t.Errorf("%d bytes with text: %d sealed, %d hits; want 0 and 1", size, found.Sealed, len(found.Hits))
		}
	}
}
