package filter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/filter/process"
	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

// Smudge reads a stored blob to its end and gives what belongs in the work
// tree: verified plaintext, or the blob itself where this user may not open it.
// The reader may fail in the middle; all it gave is then to be thrown away.
func (f *Filter) Smudge(ctx context.Context, req process.Request, content io.Reader) (io.ReadCloser, error) {
	in, err := look(content)
	if err != nil {
		return nil, fmt.Errorf("read the blob: %w", err)
	}
	if s := f.delayed.take(req, in.n == 0); s != nil {
		return f.smudgeSealed(ctx, req, s)
	}
	switch {
	case in.n == 0 && req.Blob != "" && !emptyBlob[req.Blob]:
		return nil, fmt.Errorf("git asks for blob %s without its content, and nothing was kept of it", req.Blob)
	case in.n == 0:
		return none(), nil
	case !envelope.IsSealed(in.head()):
		f.metPlain(req.Path)
		out, err := inMemory(in)
		if err != nil {
			return nil, fmt.Errorf("read the blob: %w", err)
		}
		return out, nil
	}
	s := new(spool)
	if _, err := io.Copy(s, in); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("take in the sealed blob: %w", err)
	}
	if req.CanDelay && req.Treeish != "" && f.postpone(ctx, req, s) {
		return nil, process.ErrDelayed
	}
	return f.smudgeSealed(ctx, req, s)
}

// postpone tells whether the answer has to wait for the blob's key. It is not
// asked where Git names no treeish, for a checkout of paths: those may be in
// conflict, and Git 2.39 then asks for the wrong stage again, or crashes
// ('git checkout --merge').
func (f *Filter) postpone(ctx context.Context, req process.Request, s *spool) bool {
	id, err := keyID(s.head())
	if err != nil || f.DelayAfter <= 0 {
		return false
	}
	return f.delayed.postpone(ctx, req, s, key{
		id:       id,
		patience: f.DelayAfter,
		fetch:    func(ctx context.Context) { _, _ = f.Keys.Open(ctx, id, req.Treeish) },
	})
}

func (f *Filter) smudgeSealed(ctx context.Context, req process.Request, s *spool) (io.ReadCloser, error) {
	g, err := f.openFor(ctx, req.Path, req.Treeish, s.head())
	if err != nil {
		if leave := new(leaveSealed); shut(err) || errors.As(err, &leave) {
			f.leave(req.Path, err)
			return s.reader()
		}
		_ = s.Close()
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
// ring is the blob's: a blob copied to a path with another audience stays shut,
// or the next clean would seal it for that audience. At a path that clean passes
// as it is, it would even enter the repository in plain.
func (f *Filter) openFor(ctx context.Context, name, treeish string, head []byte) (keys.Generation, error) {
	if policy.Reserved(name) {
		return keys.Generation{}, &leaveSealed{"files that Git and git-envelope read themselves are never opened or sealed"}
	}
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
	if p.Today(g.Ring) != ring {
		return g, &leaveSealed{fmt.Sprintf("it is sealed for ring %q, but the path belongs to ring %q", g.Ring, ring)}
	}
	return g, nil
}

// opened is verified plaintext of a sealed blob.
type opened struct {
	io.Reader
	raw io.Closer // may be nil
}

func (o *opened) Read(p []byte) (int, error) {
	n, err := o.Reader.Read(p)
	if errors.Is(err, envelope.ErrDamaged) {
		err = integrity(err)
	}
	return n, err
}

func (o *opened) Close() error {
	if o.raw == nil {
		return nil
	}
	return o.raw.Close()
}

func (f *Filter) leave(name string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kind := kindOf(err)
	l := f.left[kind]
	if l == nil {
		l = &Left{Err: err, Path: name}
		f.left[kind] = l
	}
	l.Count++
	l.Path = min(l.Path, name) // delayed files end in any order
}

// kindOf gathers what a user needs to hear once: the generations of one ring
// stay shut for one reason.
func kindOf(err error) string {
	var ring *keys.RingError
	if errors.As(err, &ring) {
		return "ring " + ring.Ring + ": " + ring.Cause.Error()
	}
	return err.Error()
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
	slices.SortFunc(left, func(a, b Left) int { return strings.Compare(a.Path, b.Path) })
	return left, slices.Clone(f.plain)
}

// Show gives the plaintext of stored content wherever it may be opened, for
// textconv and cat: what is not sealed is given as it is. The path does not
// matter, so what it gives must not go where Git stores it.
func (f *Filter) Show(ctx context.Context, content io.Reader) (io.Reader, error) {
	in, err := look(content)
	if err != nil {
		return nil, fmt.Errorf("read the content: %w", err)
	}
	if !envelope.IsSealed(in.head()) {
		return in, nil
	}
	g, err := f.open(ctx, in.head(), "")
	if err != nil {
		return nil, err
	}
	return &opened{Reader: envelope.NewReader(in, f.key(g))}, nil
}
