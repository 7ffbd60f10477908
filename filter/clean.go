package filter

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

// whole is the largest plaintext that is held in memory before anything is
// decided about it; larger content is compared and sealed in one pass.
const whole = 1 << 20

// Clean reads content to its end and gives what Git is to store for the path.
// Any error means that nothing may be stored.
func (f *Filter) Clean(ctx context.Context, name string, content io.Reader) (io.ReadCloser, error) {
	in := bufio.NewReaderSize(content, 64<<10)
	head, err := in.Peek(envelope.HeaderSize)
	switch {
	case err != nil && err != io.EOF:
		return nil, fmt.Errorf("read the content: %w", err)
	case len(head) == 0:
		return none(), nil
	case policy.Reserved(name):
		return inMemory(in)
	case envelope.IsSealed(head):
		return f.cleanSealed(ctx, name, head, in)
	}
	return f.cleanPlain(ctx, name, in)
}

// cleanSealed lets a sealed blob through unchanged once it is known to be one
// of this repository's, whole, and of the path's ring.
func (f *Filter) cleanSealed(ctx context.Context, name string, head []byte, in *bufio.Reader) (io.ReadCloser, error) {
	head = bytes.Clone(head)
	spool := new(spool)
	g, keyErr := f.open(ctx, head, "")
	err := f.checkSealed(ctx, name, head, g, keyErr, io.TeeReader(in, spool))
	if _, rest := io.Copy(spool, in); rest != nil {
		spool.Close()
		return nil, fmt.Errorf("spool the sealed content: %w", rest)
	}
	if err == nil || f.isPrevious(ctx, name, spool) {
		return spool.reader()
	}
	spool.Close()
	return nil, err
}

func (f *Filter) checkSealed(ctx context.Context, name string, head []byte, g keys.Generation, keyErr error, in io.Reader) error {
	ring := g.Ring
	switch {
	case keyErr == nil:
		if _, err := io.Copy(io.Discard, envelope.NewReader(in, f.key(g))); err != nil {
			return damaged(err)
		}
	case errors.Is(keyErr, ErrIntegrity):
		return damaged(keyErr)
	default:
		info, err := envelope.Inspect(in)
		if err != nil {
			return damaged(err)
		}
		if ring, err = f.Keys.Find(ctx, keys.ID(info.Header.KeyID), ""); err != nil {
			return refuse(err, "a sealed file of another repository cannot be added here; add its plaintext instead",
				"the content is sealed under a key this repository does not know")
		}
	}
	want, err := f.ringIn(ctx, name)
	if err != nil {
		return err
	}
	if ring != want {
		return refuse(nil, "add the plaintext instead, or correct the rule in .envelope/policy.yaml",
			"the content is sealed for ring %q, but this path belongs to ring %q", ring, want)
	}
	return nil
}

func damaged(err error) error {
	return refuse(integrity(err), "restore it with 'git checkout -- PATH'; plaintext may not begin with the magic bytes of a sealed file",
		"the content looks sealed but is damaged")
}

// isPrevious tells whether the spool holds the very bytes of the index entry.
// Such content changes nothing, whatever is wrong with it, and refusing it
// would make 'git status' fail over a file that others committed.
func (f *Filter) isPrevious(ctx context.Context, name string, s *spool) bool {
	prev, err := f.Previous(ctx, name)
	if err != nil || prev == nil || prev.Size != s.size {
		return false
	}
	old, err := prev.Open()
	if err != nil {
		return false
	}
	defer old.Close()
	m := matcher{with: old}
	if err := s.copyTo(&m); err != nil {
		return false
	}
	return m.equal()
}

func (f *Filter) cleanPlain(ctx context.Context, name string, in *bufio.Reader) (io.ReadCloser, error) {
	ring, err := f.ringIn(ctx, name)
	if err != nil {
		return nil, err
	}
	old, err := f.previous(ctx, name, ring)
	if err != nil {
		return nil, err
	}
	start, err := readUpTo(in, whole)
	if err != nil {
		return nil, fmt.Errorf("read the content: %w", err)
	}
	if len(start) < whole {
		return f.cleanWhole(ctx, ring, start, old)
	}
	return f.cleanStream(ctx, ring, io.MultiReader(bytes.NewReader(start), in), old)
}

// previous is the index entry's blob with the key to compare with; nil where
// there is none to stay with.
type previous struct {
	blob *Blob
	key  *envelope.Key
}

