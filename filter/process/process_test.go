package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// pkt builds pkt-lines: a string is a packet with LF, []byte one without, nil a
// flush packet, raw goes in as it is.
func pkt(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case nil:
			b = append(b, "0000"...)
		case string:
			b = fmt.Appendf(b, "%04x%s\n", len(p)+5, p)
		case []byte:
			b = fmt.Appendf(b, "%04x%s", len(p)+4, p)
		case raw:
			b = append(b, p...)
		}
	}
	return b
}

type raw string

// hello is the handshake as Git 2.39 sends it.
var hello = pkt("git-filter-client", "version=2", nil, "capability=clean", "capability=smudge", "capability=delay", nil)

// welcome is our answer to it.
func welcome(delay bool) []byte {
	b := pkt("git-filter-server", "version=2", nil, "capability=clean", "capability=smudge")
	if delay {
		b = append(b, pkt("capability=delay")...)
	}
	return append(b, "0000"...)
}

// answer is a whole successful answer of one content packet.
func answer(content string) []byte {
	b := pkt("status=success", nil)
	if content != "" {
		b = append(b, pkt([]byte(content))...)
	}
	return append(b, "00000000"...)
}

// handlerFunc is a Handler without state.
type handlerFunc func(ctx context.Context, req Request, content io.Reader) (io.ReadCloser, error)

func (f handlerFunc) Handle(ctx context.Context, req Request, content io.Reader) (io.ReadCloser, error) {
	return f(ctx, req, content)
}

// upper is the filter of most tests: it shouts.
var upper = handlerFunc(func(_ context.Context, _ Request, content io.Reader) (io.ReadCloser, error) {
	b, err := io.ReadAll(content)
	return io.NopCloser(bytes.NewReader(bytes.ToUpper(b))), err
})

// outcome is what one session did.
type outcome struct {
	out    []byte
	err    error
	failed []string // "path: error" as reported
}

func serve(t testing.TB, in io.Reader, h Handler) outcome {
	t.Helper()
	var o outcome
	var out bytes.Buffer
	o.err = Serve(context.Background(), in, &out, h, func(req Request, err error) {
		o.failed = append(o.failed, fmt.Sprintf("%s: %v", req.Path, err))
	})
	o.out = out.Bytes()
	return o
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// TestAnswers holds sessions that stay in step: the answer to each request, and
// a last good request whose answer shows that the stream was not lost.
func TestAnswers(t *testing.T) {
	failure := pkt("status=error", nil)
	many := []any{"command=clean", "pathname=a"}
	for i := range 100 {
		many = append(many, fmt.Sprintf("key%d=1", i))
	}
	tests := []struct {
		name   string
		in     []byte
		want   []byte
		failed string // a part of the report, "" for none
	}{
		{"content", pkt("command=clean", "pathname=a", nil, []byte("hello"), nil), answer("HELLO"), ""},
		{"empty content", pkt("command=clean", "pathname=a", nil, nil), answer(""), ""},
		{"several packets", pkt("command=clean", "pathname=a", nil, []byte("hel"), []byte("lo"), nil), answer("HELLO"), ""},
		{"empty packet", pkt("command=clean", "pathname=a", nil, []byte("hel"), []byte(""), []byte("lo"), nil), answer("HELLO"), ""},
		{"content that go-git takes for an error", pkt("command=clean", "pathname=a", nil, []byte("ERR no"), nil), answer("ERR NO"), ""},
		{"content that looks like a request", pkt("command=clean", "pathname=a", nil, "command=clean", nil), answer("COMMAND=CLEAN\n"), ""},
		{"upper-case length", join(pkt("command=clean", "pathname=a", nil), []byte("000Ahello!"), pkt(nil)), answer("HELLO!"), ""},
		{"unknown keys", pkt("command=clean", "pathname=a", "later=b=c", "=x", nil, []byte("x"), nil), answer("X"), ""},
		{"lines without LF", pkt([]byte("command=clean"), []byte("pathname=a"), nil, []byte("x"), nil), answer("X"), ""},
		{"no pathname", pkt("command=clean", nil, []byte("x"), nil), failure, "no pathname"},
		{"empty pathname", pkt("command=clean", "pathname=", nil, []byte("x"), nil), failure, "no pathname"},
		{"pathname twice", pkt("command=clean", "pathname=a", "pathname=b", nil, []byte("x"), nil), failure, "pathname came twice"},
		{"command twice", pkt("command=clean", "command=smudge", "pathname=a", nil, []byte("x"), nil), failure, "command came twice"},
		{"treeish twice", pkt("command=smudge", "pathname=a", "treeish=", "treeish=1", nil, nil), failure, "treeish came twice"},
		{"no equals sign", pkt("command=clean", "pathname=a", "oops", nil, []byte("x"), nil), failure, "without \"=\""},
		{"empty line", pkt("command=clean", "pathname=a", []byte(""), nil, []byte("x"), nil), failure, "without \"=\""},
		{"long key", pkt("command=clean", "pathname=a", strings.Repeat("k", 65)+"=1", nil, []byte("x"), nil), failure, "a key of 65 bytes"},
		{"too many lines", pkt(append(many, nil, []byte("x"), nil)...), failure, "more than 64 lines"},
		{"unknown command", pkt("command=polish", "pathname=a", nil, []byte("x"), nil), failure, `unknown command "polish"`},
		{"no command", pkt("pathname=a", nil, []byte("x"), nil), failure, "no command"},
		{"nothing but a flush packet", pkt(nil), failure, "no command"},
		{"delay list without delay", pkt("command=list_available_blobs", nil), pkt(nil, "status=error", nil), "without the delay"},
	}
	last := pkt("command=smudge", "pathname=z", nil, []byte("last"), nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := serve(t, bytes.NewReader(join(hello, tt.in, last)), upper)
			if o.err != nil {
				t.Fatalf("Serve: %v", o.err)
			}
			if diff := cmp.Diff(string(join(welcome(false), tt.want, answer("LAST"))), string(o.out)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			if tt.failed == "" && len(o.failed) > 0 || tt.failed != "" && (len(o.failed) != 1 || !strings.Contains(o.failed[0], tt.failed)) {
				t.Errorf("reported %q, want one with %q", o.failed, tt.failed)
			}
		})
	}
}

