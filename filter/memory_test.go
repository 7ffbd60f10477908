package filter

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"

	"github.com/git-envelope/git-envelope/filter/process"
	"github.com/git-envelope/git-envelope/internal/envelope"
)

// TestLarge streams 64 MiB through clean, through smudge, and through clean
// again after a rotation. The heap must not grow with the file, and what is put
// on disk must be ciphertext without a name.
func TestLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("64 MiB, three times")
	}
	size := int64(64 << 20)
	if raceEnabled {
		size = 12 << 20
	}
	const enough = 32 << 20 // bytes the heap may grow
	tmp, keep := t.TempDir(), filepath.Join(t.TempDir(), "sealed")
	t.Setenv("TMPDIR", tmp)
	heap := newHeap(t)

	w := newWorld(t)
	w.current["dev"] = dev1.ID
	plain := sha256.New()
	sealed, err := w.filter().Clean(context.Background(), "dev/a", io.TeeReader(newNoise(size), io.MultiWriter(plain, heap)))
	if err != nil {
		t.Fatal(err)
	}
	onlyCiphertext(t, tmp)
	blob := store(t, keep, sealed, heap)

	file, err := os.Open(keep)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	opened, err := w.filter().Smudge(context.Background(), process.Request{Path: "dev/a"}, file)
	if err != nil {
		t.Fatal(err)
	}
	onlyCiphertext(t, tmp)
	if got := sum(t, opened, heap); !bytes.Equal(got, plain.Sum(nil)) {
		t.Error("the plaintext does not come back")
	}

	w.current["dev"] = dev2.ID
	previous := func(context.Context, string) (*Blob, error) {
		return &Blob{Size: size, Open: func() (io.ReadCloser, error) { return os.Open(keep) }}, nil
	}
	f := New(Config{Keys: w, Policies: w, Attributes: w.attributes, Previous: previous})
	again, err := f.Clean(context.Background(), "dev/a", io.TeeReader(newNoise(size), heap))
	if err != nil {
		t.Fatal(err)
	}
	if got := sum(t, again, heap); !bytes.Equal(got, blob) {
		t.Error("unchanged content is not the old blob")
	}
	noSpools(t, tmp)
	if heap.most > heap.first+enough {
		t.Error("the heap grew with the file")
	}
	t.Logf("the heap grew from %d to %d KiB at most", heap.first>>10, heap.most>>10)
}

// heap samples the size of the heap as it is written to.
type heap struct {
	first, most uint64
	since       int
}

// newHeap has garbage collected early, so that what is sampled is what is in use.
func newHeap(t *testing.T) *heap {
	percent := debug.SetGCPercent(20)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	h := new(heap)
	runtime.GC()
	h.sample()
	h.first = h.most
	return h
}

func (h *heap) sample() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.most = max(h.most, m.HeapAlloc)
}

func (h *heap) Write(p []byte) (int, error) {
	if h.since += len(p); h.since > 1<<20 {
		h.since = 0
		h.sample()
	}
	return len(p), nil
}

// newNoise is a stream that is the same each time, with the marker in it.
func newNoise(size int64) io.Reader {
	block, err := aes.NewCipher(make([]byte, 16))
	if err != nil {
		panic(err)
	}
	return io.LimitReader(&noise{stream: cipher.NewCTR(block, make([]byte, 16))}, size)
}

type noise struct{ stream cipher.Stream }

func (n *noise) Read(p []byte) (int, error) {
	p = p[:min(len(p), 4<<10)]
	clear(p)
	n.stream.XORKeyStream(p, p)
	copy(p, marker)
	return len(p), nil
}

// store writes a result to a file, and gives its hash.
func store(t *testing.T, name string, r io.ReadCloser, heap io.Writer) []byte {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	h := sum(t, struct {
		io.Reader
		io.Closer
	}{io.TeeReader(r, f), r}, heap)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return h
}

func sum(t *testing.T, r io.ReadCloser, heap io.Writer) []byte {
	t.Helper()
	var h hash.Hash = sha256.New()
	_, err := io.Copy(io.MultiWriter(h, heap), r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return h.Sum(nil)
}

// onlyCiphertext looks into the temporary file that has to be there.
func onlyCiphertext(t *testing.T, tmp string) {
	t.Helper()
	noTrace(t, nil, tmp)
	if runtime.GOOS != "linux" {
		return
	}
	found := spools(t, tmp)
	if len(found) != 1 {
		t.Errorf("%d temporary files, want 1", len(found))
	}
	for _, b := range found {
		if b.plaintext {
			t.Error("a temporary file holds plaintext")
		}
		if !b.sealed {
			t.Error("a temporary file holds something that is not sealed")
		}
	}
}

// TestNoPlaintextOnDisk: content that only begins like a sealed blob does not go
// to a file, however long it is.
func TestNoPlaintextOnDisk(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc/self/fd")
	}
	lower(t, 100<<10)
	good := sealWith(t, dev2, text(120_000))
	tail := text(500_000)
	for name, content := range map[string][]byte{
		"magic":        append([]byte(magic), tail...),
		"header":       append(bytes.Clone(good[:envelope.HeaderSize]), tail...),
		"blob":         append(bytes.Clone(good), tail...),
		"part of blob": append(bytes.Clone(good[:len(good)/2]), tail...),
	} {
		for _, shut := range []bool{false, true} {
			t.Run(fmt.Sprint(name, shut), func(t *testing.T) {
				tmp := t.TempDir()
				t.Setenv("TMPDIR", tmp)
				w := newWorld(t)
				if shut {
					w.lock("dev", errTest)
				}
				w.index["dev/a"] = append(bytes.Clone(content), 'x') // so that all is read to compare
				looked := false
				look := readFunc(func([]byte) (int, error) {
					looked = true
					for _, b := range spools(t, tmp) {
						if b.plaintext {
							t.Error("plaintext is in a temporary file")
						}
					}
					return 0, io.EOF
				})
				out, err := drain(w.filter().Clean(context.Background(), "dev/a", io.MultiReader(bytes.NewReader(content), look)))
				if !errors.Is(err, ErrRefused) || len(out) > 0 || !looked {
					t.Errorf("%d bytes, error %v", len(out), err)
				}
				noSpools(t, tmp)
			})
		}
	}
}

