package filter

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/git-envelope/git-envelope/filter/process"
	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

// Smudge reads a stored blob to its end and gives what belongs in the work
// tree: verified plaintext, or the blob itself where this user may not open it.
// The reader may fail in the middle; all it gave is then to be thrown away.
func (f *Filter) Smudge(ctx context.Context, req process.Request, content io.Reader) (io.ReadCloser, error) {
	in := bufio.NewReaderSize(content, 64<<10)
	head, err := in.Peek(envelope.HeaderSize)
	switch {
	case err != nil && err != io.EOF:
		return nil, fmt.Errorf("read the blob: %w", err)
	case len(head) == 0:
		return none(), nil
	case !envelope.IsSealed(head):
		f.metPlain(req.Path)
		return inMemory(in)
	}
	s := new(spool)
	if _, err := io.Copy(s, in); err != nil {
		s.Close()
		return nil, fmt.Errorf("spool the sealed blob: %w", err)
	}
	if req.CanDelay && f.postpone(ctx, req, s) {
		return nil, process.ErrDelayed
	}
	return f.smudgeSealed(ctx, req.Path, req.Treeish, s)
}

// postpone tells whether the answer has to wait for the blob's key.
func (f *Filter) postpone(ctx context.Context, req process.Request, s *spool) bool {
	h, err := envelope.ParseHeader(s.head())
	if err != nil || f.DelayAfter == 0 {
		return false
	}
	id := keys.ID(h.KeyID)
	return f.delayed.postpone(req.Path, id, s, f.DelayAfter, func() { _, _ = f.Keys.Open(ctx, id, req.Treeish) })
}

func (f *Filter) smudgeSealed(ctx context.Context, name, treeish string, s *spool) (io.ReadCloser, error) {
	g, err := f.openFor(ctx, name, treeish, s.head())
	if err != nil {
		if leave := new(leaveSealed); shut(err) || errors.As(err, &leave) {
			f.leave(name, err)
			return s.reader()
		}
		s.Close()
		return nil, err
	}
	raw, err := s.reader()
	if err != nil {
		return nil, err
	}
	return &opened{Reader: envelope.NewReader(raw, f.key(g)), raw: raw}, nil
}

// leaveSealed is a reason, other than a missing key, not to open a blob.
type leaveSealed struct{ msg string }

func (l *leaveSealed) Error() string { return l.msg }

// openFor opens the key of a blob that Git checks out at a path, if the path's
// ring is the blob's: a blob copied to a path with another audience stays shut.
func (f *Filter) openFor(ctx context.Context, name, treeish string, head []byte) (keys.Generation, error) {
	g, err := f.open(ctx, head, treeish)
	if err != nil {
		return g, err
	}
	p, err := f.Policies.CheckOut(ctx, treeish)
	switch {
	case err != nil:
		return g, &leaveSealed{"the policy cannot be read: " + err.Error()}
	case p == nil:
		return g, &leaveSealed{"there is no .envelope/policy.yaml"}
	}
	ring, ok := p.RingOf(name)
	if !ok {
		attrs, err := f.Attributes(ctx, name)
		if err != nil {
			return g, fmt.Errorf("read the attributes: %w", err)
		}
		if ring, err = Choose(p, name, attrs.Ring); err != nil {
			return g, &leaveSealed{err.Error()}
		}
	}
	if ring != g.Ring {
		return g, &leaveSealed{fmt.Sprintf("it is sealed for ring %q, but the path belongs to ring %q", g.Ring, ring)}
	}
	return g, nil
}

// opened is verified plaintext over a spooled blob.
type opened struct {
	io.Reader
	raw io.Closer
}

func (o *opened) Read(p []byte) (int, error) {
	n, err := o.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = integrity(err)
	}
	return n, err
}

func (o *opened) Close() error { return o.raw.Close() }

func (f *Filter) leave(name string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.left[err.Error()]
	if l == nil {
		l = &Left{Err: err, Path: name}
		f.left[err.Error()] = l
	}
	l.Count++
}

func (f *Filter) metPlain(name string) {
	if policy.Reserved(name) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plain = append(f.plain, name)
}

// Summary tells what a user should hear once the command is over: the files
// left sealed, by reason, and the plain blobs met at sealed paths.
func (f *Filter) Summary() (left []Left, plain []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.left {
		left = append(left, *l)
	}
	slices.SortFunc(left, func(a, b Left) int { return bytes.Compare([]byte(a.Path), []byte(b.Path)) })
	return left, slices.Clone(f.plain)
}

// Show gives the plaintext of stored content wherever it may be opened, for
// textconv and cat: what is not sealed is given as it is.
func (f *Filter) Show(ctx context.Context, content io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(content, 64<<10)
	head, err := in.Peek(envelope.HeaderSize)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("read the content: %w", err)
	}
	if !envelope.IsSealed(head) {
		return in, nil
	}
	g, err := f.open(ctx, head, "")
	if err != nil {
		return nil, err
	}
	return &opened{Reader: envelope.NewReader(in, f.key(g))}, nil
}