// TestBroken holds sessions that cannot go on.
func TestBroken(t *testing.T) {
	request := pkt("command=clean", "pathname=a", nil)
	tests := []struct {
		name string
		in   []byte
		want string
		is   error
	}{
		{"nothing at all", nil, "too early", io.ErrUnexpectedEOF},
		{"a person typing", []byte("hello?\n"), "four hexadecimal digits", ErrProtocol},
		{"another greeting", pkt("git-filter-server", "version=2", nil), "greeting", ErrProtocol},
		{"no greeting", pkt(nil), "greeting", ErrProtocol},
		{"version 1 only", pkt("git-filter-client", "version=1", nil), "version 2", ErrProtocol},
		{"no version", pkt("git-filter-client", nil), "version 2", ErrProtocol},
		{"too many versions", pkt(append(append([]any{"git-filter-client"}, repeat("version=9", 65)...), nil)...), "more than 64", ErrProtocol},
		{"end in the versions", pkt("git-filter-client", "version=2"), "too early", io.ErrUnexpectedEOF},
		{"end in the capabilities", pkt("git-filter-client", "version=2", nil, "capability=clean"), "too early", io.ErrUnexpectedEOF},
		{"missing flush after the lines", join(hello, pkt("command=clean", "pathname=a")), "too early", io.ErrUnexpectedEOF},
		{"missing flush after the content", join(hello, request, pkt([]byte("x"))), "too early", io.ErrUnexpectedEOF},
		{"delimiter packet", join(hello, request, []byte("0001")), "length 0001", ErrProtocol},
		{"response-end packet", join(hello, request, []byte("0002")), "length 0002", ErrProtocol},
		{"length 3", join(hello, request, []byte("0003")), "length 0003", ErrProtocol},
		{"oversized packet", join(hello, request, []byte("fff1"), make([]byte, 65521)), "length fff1", ErrProtocol},
		{"oversized line", join(hello, []byte("ffff"), make([]byte, 65531)), "length ffff", ErrProtocol},
		{"negative length", join(hello, request, []byte("-001")), "hexadecimal", ErrProtocol},
		{"length with 0x", join(hello, request, []byte("0x10")), "hexadecimal", ErrProtocol},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := serve(t, bytes.NewReader(tt.in), upper)
			if o.err == nil || !strings.Contains(o.err.Error(), tt.want) || !errors.Is(o.err, tt.is) {
				t.Errorf("Serve: %v, want %q matching %v", o.err, tt.want, tt.is)
			}
			if bytes.Contains(o.out, []byte("status=")) {
				t.Errorf("answered a broken request: %q", o.out)
			}
		})
	}
}