// previous finds the sealed blob that the index has for the path. A blob of
// another ring, or one that cannot be opened, is nothing to stay with: the
// content is then sealed anew, which needs the current key.
func (f *Filter) previous(ctx context.Context, name, ring string) (*previous, error) {
	blob, err := f.Previous(ctx, name)
	if err != nil {
		return nil, refuse(err, "", "the path's entry in the index cannot be read")
	}
	if blob == nil || blob.Size < int64(envelope.HeaderSize) {
		return nil, nil
	}
	r, err := blob.Open()
	if err != nil {
		return nil, refuse(err, "", "the path's blob in the index cannot be read")
	}
	defer r.Close()
	head := make([]byte, envelope.HeaderSize)
	if _, err := io.ReadFull(r, head); err != nil || !envelope.IsSealed(head) {
		return nil, nil
	}
	g, err := f.open(ctx, head, "")
	if err != nil || g.Ring != ring {
		return nil, nil
	}
	return &previous{blob: blob, key: f.key(g)}, nil
}

// cleanWhole seals plaintext that is all in memory.
func (f *Filter) cleanWhole(ctx context.Context, ring string, plain []byte, old *previous) (io.ReadCloser, error) {
	if old != nil {
		if m, err := old.matcher(); err == nil {
			_, _ = m.Write(plain)
			same := m.equal()
			m.Close()
			if same {
				return old.blob.Open()
			}
		}
	}
	return f.seal(ctx, ring, bytes.NewReader(plain))
}

// cleanStream seals and compares at once, since plaintext that does not fit in
// memory can be read only once. What is spooled is sealed.
func (f *Filter) cleanStream(ctx context.Context, ring string, plain io.Reader, old *previous) (io.ReadCloser, error) {
	if old == nil {
		return f.seal(ctx, ring, plain)
	}
	m, err := old.matcher()
	if err != nil {
		return f.seal(ctx, ring, plain)
	}
	defer m.Close()
	plain = io.TeeReader(plain, m)
	sealed, err := f.seal(ctx, ring, plain)
	if _, rest := io.Copy(io.Discard, plain); rest != nil {
		err = errors.Join(err, rest)
	}
	if m.equal() {
		if sealed != nil {
			sealed.Close()
		}
		return old.blob.Open()
	}
	return sealed, err
}

// seal writes the sealed form of plain, under the ring's current generation,
// into a spool.
func (f *Filter) seal(ctx context.Context, ring string, plain io.Reader) (io.ReadCloser, error) {
	g, err := f.Keys.Current(ctx, ring)
	if err != nil {
		return nil, noKey(err, ring)
	}
	out := new(spool)
	w := envelope.NewWriter(out, f.key(g))
	_, err = io.Copy(w, plain)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		out.Close()
		return nil, fmt.Errorf("seal for ring %q: %w", ring, err)
	}
	return out.reader()
}

func noKey(err error, ring string) error {
	hint := "give git-envelope an identity of the ring (see 'git envelope doctor'), or undo the change to this file"
	switch {
	case errors.Is(err, keys.ErrLocked):
		hint = "run 'git envelope unlock' first"
	case errors.Is(err, keys.ErrTampered):
		err = integrity(err)
		hint = "restore .envelope/keys from a commit you trust"
	}
	return refuse(err, hint, "plaintext cannot be sealed for ring %q", ring)
}

func (p *previous) matcher() (*matcher, error) {
	raw, err := p.blob.Open()
	if err != nil {
		return nil, err
	}
	return &matcher{with: envelope.NewReader(raw, p.key), close: raw}, nil
}

// matcher compares what is written to it with what it reads, in step. It never
// fails a write: a difference is remembered.
type matcher struct {
	with   io.Reader
	close  io.Closer
	buf    []byte
	differ bool
}

func (m *matcher) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0 && !m.differ; {
		n := min(len(rest), 32<<10)
		if m.buf == nil {
			m.buf = make([]byte, 32<<10)
		}
		if _, err := io.ReadFull(m.with, m.buf[:n]); err != nil || !bytes.Equal(m.buf[:n], rest[:n]) {
			m.differ = true
		}
		rest = rest[n:]
	}
	return len(p), nil
}

// equal tells whether all was written that there was to read, and nothing else.
// It reads to the authenticated end.
func (m *matcher) equal() bool {
	if m.differ {
		return false
	}
	var one [1]byte
	n, err := io.ReadFull(m.with, one[:])
	return n == 0 && err == io.EOF
}

func (m *matcher) Close() {
	clear(m.buf)
	if m.close != nil {
		m.close.Close()
	}
}

// readUpTo reads at most n bytes; fewer only at the end of r.
func readUpTo(r io.Reader, n int) ([]byte, error) {
	b := make([]byte, 0, 8<<10)
	for len(b) < n {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		got, err := r.Read(b[len(b):min(cap(b), n)])
		b = b[:len(b)+got]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}
