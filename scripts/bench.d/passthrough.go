//go:build ignore

// Passthrough is a long-running Git filter that changes nothing: what remains is
// the cost of Git's protocol, one process and the pipes. It is git-envelope's
// own filter/process with the smallest handler there is.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/git-envelope/git-envelope/filter/process"
)

type same struct{}

func (same) Handle(_ context.Context, _ process.Request, content io.Reader) (io.ReadCloser, error) {
	b, err := io.ReadAll(content)
	return io.NopCloser(bytes.NewReader(b)), err
}

func main() {
	report := func(r process.Request, err error) { fmt.Fprintln(os.Stderr, "passthrough:", r.Path, err) }
	if err := process.Serve(context.Background(), os.Stdin, os.Stdout, same{}, report); err != nil {
		fmt.Fprintln(os.Stderr, "passthrough:", err)
		os.Exit(1)
	}
}
