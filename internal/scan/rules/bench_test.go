package rules

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// BenchmarkSources scans Go's own sources once, with all rules and no memory.
func BenchmarkSources(b *testing.B) {
	contents := sources(b, 32<<20)
	e, err := scan.New(scan.Options{Rules: All(), NoMemory: true})
	if err != nil {
		b.Fatal(err)
	}
	s := e.Scanner()
	size, found := 0, 0
	for _, c := range contents {
		size += len(c)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		found = 0
		for _, c := range contents {
			if _, err := s.Scan(b.Context(), bytes.NewReader(c), func(*scan.Match) { found++ }); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(found), "found")
}

// BenchmarkNew makes an engine, which every hook does once.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := scan.New(scan.Options{Rules: All()}); err != nil {
			b.Fatal(err)
		}
	}
}

func sources(b *testing.B, size int) (out [][]byte) {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		b.Skip("no go here")
	}
	root := filepath.Join(strings.TrimSpace(string(goroot)), "src")
	filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || size <= 0 {
			return fs.SkipAll
		}
		if d.Type().IsRegular() && filepath.Ext(path) == ".go" {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			out = append(out, text)
			size -= len(text)
		}
		return nil
	})
	if size > 0 {
		b.Skip("no source of Go here")
	}
	return out
}
