package envelope_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

// TestWriteSplit: how Write calls are split has no influence, whichever of the
// ways through the Writer they take.
func TestWriteSplit(t *testing.T) {
	for _, size := range []int{1, 5000, 300 << 10, 3 << 20} {
		p := jsonState(size)
		want := seal(t, p)
		r := source("splits")
		for _, most := range []int{1, 7, 4096, 65516, 1 << 20, 3 << 20} {
			if size/most > 1<<18 {
				continue
			}
			var b bytes.Buffer
			w := envelope.NewWriter(&b, testKey)
			for rest := p; len(rest) > 0; {
				n := min(len(rest), 1+r.IntN(most))
				if _, err := w.Write(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(b.Bytes(), want) {
				t.Errorf("%d bytes in writes of up to %d are sealed to other bytes", size, most)
			}
		}
	}
}

// TestBatches: neither has the number of goroutines.
func TestBatches(t *testing.T) {
	p := append(logText(3<<20), noise("batches", 1<<20)...)
	want := seal(t, p)
	for _, n := range []int{1, 2, 3, 8} {
		old := runtime.GOMAXPROCS(n)
		got := seal(t, p)
		runtime.GOMAXPROCS(old)
		if !bytes.Equal(got, want) {
			t.Errorf("%d threads seal to other bytes", n)
		}
	}
	if q, err := open(want, testKey); err != nil || !bytes.Equal(p, q) {
		t.Error("does not open", err)
	}
}

func TestNothing(t *testing.T) {
	w := envelope.NewWriter(failing{}, testKey)
	if _, err := w.Write(nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("sealing nothing writes: %v", err)
	}
	if p, err := open(nil, testKey); err != nil || len(p) > 0 {
		t.Errorf("nothing opens to %q, %v", p, err)
	}
	if _, err := envelope.Inspect(strings.NewReader("")); !errors.Is(err, envelope.ErrNotSealed) {
		t.Errorf("nothing inspects with %v", err)
	}
}

var errDisk = errors.New("disk failure")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errDisk }

func TestWriterErrors(t *testing.T) {
	for _, size := range []int{1, 300 << 10, 4 << 20} {
		w := envelope.NewWriter(failing{}, testKey)
		_, _ = w.Write(noise("errors", size))
		for range 2 {
			if err := w.Close(); !errors.Is(err, errDisk) {
				t.Errorf("close after a failed write of %d: %v", size, err)
			}
		}
		if _, err := w.Write([]byte("x")); !errors.Is(err, errDisk) {
			t.Errorf("write after a failed write: %v", err)
		}
	}
	w := envelope.NewWriter(io.Discard, testKey)
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Errorf("close twice: %v", err)
	}
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("write after close")
	}
}

// TestReaderErrors: a source that fails is not a damaged blob, wherever it fails.
func TestReaderErrors(t *testing.T) {
	blob := sealWith(t, testKey, small, yamlText(3000))
	for n := range len(blob) {
		src := func() io.Reader { return io.MultiReader(bytes.NewReader(blob[:n]), iotest.ErrReader(errDisk)) }
		r := envelope.NewReader(src(), testKey)
		for range 2 { // and the answer stays the same
			if _, err := io.Copy(io.Discard, r); !errors.Is(err, errDisk) || errors.Is(err, envelope.ErrDamaged) {
				t.Fatalf("open after %d bytes: %v", n, err)
			}
		}
		if _, err := envelope.Inspect(src()); !errors.Is(err, errDisk) || errors.Is(err, envelope.ErrDamaged) {
			t.Fatalf("inspect after %d bytes: %v", n, err)
		}
	}
}

func TestReaderShapes(t *testing.T) {
	p := yamlText(20000)
	blob := seal(t, p)
	for name, wrap := range map[string]func(io.Reader) io.Reader{"one byte": iotest.OneByteReader, "half": iotest.HalfReader, "data and error": iotest.DataErrReader} {
		q, err := io.ReadAll(envelope.NewReader(wrap(bytes.NewReader(blob)), testKey))
		if err != nil || !bytes.Equal(p, q) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := envelope.Inspect(wrap(bytes.NewReader(blob))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := iotest.TestReader(envelope.NewReader(bytes.NewReader(blob), testKey), p); err != nil {
		t.Error(err)
	}
	var b bytes.Buffer
	if n, err := envelope.NewReader(bytes.NewReader(blob), testKey).WriteTo(&b); err != nil || n != int64(len(p)) || !bytes.Equal(b.Bytes(), p) {
		t.Error(n, err)
	}
	if _, err := envelope.NewReader(bytes.NewReader(blob), testKey).WriteTo(failing{}); !errors.Is(err, errDisk) {
		t.Error(err)
	}
}

// TestVerifiedFirst: a segment's plaintext comes out only if its tag fits, and
// the end only if all fits.
func TestVerifiedFirst(t *testing.T) {
	p := yamlText(3000)
	blob := sealWith(t, testKey, small, p)
	h, s, _ := split(t, blob)
	at := len(h) + len(s[0]) + len(s[1]) - 1
	q, err := open(with(blob, at, blob[at]^1), testKey)
	if nameOf(t, err) != "ErrSegmentTag" || !bytes.Equal(q, p[:len(q)]) || len(q) > 256 {
		t.Errorf("%d bytes, %v", len(q), err)
	}
	if !strings.Contains(err.Error(), "segment 2") {
		t.Errorf("%v does not say which segment", err)
	}
}

func TestConcurrent(t *testing.T) {
	k := envelope.NewKey(testID, &testData)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 20 {
				p := yamlText(1 + 997*i + 13*j)
				var b bytes.Buffer
				w := envelope.NewWriter(&b, k)
				_, _ = w.Write(p)
				if err := w.Close(); err != nil {
					t.Error(err)
				}
				if q, err := open(b.Bytes(), k); err != nil || !bytes.Equal(p, q) {
					t.Error("wrong", err)
				}
			}
		})
	}
	wg.Wait()
}

