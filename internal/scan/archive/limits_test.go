package archive

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// bomb is a gzip of n zeros.
func bomb(t testing.TB, n int64) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := io.Copy(w, io.LimitReader(zeros{}, n))
	check(t, err)
	check(t, w.Close())
	return out.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// count is how many bytes a walk and the walks in it give away.
func count(t testing.TB, data []byte, b *Budget) (n int64, skips []Skip) {
	t.Helper()
	var walk func(kind string, r io.Reader, size int64) error
	walk = func(kind string, r io.Reader, size int64) error {
		got, err := Walk(context.Background(), kind, r, size, b, func(_ string, r io.Reader) error {
			head := make([]byte, 512)
			k, _ := io.ReadFull(r, head)
			n += int64(k)
			rest := io.MultiReader(bytes.NewReader(head[:k]), r)
			if kind := Sniff(head[:k]); kind != "" {
				return walk(kind, rest, -1)
			}
			more, err := io.Copy(io.Discard, r)
			n += more
			return err
		})
		skips = append(skips, got...)
		return err
	}
	check(t, walk(Sniff(data), bytes.NewReader(data), int64(len(data))))
	return n, skips
}

func TestBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("long, above all under the race detector, and with nothing to race")
	}
	zerosOf1G := bomb(t, 1<<30)
	tests := []struct {
		name string
		data []byte
		most int64
	}{
		{"gzip", zerosOf1G, 129 << 20},
		{"gzip in gzip", gzipped(t, "", zerosOf1G), 131 << 20},
		{"ten in a zip", zipped(t, zip.Store, file{"1", zerosOf1G}, file{"2", zerosOf1G}, file{"3", zerosOf1G}, file{"4", zerosOf1G}), 257 << 20},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, skips := count(t, tt.data, Default())
			if n > tt.most {
				t.Errorf("%d MiB came out", n>>20)
			}
			if len(skips) == 0 || !strings.Contains(skips[0].Why, "unpacked") {
				t.Errorf("skips %v", skips)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	small := Default()
	small.Members = 2
	deep := gzipped(t, "", []byte(secret))
	for range 9 {
		deep = gzipped(t, "", deep)
	}
	tight := Default()
	tight.Memory = 1 << 20
	exact := Default()
	exact.Bytes = int64(len(secret))
	short := Default()
	short.Bytes = int64(len(secret)) - 1
	plain := gzipped(t, "", []byte(secret))
	tests := []struct {
		name string
		data []byte
		b    *Budget
		why  string
		sees bool
	}{
		{"members", zipped(t, zip.Deflate, file{"1", nil}, file{"2", []byte(secret)}, file{"3", nil}, file{"4", nil}), small, "3: " + tooMany, true},
		{"depth", deep, Default(), ": " + tooDeep, false},
		{"memory of zstd", zstded(t, content(5<<20)), tight, ": " + tooMuch, false},
		{"memory of zip", zipped(t, zip.Deflate, file{"1", content(2 << 20)}), tight, "", true},
		{"bytes, exactly", plain, exact, "", true},
		{"bytes, one too few", plain, short, ": larger than the limit when unpacked", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := explore(t, tt.data, -1, tt.b)
			if s.why() != tt.why || s.has(secret) != tt.sees {
				t.Errorf("skipped %q, want %q; secret seen %v, want %v", s.why(), tt.why, s.has(secret), tt.sees)
			}
		})
	}
}

// TestUnopened: what Walk can't open it counts.
func TestUnopened(t *testing.T) {
	whole := zipped(t, zip.Deflate, file{"a", []byte(secret)}, file{"b", []byte("x")})
	patched := func(offset int, signature string, value uint16) []byte {
		b := bytes.Clone(whole)
		for i := 0; ; {
			k := bytes.Index(b[i:], []byte(signature))
			if k < 0 {
				return b
			}
			binary.LittleEndian.PutUint16(b[i+k+offset:], value)
			i += k + 4
		}
	}
	tests := []struct {
		name string
		data []byte
		why  string
	}{
		{"encrypted", patched(8, "PK\x01\x02", 9), "a: " + encrypted + "; b: " + encrypted},
		{"method", patched(10, "PK\x01\x02", 12), "a: " + unknownMethod + "; b: " + unknownMethod},
		{"xz", []byte("\xfd7zXZ\x00..........."), ": " + unsupported},
		{"7z", []byte("7z\xbc\xaf\x27\x1c........"), ": " + unsupported},
		{"rar", []byte("Rar!\x1a\x07\x01\x00"), ": " + unsupported},
		{"gzip of nothing", []byte("\x1f\x8b\x08"), ": " + Damaged},
		{"zstd of nothing", []byte("\x28\xb5\x2f\xfd"), ": " + Damaged},
		{"gzip and more", append(gzipped(t, "", []byte("x")), "more"...), ": " + Damaged},
		{"tar and more", append(tarred(t, file{"a", []byte("x")}), strings.Repeat("more", 200)...), ": " + trailing},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := explore(t, tt.data, int64(len(tt.data)), Default())
			if s.why() != tt.why || s.has(secret) {
				t.Errorf("skipped %q, want %q", s.why(), tt.why)
			}
		})
	}
}

