package filter

import (
	"context"
	"fmt"
	"io"

	"github.com/git-envelope/git-envelope/filter/process"
)

var (
	_ process.Handler = (*Filter)(nil)
	_ process.Delayer = (*Filter)(nil)
)

// Handle serves one request of Git's filter protocol.
func (f *Filter) Handle(ctx context.Context, req process.Request, content io.Reader) (io.ReadCloser, error) {
	switch req.Command {
	case "clean":
		return f.Clean(ctx, req.Path, content)
	case "smudge":
		return f.Smudge(ctx, req, content)
	}
	return nil, fmt.Errorf("unknown filter command %q", req.Command)
}

// Available names the delayed paths that can be answered now, and waits for the
// first of them. None means that nothing is waiting.
func (f *Filter) Available(ctx context.Context) ([]string, error) { return f.delayed.available(ctx) }
