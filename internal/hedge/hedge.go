// Package hedge runs attempts of which one success is enough: the next begins
// when the one before failed or is slow. It knows nothing of what is attempted,
// bounds nothing by itself but the wait before the next attempt. Whoever loses
// is cancelled, and its answer, a late success too, is dropped.
package hedge

import (
	"context"
	"errors"
	"time"
)

// ErrOvertaken is the result of an attempt that was under way when the outcome
// was decided without it.
var ErrOvertaken = errors.New("overtaken by another attempt")

// ErrNotStarted is the result of an attempt whose turn never came.
var ErrNotStarted = errors.New("not attempted")

// Options of First.
type Options struct {
	// After is how long an attempt may be under way before the next one starts
	// beside it. 0 means that the next one starts only when it failed.
	After time.Duration
	// Final tells which error ends everything. May be nil.
	Final func(error) bool
}

// Outcome is how it went. Winner is the index of the attempt that succeeded, or
// ended everything with a final error; -1 if there is none. Errs has one entry
// for each attempt, nil for a success.
type Outcome[T any] struct {
	Value  T
	Winner int
	Errs   []error
}

// First runs attempts in their order: the next one starts when the latest failed
// or has been under way for a while. Each gets a context that ends when the
// outcome is decided. The error is that of the context, if it ended first;
// otherwise what happened is in the outcome. An attempt that ignores its context
// keeps its goroutine until it returns.
func First[T any](ctx context.Context, opt Options, attempts ...func(context.Context) (T, error)) (Outcome[T], error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		i     int
		value T
		err   error
	}
	answers := make(chan answer, len(attempts))
	out := Outcome[T]{Winner: -1, Errs: make([]error, len(attempts))}
	for i := range out.Errs {
		out.Errs[i] = ErrNotStarted
	}
	started, running := 0, 0
	slow := time.NewTimer(opt.After)
	defer slow.Stop()
	if opt.After <= 0 {
		slow.Stop()
	}
	start := func() {
		if started == len(attempts) {
			return
		}
		i := started
		started++
		running++
		out.Errs[i] = ErrOvertaken
		go func() {
			value, err := attempts[i](ctx)
			answers <- answer{i, value, err}
		}()
		if opt.After > 0 {
			slow.Reset(opt.After)
		}
	}
	start()
	for running > 0 {
		select {
		case <-ctx.Done():
			return out, ctx.Err()
		case <-slow.C:
			start()
		case a := <-answers:
			running--
			out.Errs[a.i] = a.err
			switch {
			case a.err == nil:
				out.Value, out.Winner = a.value, a.i
				return out, nil
			case opt.Final != nil && opt.Final(a.err):
				out.Winner = a.i
				return out, nil
			}
			if a.i == started-1 { // a later one is under way already, and has its time
				start()
			}
		}
	}
	return out, nil
}