// TestHidden: what the directory of a zip does not name is seen.
func TestHidden(t *testing.T) {
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		hidden := zipped(t, method, file{"hidden", []byte(secret)})
		local := hidden[:bytes.Index(hidden, []byte("PK\x01\x02"))]
		open := zipped(t, method, file{"open", content(1000)[:400]})
		for name, data := range map[string][]byte{
			"before":       append(bytes.Clone(local), open...),
			"behind":       append(bytes.Clone(open), local...),
			"no directory": local,
		} {
			s := &seen{}
			check(t, s.walk("zip", bytes.NewReader(data), int64(len(data)), Default(), 1))
			if !s.has(secret) {
				t.Errorf("%s, method %d: not seen; skipped %s", name, method, s.why())
			}
		}
	}
}

// TestLargeZip: one that does not fit in memory is read from its beginning.
func TestLargeZip(t *testing.T) {
	data := zipped(t, zip.Deflate, file{"large", content(zipMost)}, file{"b", []byte("another " + secret)})
	for _, size := range []int64{int64(len(data)), -1} {
		s := explore(t, data, size, Default())
		if !s.has("another "+secret) || s.why() != "" || len(s.names) != 2 {
			t.Errorf("names %q, skipped %q", s.names, s.why())
		}
	}
}

// TestTruncated: what is cut off anywhere is given as far as it goes, and never
// passes for whole.
func TestTruncated(t *testing.T) {
	body := content(3000)
	for name, whole := range map[string][]byte{
		"zip":    zipped(t, zip.Deflate, file{"a", body}, file{"b", body}),
		"stored": zipped(t, zip.Store, file{"a", body}, file{"b", body}),
		"gzip":   gzipped(t, "", body),
		"zstd":   zstded(t, body),
		"tar.gz": gzipped(t, "", tarred(t, file{"a", body})),
	} {
		for n := 64; n < len(whole); n += 64 {
			s := explore(t, whole[:n], int64(n), Default())
			if len(s.skips) == 0 {
				t.Errorf("%s cut at %d of %d: nothing skipped", name, n, len(whole))
			}
		}
	}
}

// TestSparse: a tar's holes cost like compressed bytes.
func TestSparse(t *testing.T) {
	// An old GNU header, by hand: one hole of 8 GiB, no data.
	b := make([]byte, 3*tarBlock)
	copy(b, "sparse")
	copy(b[100:], "0000600\x000000000\x000000000\x0000000000000\x0000000000000\x00")
	b[156] = 'S'
	copy(b[257:], "ustar  \x00")
	copy(b[386:], "17777777777\x0000000000000")
	copy(b[483:], "17777777777\x00")
	var sum int64 = 8 * ' '
	for _, c := range b[:tarBlock] {
		sum += int64(c)
	}
	copy(b[148:], []byte{byte('0' + sum>>15&7), byte('0' + sum>>12&7), byte('0' + sum>>9&7), byte('0' + sum>>6&7), byte('0' + sum>>3&7), byte('0' + sum&7), 0, ' '})
	n, skips := count(t, b, Default())
	if n > 17<<20 || len(skips) == 0 {
		t.Errorf("%d bytes, skips %v", n, skips)
	}
}