func repeat(s string, n int) []any {
	all := make([]any, n)
	for i := range all {
		all[i] = s
	}
	return all
}

// TestCapabilities: the answer is what both sides know, and nothing else.
func TestCapabilities(t *testing.T) {
	tests := []struct {
		offered []any
		delayer bool
		want    []byte
	}{
		{[]any{"capability=clean", "capability=smudge", "capability=delay"}, true, pkt("capability=clean", "capability=smudge", "capability=delay", nil)},
		{[]any{"capability=clean", "capability=smudge", "capability=delay"}, false, pkt("capability=clean", "capability=smudge", nil)},
		{[]any{"capability=clean", "capability=smudge"}, true, pkt("capability=clean", "capability=smudge", nil)},
		{[]any{"capability=smudge", "capability=teleport", "other=clean"}, true, pkt("capability=smudge", nil)},
		{nil, true, pkt(nil)},
	}
	for _, tt := range tests {
		// Unknown versions beside 2 are ignored.
		in := join(pkt("git-filter-client", "version=3", "version=2", "version=42", nil), pkt(tt.offered...), pkt(nil))
		var h Handler = upper
		if tt.delayer {
			h = &slow{}
		}
		o := serve(t, bytes.NewReader(in), h)
		want := join(pkt("git-filter-server", "version=2", nil), tt.want)
		if o.err != nil || !bytes.Equal(o.out, want) {
			t.Errorf("%v: %q, %v, want %q", tt.offered, o.out, o.err, want)
		}
	}
}

// TestRequest: each value arrives as the very bytes Git sent.
func TestRequest(t *testing.T) {
	paths := []string{"a", "a b", "a=b", "=", "\n", "a\nb", "a\n", "a\n\n", "a\r", "pathname=x", "\xff\xfe", "käse/☃", `"quoted"`, "%s%n", "-rf", " ", strings.Repeat("d/", 2000) + "f", strings.Repeat("x", maxPath)}
	for _, path := range paths {
		want := Request{Command: Smudge, Path: path, Ref: "refs/heads/a=b", Treeish: "1234", Blob: "5678"}
		var got []Request
		h := handlerFunc(func(_ context.Context, req Request, content io.Reader) (io.ReadCloser, error) {
			got = append(got, req)
			return io.NopCloser(content), nil
		})
		in := pkt("command=smudge", "pathname="+path, "ref=refs/heads/a=b", "treeish=1234", "blob=5678", "can-delay=1", nil, nil)
		// Twice, for the second shares strings with the first; then one with less.
		in = join(hello, in, in, pkt("command=smudge", "pathname="+path, nil, nil))
		if o := serve(t, bytes.NewReader(in), h); o.err != nil {
			t.Fatalf("%.40q: %v", path, o.err)
		}
		if diff := cmp.Diff([]Request{want, want, {Command: Smudge, Path: path}}, got); diff != "" {
			t.Errorf("%.40q (-want +got):\n%s", path, diff)
		}
	}
}

// TestSizes: content of every awkward size comes back whole, in packets of at
// most 65516 bytes.
func TestSizes(t *testing.T) {
	for _, size := range []int{0, 1, 4096, maxData - 1, maxData, maxData + 1, 2 * maxData, 3*maxData + 7, 1 << 20} {
		text := bytes.Repeat([]byte("abcdefg\n"), size/8+1)[:size]
		in := join(hello, pkt("command=clean", "pathname=a", nil), packets(text), pkt(nil))
		for name, r := range map[string]io.Reader{"whole": bytes.NewReader(in), "halves": iotest.HalfReader(bytes.NewReader(in)), "data with EOF": iotest.DataErrReader(bytes.NewReader(in))} {
			o := serve(t, r, upper)
			want := join(welcome(false), pkt("status=success", nil), packets(bytes.ToUpper(text)), pkt(nil, nil))
			if o.err != nil || !bytes.Equal(o.out, want) {
				t.Errorf("%d bytes, %s: wrong answer (%d bytes, want %d), %v", size, name, len(o.out), len(want), o.err)
			}
		}
	}
}

func packets(b []byte) []byte {
	var all []byte
	for len(b) > 0 {
		n := min(len(b), maxData)
		all = append(all, pkt(b[:n])...)
		b = b[n:]
	}
	return all
}

