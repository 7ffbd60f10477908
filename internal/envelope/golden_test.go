package envelope_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

const goldenFile = "testdata/golden.txt"

// corpus is what the golden sums are over: every boundary by name, and enough
// text and noise to exercise cuts, batches and the encoder.
func corpus() []struct {
	name string
	p    []byte
} {
	s := envelope.Standard
	type item = struct {
		name string
		p    []byte
	}
	items := []item{{"empty", nil}, {"one", []byte("x")}, {"env", []byte("DATABASE_URL=postgres://app:hunter2@db.internal:5432/app\nAPI_KEY=0123456789abcdef\n")}}
	for _, size := range []struct {
		name string
		n    int
	}{{"min", s.MinSegment()}, {"4K", 4 << 10}, {"max", s.MaxSegment()}} {
		for _, d := range []int{-1, 0, 1} {
			n := size.n + d
			name := fmt.Sprintf("%s%+d", size.name, d)
			items = append(items, item{"zeros-" + name, make([]byte, n)}, item{"noise-" + name, noise("golden", n)}, item{"yaml-" + name, yamlText(n)})
		}
	}
	return append(items,
		item{"log-1M", logText(1 << 20)}, item{"sql-300K", sqlText(300 << 10)}, item{"json-4M", jsonState(4 << 20)},
		item{"noise-700K", noise("golden", 700<<10)}, item{"zeros-1M", make([]byte, 1<<20)})
}

// TestGolden: a blob sealed today is sealed to the same bytes by every later
// release. If this fails after an upgrade of the zstd library, do not update
// the sums: docs/decisions/0002-format-parameters.md says what to do.
func TestGolden(t *testing.T) {
	var b strings.Builder
	for _, c := range corpus() {
		fmt.Fprintf(&b, "%s %d %x\n", c.name, len(c.p), sha256.Sum256(seal(t, c.p)))
	}
	want, err := os.ReadFile(goldenFile)
	if *update && os.IsNotExist(err) {
		err = os.WriteFile(goldenFile, []byte(b.String()), 0o644)
		want = []byte(b.String())
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("sealed bytes changed; now they are\n%swant\n%s", got, want)
	}
}

// TestGoldenPlain keeps the corpus itself from changing, and with it the reason
// of a failing TestGolden from being the wrong one.
func TestGoldenPlain(t *testing.T) {
	h := sha256.New()
	for _, c := range corpus() {
		h.Write(c.p)
	}
	const want = "9d1fc8b67e58e1212254498eef6f1f74dd6398f19595cf4028ac8c06ed06a850"
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != want {
		t.Errorf("corpus has sum %s, want %s", got, want)
	}
}

// TestEncoderState: what an encoder saw before has no influence on what it
// makes. Ours are reused for the life of the process, in any order.
func TestEncoderState(t *testing.T) {
	r := source("encoder state")
	texts := [][]byte{yamlText(1 << 18), jsonState(1 << 18), logText(1 << 18), noise("state", 1<<18), make([]byte, 1<<18)}
	for range 2000 {
		p := texts[r.IntN(len(texts))]
		n := 64 + r.IntN(1<<(6+r.IntN(11)))
		at := r.IntN(len(p) - n)
		p = p[at : at+n]
		if used := envelope.Encode(p); !bytes.Equal(used, envelope.Encode(p)) {
			t.Fatal("an encoder makes two frames of one segment")
		}
	}
	for range 50 { // a fresh encoder is costly
		p := texts[r.IntN(len(texts))]
		n := 64 + r.IntN(1<<(6+r.IntN(11)))
		at := r.IntN(len(p) - n)
		p = p[at : at+n]
		if !bytes.Equal(envelope.Encode(p), envelope.FreshEncode(p)) {
			t.Fatal("a used encoder differs from a fresh one")
		}
	}
}