type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// TestUnreadResults: a result that is closed without having been read, or in the
// middle, leaves nothing.
func TestUnreadResults(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	lower(t, 100)
	w := newWorld(t)
	sealed := sealWith(t, dev2, text(10_000))
	w.index["dev/old"] = sealWith(t, dev1, text(10_000))
	for _, read := range []int{0, 1, 5000} {
		for _, tt := range []struct {
			command, path string
			content       []byte
		}{
			{"clean", "dev/a", text(10_000)},
			{"clean", "dev/old", text(10_000)},
			{"clean", "dev/a", sealed},
			{"smudge", "dev/a", sealed},
			{"smudge", "prod/a", sealed}, // left sealed
		} {
			r, err := w.filter().Handle(context.Background(), process.Request{Command: tt.command, Path: tt.path}, bytes.NewReader(tt.content))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(r, make([]byte, read)); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(r.Close(), r.Close()); err != nil {
				t.Error(err)
			}
		}
	}
	if w.unclosed != 0 {
		t.Errorf("%d blobs of the index were left open", w.unclosed)
	}
	noSpools(t, tmp)
}

// TestSpool holds the sizes around the limit of memory.
func TestSpool(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	lower(t, 1000)
	for _, size := range []int{0, 1, 35, 36, 37, 999, 1000, 1001, 2000, 100_000} {
		for _, step := range []int{1, 7, 100_000} {
			s := new(spool)
			content := text(size)
			for rest := content; len(rest) > 0; {
				n := min(step, len(rest))
				if m, err := s.Write(rest[:n]); m != n || err != nil {
					t.Fatal(m, err)
				}
				rest = rest[n:]
			}
			if (s.file != nil) != (size > 1000) {
				t.Errorf("%d bytes: file is %v", size, s.file != nil)
			}
			if !bytes.Equal(s.head(), content[:min(size, envelope.HeaderSize)]) {
				t.Errorf("%d bytes by %d: head is %q", size, step, s.head())
			}
			var copied bytes.Buffer
			if err := s.copyTo(&copied); err != nil || !bytes.Equal(copied.Bytes(), content) {
				t.Errorf("%d bytes by %d: copy has %d, %v", size, step, copied.Len(), err)
			}
			if got, err := drain(s.reader()); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d bytes by %d: got %d, %v", size, step, len(got), err)
			}
		}
	}
}

// TestSpoolGap: after a failed write a spool gives nothing any more.
func TestSpoolGap(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", "/nonexistent")
	lower(t, 10)
	s := new(spool)
	if _, err := s.Write(text(10)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(text(1)); err == nil {
		t.Fatal("no error")
	}
	t.Setenv("TMPDIR", tmp)
	if _, err := s.Write(text(1)); err == nil {
		t.Error("written after a gap")
	}
	if s.copyTo(io.Discard) == nil {
		t.Error("copied with a gap")
	}
	if _, err := s.reader(); err == nil {
		t.Error("read with a gap")
	}
}

// TestConcurrent serves many paths at once from one Filter; run it with -race.
func TestConcurrent(t *testing.T) {
	lower(t, 4<<10)
	t.Setenv("TMPDIR", t.TempDir())
	w := newWorld(t)
	sealed := sealWith(t, dev1, text(9000))
	w.index["dev/old"] = sealed
	key := make(chan struct{})
	w.slow[prod1.ID] = key
	f := w.filter()
	f.DelayAfter = 1
	var wg sync.WaitGroup
	serve := func(want, content []byte, req process.Request) {
		wg.Go(func() {
			out, err := drain(f.Handle(context.Background(), req, bytes.NewReader(content)))
			if errors.Is(err, process.ErrDelayed) {
				return
			}
			if err != nil || want != nil && !bytes.Equal(out, want) {
				t.Errorf("%+v: %d bytes, %v", req, len(out), err)
			}
		})
	}
	for i := range 20 {
		n := fmt.Sprint(i)
		serve(nil, text(100*i), process.Request{Command: "clean", Path: "dev/" + n})
		serve(sealed, text(9000), process.Request{Command: "clean", Path: "dev/old"})
		serve(sealed, sealed, process.Request{Command: "clean", Path: "dev/" + n})
		serve(text(9000), sealed, process.Request{Command: "smudge", Path: "dev/" + n})
		serve(sealed, sealed, process.Request{Command: "smudge", Path: "prod/" + n}) // another ring
		serve(text(10), text(10), process.Request{Command: "smudge", Path: "dev/" + n})
		serve(text(9000), sealWith(t, prod1, text(9000)), process.Request{Command: "smudge", Path: "prod/delayed" + n, Treeish: "HEAD", CanDelay: true})
	}
	wg.Go(func() { close(key) })
	wg.Go(func() { _, _ = f.Available(context.Background()) })
	wg.Go(func() { f.Summary() })
	wg.Wait()
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if left, plain := f.Summary(); len(left) != 1 || left[0].Count != 20 || len(plain) != 20 {
		t.Errorf("left %v, plain %d", left, len(plain))
	}
}
