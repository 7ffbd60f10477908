// Package process speaks Git's long-running filter protocol, version 2, over a
// Handler: Git starts one filter per command and sends it file after file, each
// to be cleaned or smudged (gitattributes(5), "Long Running Filter Process").
// It knows nothing of encryption.
//
// It promises that one file's failure, a panic of the handler included, is that
// file's status=error and nothing more: the stream stays in step and the next
// file is served. It reads a request to its end before it answers, for Git
// writes all of a file before it reads, and an early answer of more than a pipe
// holds stops both for ever. Memory is bounded by two fixed buffers, whatever
// is sent. Nothing it reports quotes a file's content, unless the handler's own
// error does.
//
// It won't interrupt a read that blocks when its context ends; the caller closes
// the input for that. Nor can it recover a panic in a goroutine that the handler
// started.
//
// # Why its own pkt-line code
//
// go-git's plumbing/format/pktline (v5.19.3) was the first choice. It is made
// for fetch and push, and breaks here in three ways: a packet whose content
// begins with "ERR " ends the scan as a remote's error, so that a file with that
// text could never be sealed; it reports a flush packet as an empty payload; and
// it traces whole payloads, which are plaintext here. Each packet also costs a
// copy and two allocations. All that is needed here is in pktline.go.
package process

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// The commands a Request can carry.
const (
	Clean  = "clean"
	Smudge = "smudge"
)

// ErrDelayed is what Handle returns to postpone the answer for a path. It is
// allowed only for a request with CanDelay.
var ErrDelayed = errors.New("answer delayed")

// ErrProtocol is matched by each error of Serve that is a breach of the protocol
// by the other side, as against a failed read or write.
var ErrProtocol = errors.New("git filter protocol")

// Request is one file that Git wants filtered.
type Request struct {
	Command string // Clean or Smudge; in a report also what else was asked
	Path    string // raw bytes, slash-separated, relative to the top of the work tree
	Ref     string // the ref being checked out, if Git knows one
	Treeish string // the commit or tree being checked out, if Git knows one
	Blob    string // smudge: the object id of the content
	// CanDelay says that Handle may return ErrDelayed. It is set only for a
	// Handler that is a Delayer too.
	CanDelay bool
}

// Handler filters files.
type Handler interface {
	// Handle filters one file and returns the result.
	//
	// It reads content to its end before it returns. What it leaves is thrown
	// away, and content read after it returned is an error, never an end. The
	// reader it returns may stream: an error from its Read or Close becomes
	// status=error behind the content, and Git discards what it got. Serve closes
	// the reader. No reader without an error is a failure too; an empty result is
	// an empty reader.
	//
	// ErrDelayed (only if req.CanDelay) postpones the answer: once Available has
	// named the path, Git asks for it again, with empty content and without
	// CanDelay, so the Handler must keep what it needs by path.
	Handle(ctx context.Context, req Request, content io.Reader) (io.ReadCloser, error)
}

// Delayer is a Handler that can postpone answers.
type Delayer interface {
	// Available blocks until a postponed path is ready and returns those that
	// are; none at all says that nothing is pending, and Git asks no more. A path
	// counts as ready too when filtering it has failed: the failure is then told
	// when Git asks for it.
	Available(ctx context.Context) ([]string, error)
}

// Serve speaks the protocol on in and out until Git closes the stream between
// two requests, and calls h for one request at a time. It offers to delay only
// if h is a Delayer.
//
// The error is one that ends the session: a failed handshake, input that breaks
// the protocol or ends inside a request (io.ErrUnexpectedEOF), a failed write,
// or the end of ctx. The failure of a single file is not; report, if not nil, is
// called with it exactly once.
func Serve(ctx context.Context, in io.Reader, out io.Writer, h Handler, report func(Request, error)) error {
	if report == nil {
		report = func(Request, error) {}
	}
	s := &session{in: newScanner(in), out: newWriter(out), handler: h, report: report}
	s.delayer, _ = h.(Delayer)
	if err := s.handshake(); err != nil {
		return fmt.Errorf("handshake with git: %w", err)
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch err := s.serve(ctx); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

// session is one run of Serve.
type session struct {
	in      *scanner
	out     *writer
	handler Handler
	delayer Delayer // nil: handler can't delay, or Git did not offer it
	report  func(Request, error)
	last    Request // to share the strings that repeat from one request to the next
}

// serve answers one request. io.EOF says that there is none.
func (s *session) serve(ctx context.Context) error {
	req, bad, err := s.request()
	if err != nil {
		return err
	}
	switch {
	case req.Command == listAvailable:
		s.available(ctx, req, bad)
	case req.Command == Clean || req.Command == Smudge:
		err = s.file(ctx, req, bad)
	default:
		err = s.unknown(req, bad)
	}
	if err != nil {
		return err
	}
	return s.out.send()
}

// file answers a clean or smudge request. The error is one of the stream.
func (s *session) file(ctx context.Context, req Request, bad error) error {
	content := &content{scanner: s.in}
	var result io.ReadCloser
	err := bad
	if bad == nil {
		result, err = s.handle(ctx, req, content)
	}
	if broken := content.drain(); broken != nil {
		if err != nil && !errors.Is(err, broken) && !errors.Is(err, ErrDelayed) {
			s.report(req, err) // more than the broken stream, as the handler saw it
		}
		if result != nil {
			_ = closing(result)
		}
		return broken
	}
	switch {
	case err == nil:
		s.stream(req, result)
	case req.CanDelay && errors.Is(err, ErrDelayed):
		s.out.line("status=", "delayed")
		s.out.flushPacket()
	default:
		s.fail(req, err)
	}
	return nil
}

// unknown refuses a command this package does not know. Whether content follows
// is a guess: every request that names a file has some, list_available_blobs,
// the only one that names none, has not.
func (s *session) unknown(req Request, bad error) error {
	if req.Path != "" {
		if err := (&content{scanner: s.in}).drain(); err != nil {
			return err
		}
	}
	if bad == nil {
		bad = fmt.Errorf("%w: unknown command %.40q", ErrProtocol, req.Command)
	}
	s.fail(req, bad)
	return nil
}

// stream sends a handler's result.
func (s *session) stream(req Request, result io.ReadCloser) {
	s.out.line("status=", "success")
	s.out.flushPacket()
	err := s.copying(result)
	if cerr := closing(result); err == nil {
		err = cerr
	}
	s.out.flushPacket()
	if err != nil {
		s.fail(req, err)
		return
	}
	s.out.flushPacket() // an empty list: the status stays
}

// available answers list_available_blobs.
func (s *session) available(ctx context.Context, req Request, bad error) {
	var paths []string
	err := bad
	switch {
	case err != nil:
	case s.delayer == nil:
		err = fmt.Errorf("%w: %s without the delay capability", ErrProtocol, listAvailable)
	default:
		paths, err = s.ready(ctx)
	}
	if err != nil {
		s.out.flushPacket()
		s.fail(req, err)
		return
	}
	for _, path := range paths {
		s.out.line("pathname=", path)
	}
	s.out.flushPacket()
	s.out.line("status=", "success")
	s.out.flushPacket()
}

// fail ends an answer with status=error.
func (s *session) fail(req Request, err error) {
	s.report(req, err)
	s.out.line("status=", "error")
	s.out.flushPacket()
}
