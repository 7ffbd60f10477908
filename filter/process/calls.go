package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
)

// PanicError stands for a panic of the handler. A panic's value may quote the
// file that was being filtered, and a goroutine's stack prints arguments, so
// neither is kept: only the functions that were running, and the text of the
// runtime's own errors ("index out of range [3] with length 3").
type PanicError struct {
	Reason string // the runtime's text, or the type of the panic's value
	Trace  string // "function file:line" from the panic outwards, one a line
}

func (e *PanicError) Error() string {
	where, _, _ := strings.Cut(e.Trace, "\n")
	return fmt.Sprintf("internal error: panic (%s) in %s", e.Reason, where)
}

// handle calls Handle.
func (s *session) handle(ctx context.Context, req Request, content io.Reader) (result io.ReadCloser, err error) {
	defer recovered(&err)
	result, err = s.handler.Handle(ctx, req, content)
	switch {
	case err != nil && errors.Is(err, ErrDelayed) && !req.CanDelay:
		return nil, errors.New("internal error: handler delays what may not be delayed")
	case err != nil:
		return nil, err
	case result == nil:
		return nil, errors.New("internal error: handler returned no result")
	}
	return result, nil
}

// ready calls Available, and refuses a path that no packet can carry.
func (s *session) ready(ctx context.Context) (paths []string, err error) {
	defer recovered(&err)
	paths, err = s.delayer.Available(ctx)
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if path == "" || len(path) > maxPath {
			return nil, fmt.Errorf("internal error: a delayed path has %d bytes", len(path))
		}
	}
	return paths, nil
}

// copying sends what the handler's reader yields. The error is the reader's.
func (s *session) copying(r io.Reader) (err error) {
	defer recovered(&err)
	return s.out.copy(r)
}

// closing closes the handler's reader.
func closing(c io.Closer) (err error) {
	defer recovered(&err)
	return c.Close()
}

// recovered, deferred, makes a panic the error of the function it stands in.
func recovered(err *error) {
	r := recover()
	if r == nil {
		return
	}
	reason := fmt.Sprintf("%T", r)
	if re, ok := r.(runtime.Error); ok {
		reason = re.Error()
	}
	*err = &PanicError{Reason: reason, Trace: trace()}
}

// trace lists the functions below the panic, without their arguments.
func trace() string {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	var b strings.Builder
	for {
		f, more := frames.Next()
		if f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") {
			fmt.Fprintf(&b, "%s %s:%d\n", f.Function, f.File, f.Line)
		}
		if !more {
			return strings.TrimSuffix(b.String(), "\n")
		}
	}
}
