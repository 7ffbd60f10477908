package exact

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// passwords are values as people and programs make them.
func passwords(n int) (values []Value) {
	r := rand.New(rand.NewPCG(4, 8))
	for i := range n {
		alphabet := []string{letters, signs, text64, "0123456789abcdef"}[i%4]
		values = append(values, value(fmt.Sprintf("env/prod-%d.yaml: service.settings[%d].password", i%50, i), random(r, alphabet, 8+r.IntN(40))))
	}
	return values
}

// source is this module's Go source, 8 MiB of it.
func source(tb testing.TB) []byte {
	var b bytes.Buffer
	files, err := filepath.Glob("../../../*/*/*.go")
	if err != nil || len(files) == 0 {
		tb.Fatal("no source found", err)
	}
	for b.Len() < 8<<20 {
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				tb.Fatal(err)
			}
			b.Write(text)
		}
	}
	return b.Bytes()
}

func BenchmarkFind(b *testing.B) {
	text := source(b)
	for _, n := range []int{50, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := New(passwords(n))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				m.Find(text, func(int, int, []byte, string, string) { b.Error("found") })
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for _, n := range []int{50, 10_000} {
		values := passwords(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				New(values)
			}
		})
	}
}

// TestMemory: ten thousand values take 16 MiB at most.
func TestMemory(t *testing.T) {
	held := func() uint64 {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	before := held()
	m := New(passwords(10_000))
	if used := int64(held() - before); used > 16<<20 {
		t.Errorf("%d bytes", used)
	} else {
		t.Logf("%d KiB for %d values", used>>10, m.Len())
	}
}
