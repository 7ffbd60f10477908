package decode

import (
	"io/fs"
	"os"
	"strings"
	"testing"
)

// BenchmarkSource is ordinary source text, in which next to nothing is encoded:
// this module's.
func BenchmarkSource(b *testing.B) {
	var text []byte
	module := os.DirFS("../../..")
	err := fs.WalkDir(module, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") {
			return err
		}
		t, err := fs.ReadFile(module, name)
		text = append(text, t...)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	text = text[:min(len(text), 1<<20)]
	var d Decoder
	passes := []struct {
		name string
		pass func([]byte, func(Piece) bool) bool
	}{
		{"all", func(t []byte, f func(Piece) bool) bool { d.Each(t, f); return true }},
		{"runs", d.runs}, {"lists", d.lists}, {"pairs", d.pairs},
		{"percent", d.percent}, {"escapes", d.escapes}, {"mail", d.quotedPrintable},
	}
	for _, p := range passes {
		b.Run(p.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			pieces, decoded := 0, 0
			for b.Loop() {
				pieces, decoded = 0, 0
				p.pass(text, func(p Piece) bool { pieces++; decoded += len(p.Text); return true })
			}
			b.ReportMetric(float64(pieces), "pieces")
			b.ReportMetric(100*float64(decoded)/float64(len(text)), "%decoded")
		})
	}
}
