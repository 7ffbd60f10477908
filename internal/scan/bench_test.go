package scan

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan/assign"
)

// benchRules are 250 of the usual kinds; the generic one has the usual keywords.
func benchRules() (rules []Rule) {
	generic := typical[:22]
	for i, k := range typical[22:] {
		r := Rule{ID: fmt.Sprint("rule-", i), Severity: High, Keywords: []string{k}}
		if strings.ContainsAny(k, "_-.:/") {
			r.Pattern = strings.NewReplacer(".", `\.`).Replace(k) + `[0-9A-Za-z]{32}`
		} else {
			r.Value = `[0-9a-f]{32}`
		}
		rules = append(rules, r)
	}
	for i := len(rules); i < 249; i++ {
		k := fmt.Sprintf("%cq%c_", 'a'+i%26, 'a'+i/26)
		rules = append(rules, Rule{ID: fmt.Sprint("more-", i), Severity: High, Keywords: []string{k}, Pattern: k + `[0-9A-Za-z]{32}`})
	}
	return append(rules, Rule{ID: "generic", Severity: Medium, Keywords: generic, Generic: true, Detect: func(text []byte, at int) []Span {
		if a, ok := assign.Parse(text, at); ok && a.Value.End-a.Value.Start == 40 {
			return []Span{{Start: a.Value.Start, End: a.Value.End}}
		}
		return nil
	}})
}

// files cuts a text into contents of some 16 KiB.
func files(text []byte) (out [][]byte) {
	for len(text) > 16<<10 {
		n := 16<<10 + bytes.IndexByte(text[16<<10:], '\n') + 1
		out = append(out, text[:n])
		text = text[n:]
	}
	return out
}

func benchScan(b *testing.B, contents [][]byte, o Options) {
	s := engine(b, o).Scanner()
	var size, found, fresh int64
	for _, c := range contents {
		size += int64(len(c))
	}
	b.SetBytes(size)
	b.ReportAllocs()
	r := bytes.NewReader(nil)
	for b.Loop() {
		fresh = 0
		b.StopTimer()
		s.e = engine(b, o)
		b.StartTimer()
		for _, c := range contents {
			r.Reset(c)
			out, err := s.Scan(b.Context(), r, func(*Match) { found++ })
			if err != nil {
				b.Fatal(err)
			}
			fresh += out.New
		}
	}
	b.ReportMetric(100*float64(fresh)/float64(size), "%new")
	b.ReportMetric(float64(len(contents)), "contents")
}

func BenchmarkFirstScan(b *testing.B) {
	b.Run("memory", func(b *testing.B) { benchScan(b, files(sources(b, 16<<20)), Options{Rules: benchRules()}) })
	b.Run("none", func(b *testing.B) {
		benchScan(b, files(sources(b, 16<<20)), Options{Rules: benchRules(), NoMemory: true})
	})
}

// BenchmarkVersions scans 50 versions of files, each with one to three lines changed.
func BenchmarkVersions(b *testing.B) {
	rnd := rand.New(rand.NewPCG(5, 6))
	var contents [][]byte
	for _, f := range files(sources(b, 2<<20)) {
		for range 50 {
			contents = append(contents, f)
			lines := bytes.SplitAfter(f, []byte("\n"))
			for range 1 + rnd.IntN(3) {
				i := rnd.IntN(len(lines))
				lines[i] = fmt.Appendf(nil, "\tx%d := f(%d)\n%s", rnd.IntN(100), rnd.Uint32(), lines[i])
			}
			f = bytes.Join(lines, nil)
		}
	}
	b.Run("memory", func(b *testing.B) { benchScan(b, contents, Options{Rules: benchRules()}) })
	b.Run("none", func(b *testing.B) { benchScan(b, contents, Options{Rules: benchRules(), NoMemory: true}) })
}
