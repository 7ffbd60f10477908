package filter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

// whole is the size from which plaintext is not held in memory before anything
// is decided about it; larger content is compared and sealed in one pass. Tests
// lower it.
var whole = 1 << 20

// Clean reads content to its end and gives what Git is to store for the path.
// Any error means that nothing may be stored; content may then be left unread.
func (f *Filter) Clean(ctx context.Context, name string, content io.Reader) (io.ReadCloser, error) {
	in, err := look(content)
	if err != nil {
		return nil, fmt.Errorf("read the content: %w", err)
	}
	out, err := f.clean(ctx, name, in)
	if failed := in.failure(); failed != nil { // whatever was made of the part that was read
		if out != nil {
			_ = out.Close()
		}
		return nil, fmt.Errorf("read the content: %w", failed)
	}
	return out, err
}

func (f *Filter) clean(ctx context.Context, name string, in *source) (io.ReadCloser, error) {
	switch {
	case in.n == 0:
		return none(), nil
	case policy.Reserved(name):
		return inMemory(in)
	}
	to, err := f.place(ctx, name)
	switch {
	case err != nil:
		return nil, err
	case envelope.IsSealed(in.head()):
		return f.cleanSealed(ctx, to, in)
	}
	return f.cleanPlain(ctx, to, in)
}

// cleanSealed lets a sealed blob through unchanged once it is known to be one
// of this repository's, whole, and of the path's ring.
//
// So it does with the very bytes of the index entry, whatever is wrong with them:
// they change nothing, and refusing them would make 'git status' fail over a file
// that others committed. That is looked at last, and without spooling on: content
// found damaged may be plaintext that happens to begin with our magic.
func (f *Filter) cleanSealed(ctx context.Context, to place, in *source) (io.ReadCloser, error) {
	s := new(spool)
	err := f.checkSealed(ctx, to, in.head(), io.TeeReader(in, s))
	if err == nil {
		return s.reader()
	}
	defer s.Close()
	if errors.Is(err, ErrRefused) {
		if same := f.unchanged(ctx, to.name, s, in); same != nil {
			return same.Open()
		}
	}
	return nil, err
}

// checkSealed reads a sealed blob to its end and refuses it if it may not be
// stored at the place.
func (f *Filter) checkSealed(ctx context.Context, to place, head []byte, in io.Reader) error {
	ring, err := f.verify(ctx, head, in)
	switch {
	case err != nil:
		return err
	case to.err != nil:
		return to.err
	case !to.takes(ring):
		return refuse(nil, "add the plaintext instead, or correct the rule in .envelope/policy.yaml",
			"the content is sealed for ring %q, but this path belongs to ring %q", ring, to.ring)
	}
	return nil
}

// verify authenticates a sealed blob, or without its key checks its structure,
// and tells its ring.
func (f *Filter) verify(ctx context.Context, head []byte, in io.Reader) (ring string, err error) {
	g, err := f.open(ctx, head, "")
	switch {
	case err == nil:
		if _, err := io.Copy(io.Discard, envelope.NewReader(in, f.key(g))); err != nil {
			return "", damaged(err)
		}
		return g.Ring, nil
	case errors.Is(err, ErrNewer):
		return "", refuse(err, "upgrade git-envelope; plaintext may not begin with the magic bytes of a sealed file", "the content cannot be checked")
	case errors.Is(err, keys.ErrTampered):
		return "", refuse(err, "", "the content is sealed under a key that cannot be trusted")
	case errors.Is(err, ErrIntegrity):
		return "", damaged(err)
	}
	info, err := envelope.Inspect(in)
	if err != nil {
		return "", damaged(err)
	}
	ring, err = f.Keys.Find(ctx, keys.ID(info.Header.KeyID), "")
	switch {
	case errors.Is(err, keys.ErrUnknownKey):
		return "", refuse(err, "a sealed file of another repository cannot be added here; add its plaintext instead",
			"the content is sealed under a key this repository does not know")
	case err != nil:
		return "", refuse(err, "", "the ring of the sealed content cannot be found")
	}
	return ring, nil
}

// cleanPlain seals plaintext, unless the index or HEAD has it sealed already. That is
// looked at even where no ring can be found: 'git status' and a commit of other
// files go on while somebody mends the policy.
func (f *Filter) cleanPlain(ctx context.Context, to place, in io.Reader) (io.ReadCloser, error) {
	old, err := f.previous(ctx, to)
	if err != nil {
		return nil, err
	}
	start, err := readUpTo(in, whole)
	if err != nil {
		return nil, err
	}
	defer clear(start)
	switch {
	case len(start) == whole:
		return f.cleanStream(ctx, to, io.MultiReader(bytes.NewReader(start), in), append([]*previous{old}, f.others(ctx, to)...)...)
	case old != nil && old.holds(start):
		return old.blob.Open()
	}
	for _, other := range f.others(ctx, to) {
		if other.holds(start) {
			return other.blob.Open()
		}
	}
	return f.seal(ctx, to, bytes.NewReader(start))
}

// cleanStream seals and compares at once, since plaintext that does not fit in
// memory can be read only once. What is spooled is sealed.
func (f *Filter) cleanStream(ctx context.Context, to place, plain io.Reader, olds ...*previous) (io.ReadCloser, error) {
	matchers := map[*previous]*matcher{}
	for _, old := range olds {
		if old == nil {
			continue
		}
		if m, err := old.matcher(); err == nil {
			defer m.Close()
			plain = io.TeeReader(plain, m)
			matchers[old] = m
		}
	}
	if len(matchers) == 0 {
		return f.seal(ctx, to, plain)
	}
	sealed, err := f.seal(ctx, to, plain)
	if err != nil { // no matter, if nothing has to be sealed
		if _, unread := io.Copy(io.Discard, plain); unread != nil {
			return nil, unread
		}
	}
	for _, old := range olds {
		if m := matchers[old]; m != nil && m.equal() {
			if sealed != nil {
				_ = sealed.Close()
			}
			return old.blob.Open()
		}
	}
	return sealed, err
}

// seal writes the sealed form of plain, under the current generation of the
// place's ring, into a spool.
func (f *Filter) seal(ctx context.Context, to place, plain io.Reader) (io.ReadCloser, error) {
	if to.err != nil {
		return nil, to.err
	}
	out, _, err := f.sealFor(ctx, to.ring, plain)
	if err != nil {
		return nil, err
	}
	return out.reader()
}

// sealFor seals plain under the current generation of a ring, which it returns.
func (f *Filter) sealFor(ctx context.Context, ring string, plain io.Reader) (*spool, keys.Generation, error) {
	g, err := f.Keys.Current(ctx, ring)
	if err != nil {
		return nil, g, noKey(err, ring)
	}
	if g.Ring != ring {
		return nil, g, fmt.Errorf("seal for ring %q: internal error: got the key of ring %q", ring, g.Ring)
	}
	out := new(spool)
	w := envelope.NewWriter(out, f.key(g))
	_, err = io.Copy(w, plain)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		_ = out.Close()
		return nil, g, fmt.Errorf("seal for ring %q: %w", ring, err)
	}
	return out, g, nil
}
