package main

import (
	"context"
	"io"
	"time"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/filter/process"
)

// traced is a filter that tells on standard error which file was asked for, how
// it went and how long it took; never what is in it.
type traced struct {
	*filter.Filter
	app *app
}

var (
	_ process.Handler = traced{}
	_ process.Delayer = traced{}
)

// handler is the filter as Git's requests reach it.
func (a *app) handler(f *filter.Filter) process.Handler {
	if a.env.trace == "" || a.env.trace == "0" {
		return f
	}
	return traced{f, a}
}

func (t traced) Handle(ctx context.Context, req process.Request, content io.Reader) (io.ReadCloser, error) {
	start := t.app.now()
	out, err := t.Filter.Handle(ctx, req, content)
	result := "ok"
	if err != nil {
		result = err.Error()
	}
	say(t.app.err, "trace", "%s %s: %s (%v)", req.Command, show(req.Path), result, t.app.now().Sub(start).Round(time.Microsecond))
	return out, err
}
