package scan

import (
	"archive/zip"
	"bytes"
	"context"
	"strings"
	"testing"
)

// TestBehind: a zip behind a script is opened, and if that is too long it is told
// that it was not.
func TestBehind(t *testing.T) {
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	f, err := w.Create("a")
	if err == nil {
		_, err = f.Write([]byte("xxx12345\n"))
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	e, err := New(Options{Rules: []Rule{{ID: "x", Keywords: []string{"xxx"}, Pattern: "xxx[0-9]{5}", Raw: true}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ before, found, skipped int }{{0, 1, 0}, {100, 1, 0}, {5000, 1, 0}, {1 << 20, 1, 0}, {4 << 20, 0, 1}} {
		n := 0
		out, err := e.Scanner().Scan(context.Background(), strings.NewReader(strings.Repeat("#", row.before)+z.String()), func(*Match) { n++ })
		if err != nil || n != row.found || len(out.Skipped) != row.skipped {
			t.Errorf("%d bytes before: %d found, skipped %v, error %v; want %d and %d", row.before, n, out.Skipped, err, row.found, row.skipped)
		}
	}
}
