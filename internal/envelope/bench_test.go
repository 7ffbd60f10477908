package envelope_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

func benchCases() []struct {
	name string
	p    []byte
} {
	return []struct {
		name string
		p    []byte
	}{{"200B", yamlText(200)}, {"4KiB", yamlText(4 << 10)}, {"4KiB-noise", noise("bench", 4<<10)}, {"1MiB-text", logText(1 << 20)}, {"1MiB-noise", noise("bench", 1<<20)}, {"16MiB-text", logText(16 << 20)}}
}

func BenchmarkSeal(b *testing.B) {
	for _, c := range benchCases() {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.p)))
			b.ReportAllocs()
			for b.Loop() {
				w := envelope.NewWriter(io.Discard, testKey)
				_, _ = w.Write(c.p)
				_ = w.Close()
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, c := range benchCases() {
		b.Run(c.name, func(b *testing.B) {
			blob := seal(b, c.p)
			b.SetBytes(int64(len(c.p)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := io.Copy(io.Discard, envelope.NewReader(bytes.NewReader(blob), testKey)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkInspect(b *testing.B) {
	blob := seal(b, yamlText(4<<10))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := envelope.Inspect(bytes.NewReader(blob)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStart is what the first small file of a process costs.
func BenchmarkStart(b *testing.B) {
	p := yamlText(1 << 10)
	b.ReportAllocs()
	for b.Loop() {
		k := envelope.NewKey(testID, &testData)
		_ = envelope.FreshEncode(p)
		w := envelope.NewWriter(io.Discard, k)
		_, _ = w.Write(p)
		_ = w.Close()
	}
}
