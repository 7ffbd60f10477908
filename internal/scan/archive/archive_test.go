package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// secret is what the tests look for; the rest of a content is noise.
const secret = "here is what was hidden"

// content is n bytes that hardly compress, with the secret in the middle.
func content(n int) []byte {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return append(append(b[:n/2:n/2], secret...), b[n/2:]...)
}

type file struct {
	name string
	body []byte
}

func zipped(t testing.TB, method uint16, files ...file) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: method})
		check(t, err)
		_, err = w.Write(f.body)
		check(t, err)
	}
	check(t, z.Close())
	return out.Bytes()
}

func tarred(t testing.TB, files ...file) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, f := range files {
		check(t, w.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.body)), Mode: 0o600}))
		_, err := w.Write(f.body)
		check(t, err)
	}
	check(t, w.Close())
	return out.Bytes()
}

func gzipped(t testing.TB, name string, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Name = name
	_, err := w.Write(body)
	check(t, err)
	check(t, w.Close())
	return out.Bytes()
}

func zstded(t testing.TB, body []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	check(t, err)
	return w.EncodeAll(body, nil)
}

// bzipped is the secret: the standard library has no encoder.
func bzipped(t testing.TB) []byte {
	t.Helper()
	b, err := hex.DecodeString("425a6839314159265359683b18600000061180400026611c8020002227a9e88f108069a6856fb3e9" +
		"406e321d440d68bb9229c2848341d8c300")
	check(t, err)
	return b
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// seen is all that a walk and the walks in it gave.
type seen struct {
	names []string
	all   bytes.Buffer
	skips []Skip
	deep  int
}

func (s *seen) has(text string) bool { return bytes.Contains(s.all.Bytes(), []byte(text)) }

func (s *seen) why() string {
	var all []string
	for _, k := range s.skips {
		all = append(all, k.Where+": "+k.Why)
	}
	return strings.Join(all, "; ")
}

// explore walks archives within archives, as an engine does.
func explore(t testing.TB, data []byte, size int64, b *Budget) *seen {
	t.Helper()
	s := &seen{}
	check(t, s.walk(Sniff(data), bytes.NewReader(data), size, b, 1))
	return s
}

func (s *seen) walk(kind string, r io.Reader, size int64, b *Budget, depth int) error {
	s.deep = max(s.deep, depth)
	skips, err := Walk(context.Background(), kind, r, size, b, func(name string, r io.Reader) error {
		s.names = append(s.names, name)
		head := make([]byte, 512)
		n, err := io.ReadFull(r, head)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
		rest := io.MultiReader(bytes.NewReader(head[:n]), r)
		if kind := Sniff(head[:n]); kind != "" {
			return s.walk(kind, rest, -1, b, depth+1)
		}
		_, err = io.Copy(&s.all, rest)
		return err
	})
	s.skips = append(s.skips, skips...)
	return err
}

func TestWalk(t *testing.T) {
	body := content(100_000)
	odd := file{"../../etc/passwd", body}
	tests := []struct {
		name  string
		data  []byte
		names string
	}{
		{"zip, deflate", zipped(t, zip.Deflate, odd, file{"b", nil}), "../../etc/passwd b"},
		{"zip, stored", zipped(t, zip.Store, odd), "../../etc/passwd"},
		{"zip, twice the same name", zipped(t, zip.Deflate, file{"a", nil}, file{"a", body}), "a a"},
		{"zip with a folder", zipped(t, zip.Deflate, file{"a/", nil}, file{"a/b", body}), "a/ a/b"},
		{"tar", tarred(t, odd, file{"b", nil}), "../../etc/passwd b"},
		{"two tars", append(tarred(t, file{"a", nil}), tarred(t, odd)...), "a ../../etc/passwd"},
		{"gzip", gzipped(t, "n", body), "n"},
		{"two gzips", append(gzipped(t, "n", []byte("x")), gzipped(t, "m", body)...), "n"},
		{"zstd", zstded(t, body), ""},
		{"bzip2", bzipped(t), ""},
		{"tar in gzip", gzipped(t, "", tarred(t, odd)), " ../../etc/passwd"},
		{"tar in zstd", zstded(t, tarred(t, odd)), " ../../etc/passwd"},
		{"zip in zip in tar in gzip", gzipped(t, "", tarred(t, file{"x", zipped(t, zip.Store, file{"y", zipped(t, zip.Deflate, odd)})})), " x y ../../etc/passwd"},
	}
	for _, tt := range tests {
		for _, size := range []int64{int64(len(tt.data)), -1} {
			t.Run(fmt.Sprint(tt.name, size < 0), func(t *testing.T) {
				b := Default()
				s := explore(t, tt.data, size, b)
				if !s.has(secret) {
					t.Error("secret not seen")
				}
				if got := strings.Join(s.names, " "); got != tt.names {
					t.Errorf("names %q, want %q", got, tt.names)
				}
				if s.why() != "" {
					t.Errorf("skipped %s", s.why())
				}
				if d := Default(); b.Depth != d.Depth || b.Memory != d.Memory {
					t.Errorf("left %+v, want depth and memory of %+v", *b, *d)
				}
			})
		}
	}
}
