package main

import (
	"context"

	"github.com/git-envelope/git-envelope/hooks"
)

// staged judges the index. Somebody waits for it at each commit, and most of the
// time goes into starting Git, so whatever does not need another's answer is asked
// at the same time.
func (j *judgement) staged(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	listed := later(func() (*hooks.Stage, error) { return hooks.Staged(ctx, j.repo) })
	j.blobs.Warm()
	// Nearly always there is a commit, and then these are the states.
	prepared := j.prepare(ctx, states{base: "HEAD", hasBase: true, hasState: true})
	stage, err := listed()
	if err != nil {
		return err
	}
	base := "HEAD"
	if !stage.Born {
		base = ""
		prepared = j.prepare(ctx, states{hasState: true})
	}
	if prepared != nil {
		return prepared
	}
	judged := later(func() (*verdict, error) { return j.judge(ctx, base, "", stage.Changes) })
	found, err := j.Items(ctx, itemsOf(stage.Changes), true)
	v, bad := judged()
	if bad != nil {
		return bad
	}
	j.take(v, nil)
	return j.add(found, err)
}

// later starts f and gives what waits for its result.
func later[T any](f func() (T, error)) func() (T, error) {
	type result struct {
		value T
		err   error
	}
	c := make(chan result, 1)
	go func() {
		v, err := f()
		c <- result{v, err}
	}()
	return func() (T, error) {
		r := <-c
		return r.value, r.err
	}
}