// endless yields n bytes of text and remembers the largest heap it saw.
type endless struct {
	text []byte
	n    int
	peak uint64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.n == 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.n, len(e.text))
	copy(p[:n], e.text)
	e.n -= n
	if e.n>>20 != (e.n+n)>>20 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		e.peak = max(e.peak, m.HeapAlloc)
	}
	return n, nil
}

// TestBoundedMemory streams 64 MiB from Writer to Reader and Inspect.
func TestBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	for _, kind := range []struct {
		name string
		text []byte
	}{{"zeros", make([]byte, 1<<16)}, {"noise", noise("memory", 1<<16)}} {
		src := &endless{text: kind.text, n: 64 << 20}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		before := m.HeapAlloc
		sealed, sink := io.Pipe()
		copied, inspected := io.Pipe()
		var wg sync.WaitGroup
		wg.Go(func() {
			w := envelope.NewWriter(sink, testKey)
			_, err := io.Copy(w, src)
			_ = sink.CloseWithError(errors.Join(err, w.Close()))
		})
		wg.Go(func() {
			if _, err := envelope.Inspect(copied); err != nil {
				t.Error(err)
			}
		})
		n, err := io.Copy(io.Discard, envelope.NewReader(io.TeeReader(sealed, inspected), testKey))
		_ = inspected.Close()
		wg.Wait()
		if err != nil || n != 64<<20 {
			t.Fatal(n, err)
		}
		if used := int64(src.peak) - int64(before); used > 12<<20 {
			t.Errorf("%s: %d KiB of heap for a stream", kind.name, used>>10)
		}
	}
}

// TestSmallEdit: what an edit of a large file costs, in segments.
func TestSmallEdit(t *testing.T) {
	p := logText(2 << 20)
	before := map[string]bool{}
	_, segments, _ := split(t, seal(t, p))
	for _, s := range segments {
		before[string(s)] = true
	}
	r := source("small edit")
	var total int
	const edits = 16
	for i := range edits {
		q := edit(p, r, 100)
		if i%2 == 1 { // or a line more
			at := r.IntN(len(p))
			q = join(p[:at], []byte(phrase(r, 10)+"\n"), p[at:])
		}
		changed := 0
		_, segments, _ := split(t, seal(t, q))
		for _, s := range segments {
			if !before[string(s)] {
				changed++
			}
		}
		if total += changed; changed == 0 || changed > 12 {
			t.Errorf("edit %d changes %d of %d segments", i, changed, len(segments))
		}
	}
	if total > 3*edits {
		t.Errorf("%d edits change %d segments", edits, total)
	}
}

// TestOneSegment: most secrets are one segment.
func TestOneSegment(t *testing.T) {
	for i := range 200 {
		if _, s, _ := split(t, seal(t, noise(fmt.Sprint("one segment ", i), 2048))); len(s) != 1 {
			t.Error("2 KiB are cut")
		}
	}
}

func TestKeyPrintsNothing(t *testing.T) {
	k := envelope.NewKey(testID, &testData)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if s := fmt.Sprintf(verb, k); s != "[envelope key a0a1a2a3a4a5a6a7a8a9aaabacadaeaf]" {
			t.Errorf("%s prints %q", verb, s)
		}
	}
}

func TestKeyID(t *testing.T) {
	if id, err := envelope.ParseKeyID(testID.String()); err != nil || id != testID {
		t.Error(id, err)
	}
	for _, s := range []string{"", "a0", strings.Repeat("A0", 16), strings.Repeat("a0", 17), strings.Repeat("g", 32)} {
		if _, err := envelope.ParseKeyID(s); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
}

func TestParseHeader(t *testing.T) {
	blob := seal(t, []byte("x"))
	h, err := envelope.ParseHeader(blob)
	if err != nil || h.KeyID != testID || h.Segmenting != envelope.Standard || !envelope.IsSealed(blob) {
		t.Error(h, err)
	}
	for n := range envelope.HeaderSize {
		want := "ErrTruncated"
		if n < envelope.MagicSize {
			want = "ErrNotSealed"
		}
		if _, err := envelope.ParseHeader(blob[:n]); nameOf(t, err) != want {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}
