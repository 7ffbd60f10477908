package filter

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/keys"
)

// ErrNotSealed: content that was to be resealed is no sealed blob.
var ErrNotSealed = errors.New("not sealed")

// Resealed is the content of a sealed blob, sealed anew. It is to be closed.
type Resealed struct {
	io.ReadCloser
	Size     int64
	From, To keys.ID
}

// Reseal opens a sealed blob of a ring and seals its plaintext under the ring's
// current generation. What it gives has been opened again and holds the very
// plaintext the blob holds. Plaintext passes through memory only, in pieces.
//
// A blob that fails authentication is ErrIntegrity, one of another ring or that
// is not sealed is refused; any other error says nothing about the blob.
func (f *Filter) Reseal(ctx context.Context, ring string, sealed io.Reader) (*Resealed, error) {
	in, err := look(sealed)
	if err != nil {
		return nil, fmt.Errorf("read the blob: %w", err)
	}
	if !envelope.IsSealed(in.head()) {
		return nil, ErrNotSealed
	}
	from, err := f.open(ctx, in.head(), "")
	if err != nil {
		return nil, err
	}
	p, err := f.policy(ctx)
	if err != nil {
		return nil, err
	}
	if to := (place{ring: ring, policy: p}); !to.takes(from.Ring) {
		return nil, refuse(nil, "", "it is sealed for ring %q, but the path belongs to ring %q", from.Ring, ring)
	}
	plain := sha256.New()
	content := &source{r: &opened{Reader: envelope.NewReader(in, f.key(from))}}
	out, to, err := f.sealFor(ctx, ring, io.TeeReader(content, plain))
	if failed := content.failure(); failed != nil {
		err = failed // it is the blob's fault, not that of sealing
	}
	if err != nil {
		return nil, err
	}
	check := sha256.New()
	if err := f.reopen(check, out, to); err != nil {
		_ = out.Close()
		return nil, fmt.Errorf("open what was sealed anew: %w", err)
	}
	if !bytes.Equal(check.Sum(nil), plain.Sum(nil)) {
		_ = out.Close()
		return nil, errors.New("open what was sealed anew: internal error: it holds other plaintext")
	}
	size := out.size
	again, err := out.reader()
	if err != nil {
		return nil, err
	}
	return &Resealed{ReadCloser: again, Size: size, From: from.ID, To: to.ID}, nil
}

// reopen writes the plaintext of what was sealed.
func (f *Filter) reopen(plain io.Writer, s *spool, g keys.Generation) error {
	sealed, err := s.reader()
	if err != nil {
		return err
	}
	_, err = io.Copy(plain, envelope.NewReader(sealed, f.key(g)))
	return err // the spool stays open for who is given it
}
