package filter

import (
	"bytes"
	"context"
	"io"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

// previous is the sealed blob the index or HEAD has for a path, with its key.
type previous struct {
	blob *Blob
	key  *envelope.Key
}

// previous finds the sealed blob to compare plaintext with, nil if there is none
// to stay with: a blob of another ring, or one that cannot be opened, is not. The
// content is then sealed anew, which needs the current key.
func (f *Filter) previous(ctx context.Context, to place) (*previous, error) {
	blob, err := f.Previous(ctx, to.name)
	if err != nil {
		return nil, refuse(err, "", "the path's entry in the index cannot be read")
	}
	return f.stayWith(ctx, to, blob)
}

// others is previous for the other blobs that there are. One that cannot be read is
// none.
func (f *Filter) others(ctx context.Context, to place) (out []*previous) {
	if f.Others == nil {
		return nil
	}
	blobs, _ := f.Others(ctx, to.name)
	for _, blob := range blobs {
		if other, err := f.stayWith(ctx, to, blob); err == nil && other != nil {
			out = append(out, other)
		}
	}
	return out
}

// stayWith is a stored blob with its key, nil if it is none to compare with.
func (f *Filter) stayWith(ctx context.Context, to place, blob *Blob) (*previous, error) {
	if blob == nil || blob.Size < int64(envelope.HeaderSize) {
		return nil, nil
	}
	r, err := blob.Open()
	if err != nil {
		return nil, refuse(err, "", "the path's blob in the index cannot be read")
	}
	defer r.Close()
	in, err := look(r)
	if err != nil {
		return nil, refuse(err, "", "the path's blob in the index cannot be read")
	}
	if !envelope.IsSealed(in.head()) {
		return nil, nil
	}
	g, err := f.open(ctx, in.head(), "")
	if err != nil || to.err == nil && !to.takes(g.Ring) {
		return nil, nil
	}
	return &previous{blob: blob, key: f.key(g)}, nil
}

// matcher compares plaintext with the blob's. It is to be closed.
func (p *previous) matcher() (*matcher, error) {
	raw, err := p.blob.Open()
	if err != nil {
		return nil, err
	}
	return &matcher{with: envelope.NewReader(raw, p.key), raw: raw}, nil
}

// holds tells whether the blob seals exactly plain.
func (p *previous) holds(plain []byte) bool {
	m, err := p.matcher()
	if err != nil {
		return false
	}
	defer m.Close()
	_, _ = m.Write(plain)
	return m.equal()
}

// unchanged gives the blob of the index entry if the content is that very blob,
// byte for byte; s holds what was read of the content already, rest is the rest.
func (f *Filter) unchanged(ctx context.Context, name string, s *spool, rest io.Reader) *Blob {
	blob, err := f.Previous(ctx, name)
	if err != nil || blob == nil || blob.Size < s.size {
		return nil
	}
	raw, err := blob.Open()
	if err != nil {
		return nil
	}
	m := &matcher{with: raw, raw: raw}
	defer m.Close()
	if s.copyTo(m) != nil {
		return nil
	}
	if _, err := io.Copy(m, rest); err != nil || !m.equal() {
		return nil
	}
	return blob
}

// matcher compares what is written to it with what it reads, in step. It never
// fails a write: a difference is remembered, and so is a failed read, since a
// blob that cannot be read is none to stay with.
type matcher struct {
	with   io.Reader
	raw    io.Closer
	buf    []byte
	differ bool
}

// matchStep is how much is compared at once.
const matchStep = 32 << 10

func (m *matcher) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0 && !m.differ; {
		n := min(len(rest), matchStep)
		if len(m.buf) < n {
			clear(m.buf)
			m.buf = make([]byte, n)
		}
		if _, err := io.ReadFull(m.with, m.buf[:n]); err != nil || !bytes.Equal(m.buf[:n], rest[:n]) {
			m.differ = true
		}
		rest = rest[n:]
	}
	return len(p), nil
}

// equal tells whether all was written that there was to read, and nothing else.
// It reads to the end, which for a sealed blob is authenticated.
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
	_ = m.raw.Close()
}
