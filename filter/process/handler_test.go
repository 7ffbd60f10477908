package process

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// result is a handler's reader that counts how often it was closed.
type result struct {
	io.Reader
	closeErr error
	closed   int
}

func (r *result) Close() error { r.closed++; return r.closeErr }

// TestHandlerFaults: whatever a handler does wrong is the failure of its file,
// reported once, and the next file is served.
func TestHandlerFaults(t *testing.T) {
	broken := errors.New("no key")
	early := pkt("status=error", nil)
	late := func(content ...any) []byte {
		return join(pkt("status=success", nil), pkt(content...), pkt(nil, "status=error", nil))
	}
	const secret = "hunter2"
	tests := []struct {
		name   string
		handle func(content io.Reader) (io.ReadCloser, error)
		want   []byte
		report string
	}{
		{"error", func(io.Reader) (io.ReadCloser, error) { return nil, broken }, early, "no key"},
		{"error after half of the content", func(r io.Reader) (io.ReadCloser, error) {
			_, _ = io.ReadFull(r, make([]byte, 3))
			return nil, broken
		}, early, "no key"},
		{"nothing", func(io.Reader) (io.ReadCloser, error) { return nil, nil }, early, "no result"},
		{"delay that was not allowed", func(io.Reader) (io.ReadCloser, error) { return nil, ErrDelayed }, early, "may not be delayed"},
		{"late error", func(io.Reader) (io.ReadCloser, error) {
			return &result{Reader: io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken))}, nil
		}, late([]byte("half")), "no key"},
		{"late error with data", func(io.Reader) (io.ReadCloser, error) {
			return &result{Reader: readerFunc(func(p []byte) (int, error) { return copy(p, "half"), broken })}, nil
		}, late([]byte("half")), "no key"},
		{"error on close", func(io.Reader) (io.ReadCloser, error) {
			return &result{Reader: strings.NewReader("all"), closeErr: broken}, nil
		}, late([]byte("all")), "no key"},
		{"lazy reader of the content", func(r io.Reader) (io.ReadCloser, error) {
			return io.NopCloser(r), nil
		}, late(), "after the handler returned"},
		{"reader that stands still", func(io.Reader) (io.ReadCloser, error) {
			return io.NopCloser(readerFunc(func([]byte) (int, error) { return 0, nil })), nil
		}, late(), io.ErrNoProgress.Error()},
		{"reader that lies", func(io.Reader) (io.ReadCloser, error) {
			return io.NopCloser(readerFunc(func(p []byte) (int, error) { return len(p) + 1, nil })), nil
		}, late(), "impossible count"},
		{"panic", func(io.Reader) (io.ReadCloser, error) { panic(secret) }, early, "panic (string)"},
		{"panic of the runtime", func(r io.Reader) (io.ReadCloser, error) {
			b, _ := io.ReadAll(r)
			return nil, errors.New(string(b[len(b)]))
		}, early, "index out of range"},
		{"panic in the reader", func(io.Reader) (io.ReadCloser, error) {
			return io.NopCloser(readerFunc(func([]byte) (int, error) { panic(errors.New(secret)) })), nil
		}, late(), "panic (*errors.errorString)"},
		{"panic on close", func(io.Reader) (io.ReadCloser, error) {
			return struct {
				io.Reader
				io.Closer
			}{strings.NewReader("all"), nil}, nil
		}, late([]byte("all")), "nil pointer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var returned io.ReadCloser
			h := handlerFunc(func(ctx context.Context, req Request, content io.Reader) (io.ReadCloser, error) {
				if req.Path == "next" {
					return upper(ctx, req, content)
				}
				r, err := tt.handle(content)
				returned = r
				return r, err
			})
			in := join(hello,
				pkt("command=clean", "pathname=bad", nil, []byte(secret), nil),
				pkt("command=clean", "pathname=next", nil, []byte("fine"), nil))
			o := serve(t, bytes.NewReader(in), h)
			if o.err != nil {
				t.Fatalf("Serve: %v", o.err)
			}
			if want := join(welcome(false), tt.want, answer("FINE")); !bytes.Equal(o.out, want) {
				t.Errorf("answer %q, want %q", o.out, want)
			}
			if len(o.failed) != 1 || !strings.HasPrefix(o.failed[0], "bad: ") || !strings.Contains(o.failed[0], tt.report) {
				t.Errorf("reported %q, want one with %q", o.failed, tt.report)
			}
			if strings.Contains(strings.Join(o.failed, ""), secret) {
				t.Errorf("the report quotes content: %q", o.failed)
			}
			if r, ok := returned.(*result); ok && r.closed != 1 {
				t.Errorf("reader closed %d times", r.closed)
			}
		})
	}
}

// TestPanicTrace: the report says where, without arguments.
func TestPanicTrace(t *testing.T) {
	var got *PanicError
	h := handlerFunc(func(context.Context, Request, io.Reader) (io.ReadCloser, error) { return explode("hunter2") })
	in := join(hello, pkt("command=clean", "pathname=a", nil, nil))
	err := Serve(context.Background(), bytes.NewReader(in), io.Discard, h, func(_ Request, err error) {
		if !errors.As(err, &got) {
			t.Errorf("reported %v", err)
		}
	})
	if err != nil || got == nil {
		t.Fatal(err, got)
	}
	first, _, _ := strings.Cut(got.Trace, "\n")
	if !strings.Contains(first, ".explode ") || !strings.Contains(first, "handler_test.go:") {
		t.Errorf("trace begins with %q", first)
	}
	if strings.Contains(got.Trace, "hunter2") || strings.Contains(got.Trace, "(0x") {
		t.Errorf("trace has arguments:\n%s", got.Trace)
	}
}