func TestErrors(t *testing.T) {
	broken := errors.New("broken")
	archives := map[string][]byte{
		"zip": zipped(t, zip.Deflate, file{"a", content(99_000)}), "tar": tarred(t, file{"a", content(99_000)}),
		"gzip": gzipped(t, "", content(99_000)), "zstd": zstded(t, content(99_000)),
	}
	for kind, data := range archives {
		half := io.MultiReader(bytes.NewReader(data[:50_000]), iotest.ErrReader(broken))
		drain := func(_ string, r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }
		if _, err := Walk(context.Background(), kind, half, -1, Default(), drain); !errors.Is(err, broken) {
			t.Errorf("%s, broken below: %v", kind, err)
		}
		ignore := func(_ string, r io.Reader) error { _, _ = io.Copy(io.Discard, r); return nil }
		half = io.MultiReader(bytes.NewReader(data[:50_000]), iotest.ErrReader(broken))
		if _, err := Walk(context.Background(), kind, half, -1, Default(), ignore); !errors.Is(err, broken) {
			t.Errorf("%s, broken below, ignored: %v", kind, err)
		}
		fail := func(string, io.Reader) error { return broken }
		if _, err := Walk(context.Background(), kind, bytes.NewReader(data), -1, Default(), fail); !errors.Is(err, broken) {
			t.Errorf("%s, f fails: %v", kind, err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		stop := func(_ string, r io.Reader) error { cancel(); _, _ = io.Copy(io.Discard, r); return nil }
		if _, err := Walk(ctx, kind, bytes.NewReader(data), -1, Default(), stop); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled: %v", kind, err)
		}
	}
}

func TestSniff(t *testing.T) {
	old := tarred(t, file{"a", nil})
	copy(old[257:], make([]byte, 8))
	var sum int
	copy(old[148:], "        ")
	for _, c := range old[:tarBlock] {
		sum += int(c)
	}
	copy(old[148:], []byte{byte('0' + sum>>12&7), byte('0' + sum>>9&7), byte('0' + sum>>6&7), byte('0' + sum>>3&7), byte('0' + sum&7), 0})
	whole := zipped(t, zip.Deflate, file{"a", nil})
	tests := []struct {
		name, data, want string
	}{
		{"nothing", "", ""}, {"text", "package archive", ""}, {"zeros", strings.Repeat("\x00", 512), ""},
		{"zip", string(whole), "zip"}, {"empty zip", string(zipped(t, zip.Store)), "zip"},
		{"tar", string(tarred(t, file{"a", nil})), "tar"}, {"old tar", string(old), "tar"},
		{"gzip", string(gzipped(t, "", nil)), "gzip"}, {"zstd", string(zstded(t, []byte("x"))), "zstd"},
		{"bzip2", "BZh9\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00", "bzip2"}, {"BZh", "BZh is a word", ""},
		{"xz", "\xfd7zXZ\x00", "xz"},
	}
	for _, tt := range tests {
		if got := Sniff([]byte(tt.data)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := SniffEnd(append([]byte("#!/bin/sh\n"), whole...)); got != "zip" {
		t.Errorf("end of a zip behind a script: %q", got)
	}
	commented := append(whole[:len(whole)-2:len(whole)-2], 0xff, 0xff)
	commented = append(commented, strings.Repeat("\x05PK\x05", maxComment/4+1)[:maxComment]...)
	if got := SniffEnd(commented); got != "zip" {
		t.Errorf("the longest comment: %q", got)
	}
	if got := SniffEnd([]byte("text about PK\x05\x06")); got != "" {
		t.Errorf("end of a text: %q", got)
	}
}

func FuzzWalk(f *testing.F) {
	body := content(300)
	kinds := []string{"zip", "tar", "gzip", "zstd", "bzip2"}
	for k, data := range [][]byte{
		zipped(f, zip.Deflate, file{"a", body}, file{"b", nil}), tarred(f, file{"a", body}), gzipped(f, "a", body), zstded(f, body),
		[]byte("BZh9\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00"),
	} {
		f.Add(k, data)
	}
	f.Add(0, zipped(f, zip.Store, file{"a", body}))
	f.Add(0, []byte("PK\x03\x04"))
	f.Add(1, make([]byte, 1024))
	f.Fuzz(func(t *testing.T, k int, data []byte) {
		b := &Budget{Bytes: 1 << 20, Members: 50, Depth: 3, Memory: 18 << 20, Ratio: 100, Free: 1 << 20}
		before := *b
		var n int64
		kind := kinds[uint(k)%uint(len(kinds))]
		_, err := Walk(context.Background(), kind, bytes.NewReader(data), int64(len(data)), b, func(_ string, r io.Reader) error {
			some, err := io.Copy(io.Discard, r)
			n += some
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if b.Members < 0 || b.Bytes < 0 || b.Depth != before.Depth || b.Memory != before.Memory {
			t.Fatalf("budget %+v", *b)
		}
		if n > before.Bytes+int64(len(data)) {
			t.Fatalf("%d bytes", n)
		}
	})
}