// TestEarlyEnd cuts a recorded session at every byte: only cuts between requests
// are a clean end, and no file whose content was cut is answered.
func TestEarlyEnd(t *testing.T) {
	parts := [][]byte{
		hello,
		pkt("command=clean", "pathname=dir/a file", nil, []byte("first"), []byte("second"), nil),
		pkt("command=smudge", "pathname=empty", "ref=refs/heads/main", "treeish=0123", "blob=4567", nil, nil),
		pkt("command=smudge", "pathname=a\nb", "can-delay=1", nil, []byte("third"), nil),
	}
	session := join(parts...)
	clean := map[int]int{} // bytes: requests answered by then
	for i, n := 0, 0; i < len(parts); i++ {
		n += len(parts[i])
		clean[n] = i
	}
	whole := 0
	for n := range len(session) + 1 {
		o := serve(t, iotest.OneByteReader(bytes.NewReader(session[:n])), upper)
		if answered, ok := clean[n]; ok {
			whole = answered
			if o.err != nil {
				t.Errorf("cut at %d: %v", n, o.err)
			}
		} else if !errors.Is(o.err, io.ErrUnexpectedEOF) {
			t.Errorf("cut at %d (%q): %v, want unexpected EOF", n, tail(session[:n]), o.err)
		}
		if got := bytes.Count(o.out, []byte("status=success")); got != whole {
			t.Errorf("cut at %d: %d answers, want %d", n, got, whole)
		}
		if len(o.failed) > 0 {
			t.Errorf("cut at %d: reported %q", n, o.failed)
		}
	}
}

func tail(b []byte) []byte { return b[max(0, len(b)-20):] }

// TestReadError: an input that fails is not an input that ends.
func TestReadError(t *testing.T) {
	broken := errors.New("wire cut")
	for _, in := range [][]byte{nil, hello, join(hello, pkt("command=clean")), join(hello, pkt("command=clean", "pathname=a", nil, []byte("x")))} {
		o := serve(t, io.MultiReader(bytes.NewReader(in), iotest.ErrReader(broken)), upper)
		if !errors.Is(o.err, broken) {
			t.Errorf("after %q: %v, want %v", tail(in), o.err, broken)
		}
	}
}

// TestWriteError: Git gone is the end of the session, wherever it shows.
func TestWriteError(t *testing.T) {
	in := join(hello, pkt("command=clean", "pathname=a", nil), packets(make([]byte, 1<<20)), pkt(nil))
	for _, limit := range []int{0, 10, 60, 100, 200_000} {
		out := &failingWriter{left: limit}
		err := Serve(context.Background(), bytes.NewReader(in), out, upper, nil)
		if !errors.Is(err, errPipe) {
			t.Errorf("after %d bytes: %v, want %v", limit, err, errPipe)
		}
	}
}

var errPipe = errors.New("broken pipe")

type failingWriter struct{ left int }

func (w *failingWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.left)
	w.left -= n
	if n < len(p) {
		return n, errPipe
	}
	return n, nil
}

// TestContext: a cancelled context ends the session between two requests.
func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	h := handlerFunc(func(_ context.Context, _ Request, content io.Reader) (io.ReadCloser, error) {
		cancel()
		return upper(ctx, Request{}, content)
	})
	request := pkt("command=clean", "pathname=a", nil, []byte("x"), nil)
	var out bytes.Buffer
	err := Serve(ctx, bytes.NewReader(join(hello, request, request)), &out, h, nil)
	if !errors.Is(err, context.Canceled) || bytes.Count(out.Bytes(), []byte("status=success")) != 1 {
		t.Errorf("Serve: %v, %q", err, out.Bytes())
	}
}

// TestAnswersAfterContent: nothing of an answer is written before the request
// was read to its end, which is what keeps two full pipes from deadlock.
func TestAnswersAfterContent(t *testing.T) {
	var out bytes.Buffer
	content := bytes.Repeat([]byte("x"), 300_000)
	head := join(hello, pkt("command=clean", "pathname=a", nil), packets(content))
	last := readerFunc(func(p []byte) (int, error) {
		if !bytes.Equal(out.Bytes(), welcome(false)) {
			t.Errorf("before the flush packet %d bytes of answer were out", out.Len()-len(welcome(false)))
		}
		return copy(p, "0000"), io.EOF
	})
	lazy := handlerFunc(func(context.Context, Request, io.Reader) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	})
	for _, h := range []Handler{upper, lazy} {
		out.Reset()
		if err := Serve(context.Background(), io.MultiReader(bytes.NewReader(head), last), &out, h, nil); err != nil {
			t.Fatal(err)
		}
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