//go:noinline
func explode(what string) (io.ReadCloser, error) { panic("cannot bear " + what) }

// TestBrokenStreamClosesResult: a result is closed although the request's end
// never came, and nothing is answered.
func TestBrokenStreamClosesResult(t *testing.T) {
	r := &result{Reader: strings.NewReader("x")}
	h := handlerFunc(func(context.Context, Request, io.Reader) (io.ReadCloser, error) { return r, nil })
	o := serve(t, bytes.NewReader(join(hello, pkt("command=clean", "pathname=a", nil, []byte("x")))), h)
	if !errors.Is(o.err, io.ErrUnexpectedEOF) || r.closed != 1 || bytes.Contains(o.out, []byte("status")) {
		t.Errorf("%v, closed %d times, %q", o.err, r.closed, o.out)
	}
}

// slow postpones what it is asked, if it may, until Available.
type slow struct {
	pending map[string][]byte
	ready   []string
	refused error // what Available returns
	fail    string
	asked   int
}

func (s *slow) Handle(ctx context.Context, req Request, content io.Reader) (io.ReadCloser, error) {
	b, err := io.ReadAll(content)
	if err != nil {
		return nil, err
	}
	if kept, ok := s.pending[req.Path]; ok && len(b) == 0 {
		delete(s.pending, req.Path)
		if req.Path == s.fail {
			return nil, errors.New("late refusal")
		}
		b = kept
	} else if req.CanDelay {
		if s.pending == nil {
			s.pending = map[string][]byte{}
		}
		s.pending[req.Path] = b
		s.ready = append(s.ready, req.Path)
		return nil, ErrDelayed
	}
	return upper(ctx, req, bytes.NewReader(b))
}

func (s *slow) Available(context.Context) ([]string, error) {
	s.asked++
	ready := s.ready
	s.ready = nil
	return ready, s.refused
}

// TestDelay is the flow of gitattributes(5), with one postponed path that fails.
func TestDelay(t *testing.T) {
	h := &slow{fail: "b=\n"}
	in := join(hello,
		pkt("command=smudge", "pathname=a", "can-delay=1", nil, []byte("one"), nil),
		pkt("command=smudge", "pathname=b=\n", "can-delay=1", nil, []byte("two"), nil),
		pkt("command=smudge", "pathname=c", "can-delay=0", nil, []byte("three"), nil),
		pkt("command=list_available_blobs", nil),
		pkt("command=smudge", "pathname=a", nil, nil),
		pkt("command=smudge", "pathname=b=\n", nil, nil),
		pkt("command=list_available_blobs", nil))
	want := join(welcome(true),
		pkt("status=delayed", nil), pkt("status=delayed", nil), answer("THREE"),
		pkt("pathname=a", "pathname=b=\n", nil, "status=success", nil),
		answer("ONE"), pkt("status=error", nil),
		pkt(nil, "status=success", nil))
	o := serve(t, bytes.NewReader(in), h)
	if o.err != nil || !bytes.Equal(o.out, want) {
		t.Errorf("%v\n got %q\nwant %q", o.err, o.out, want)
	}
	if len(o.failed) != 1 || !strings.Contains(o.failed[0], "late refusal") {
		t.Errorf("reported %q", o.failed)
	}
}

// TestDelayFaults: a list that fails is an empty list and status=error.
func TestDelayFaults(t *testing.T) {
	tests := []struct {
		name string
		h    *slow
		want string
	}{
		{"error", &slow{ready: []string{"a"}, refused: errors.New("agent died")}, "agent died"},
		{"path no packet can carry", &slow{ready: []string{strings.Repeat("x", maxPath+1)}}, "has 65507 bytes"},
		{"empty path", &slow{ready: []string{""}}, "has 0 bytes"},
	}
	for _, tt := range tests {
		o := serve(t, bytes.NewReader(join(hello, pkt("command=list_available_blobs", nil))), tt.h)
		if want := join(welcome(true), pkt(nil, "status=error", nil)); o.err != nil || !bytes.Equal(o.out, want) {
			t.Errorf("%s: %v, %q", tt.name, o.err, o.out)
		}
		if len(o.failed) != 1 || !strings.Contains(o.failed[0], tt.want) {
			t.Errorf("%s: reported %q", tt.name, o.failed)
		}
	}
}

// TestDelayNotOffered: without the capability no request can be delayed, even if
// it says so, and the list is refused without asking the handler.
func TestDelayNotOffered(t *testing.T) {
	h := &slow{}
	in := join(pkt("git-filter-client", "version=2", nil, "capability=smudge", nil),
		pkt("command=smudge", "pathname=a", "can-delay=1", nil, []byte("one"), nil),
		pkt("command=list_available_blobs", nil))
	want := join(pkt("git-filter-server", "version=2", nil, "capability=smudge", nil), answer("ONE"), pkt(nil, "status=error", nil))
	o := serve(t, bytes.NewReader(in), h)
	if o.err != nil || !bytes.Equal(o.out, want) || h.asked != 0 {
		t.Errorf("%v, asked %d times\n got %q\nwant %q", o.err, h.asked, o.out, want)
	}
}
