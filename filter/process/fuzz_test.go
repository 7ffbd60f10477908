package process

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// moody behaves differently by path, so that the fuzzer reaches every kind of
// answer.
type moody struct{ t *testing.T }

func (m moody) Handle(ctx context.Context, req Request, content io.Reader) (io.ReadCloser, error) {
	if req.Command != Clean && req.Command != Smudge || req.Path == "" || len(req.Path) > maxPath {
		m.t.Errorf("impossible request %+v", req)
	}
	switch req.Path[0] % 6 {
	case 0:
		return nil, errors.New("failed early")
	case 1:
		return &result{Reader: content}, nil // reads too late
	case 2:
		panic("panicked")
	case 3:
		if req.CanDelay {
			return nil, ErrDelayed
		}
	}
	return upper(ctx, req, content)
}

func (moody) Available(context.Context) ([]string, error) { return []string{"a", "b\n"}, nil }

// FuzzServe: whatever comes in, Serve ends, what it writes is whole pkt-lines of
// legal size, every failure is in the report, and the bytes arriving in other
// portions change nothing.
func FuzzServe(f *testing.F) {
	request := func(path string) []byte {
		return pkt("command=smudge", "pathname="+path, "can-delay=1", nil, []byte("text"), nil)
	}
	var all []byte
	for _, path := range strings.Split("abcdefgh", "") {
		all = append(all, request(path)...)
	}
	f.Add(hello)
	f.Add(join(hello, all, pkt("command=list_available_blobs", nil), all))
	f.Add(join(hello, pkt("command=polish", "pathname=d", nil, []byte("x"), nil), request("d")))
	for _, edge := range []string{"0000", "0001", "0002", "0003", "0004", "0005", "fff0", "fff1", "FFFF", "000g"} {
		f.Add(join([]byte(edge), hello))
		f.Add(join(hello, []byte(edge)))
		f.Add(join(hello, pkt("command=clean", "pathname=d", nil), []byte(edge), []byte("\n"), pkt(nil, nil)))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		a := serve(t, bytes.NewReader(in), moody{t})
		checkPackets(t, a.out)
		// Content can't hold the words: it is upper-cased. A file that fails and
		// whose content then breaks off is reported, not answered.
		errs := bytes.Count(a.out, []byte("status=error\n"))
		if n := len(a.failed); n != errs && (n != errs+1 || a.err == nil) {
			t.Errorf("%d errors answered, %d reported, %v", errs, n, a.err)
		}
		b := serve(t, &stutter{b: in}, moody{t})
		if !bytes.Equal(a.out, b.out) || (a.err == nil) != (b.err == nil) {
			t.Errorf("in other portions: %q (%v), was %q (%v)", b.out, b.err, a.out, a.err)
		}
	})
}

// stutter yields one byte, then two, then three, …
type stutter struct {
	b []byte
	n int
}

func (s *stutter) Read(p []byte) (int, error) {
	if len(s.b) == 0 {
		return 0, io.EOF
	}
	s.n++
	n := copy(p, s.b[:min(s.n, len(s.b))])
	s.b = s.b[n:]
	return n, nil
}

// checkPackets walks b as pkt-lines.
func checkPackets(t *testing.T, b []byte) {
	t.Helper()
	s := newScanner(bytes.NewReader(b))
	for {
		_, _, err := s.line()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("wrote %q: %v", b, err)
		}
	}
}

func BenchmarkServe(b *testing.B) {
	for _, size := range []int{0, 4 << 10, 1 << 20} {
		b.Run(sizeName(size), func(b *testing.B) { benchmarkServe(b, size) })
	}
}

func sizeName(n int) string {
	switch n {
	case 0:
		return "empty"
	case 4 << 10:
		return "4KiB"
	}
	return "1MiB"
}

// benchmarkServe sends b.N files through a filter that gives back what it got.
func benchmarkServe(b *testing.B, size int) {
	request := join(pkt("command=smudge", "pathname=env/prod/service-1234.yaml", "ref=refs/heads/main",
		"treeish=0123456789012345678901234567890123456789", "blob=0123456789012345678901234567890123456789", nil),
		packets(make([]byte, size)), pkt(nil))
	buf := make([]byte, 0, size+1)
	echo := handlerFunc(func(_ context.Context, _ Request, content io.Reader) (io.ReadCloser, error) {
		n, err := fill(content, buf[:cap(buf)])
		if err != io.EOF {
			return nil, err
		}
		return &result{Reader: bytes.NewReader(buf[:n])}, nil
	})
	b.SetBytes(int64(size))
	b.ReportAllocs()
	in := io.MultiReader(bytes.NewReader(hello), &repeater{block: request, times: b.N})
	if err := Serve(context.Background(), in, io.Discard, echo, nil); err != nil {
		b.Fatal(err)
	}
}

// repeater yields block again and again.
type repeater struct {
	block []byte
	times int
	off   int
}

func (r *repeater) Read(p []byte) (int, error) {
	if r.times == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.block[r.off:])
	if r.off += n; r.off == len(r.block) {
		r.off = 0
		r.times--
	}
	return n, nil
}
