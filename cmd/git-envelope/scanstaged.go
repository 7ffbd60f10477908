package main

import (
	"context"
	"slices"

	"github.com/git-envelope/git-envelope/hooks"
	"github.com/git-envelope/git-envelope/internal/check"
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
	judged := j.judging(ctx, base, stage.Changes)
	found, err := j.Items(ctx, itemsOf(stage.Changes), true)
	v, bad := judged()
	if bad != nil {
		return bad
	}
	j.take(v, nil)
	return j.add(found, err)
}

// manyChanges is from how many on verdicts 1 and 2 are reached beside the search
// and not after it, which takes a git more to read objects with.
const manyChanges = 24

// judging is judge for changes of the index; what it returns waits for it. Most
// commits leave the rules as they are: then one state's rules are the other's, and
// only the attributes of what changed need be asked for.
func (j *judgement) judging(ctx context.Context, base string, changes []check.Change) func() (*verdict, error) {
	governs := func(ch check.Change) bool { return check.Governs(ch.Path) && !same(ch) }
	if base == "" || slices.ContainsFunc(changes, governs) {
		return later(func() (*verdict, error) { return j.judge(ctx, base, "", changes) })
	}
	p, err := j.policyOf(ctx, base)
	if err != nil {
		return func() (*verdict, error) { return nil, err }
	}
	view, done, err := j.repo.View(ctx, "")
	if err != nil {
		return func() (*verdict, error) { return nil, err }
	}
	asked := later(func() (attributesFunc, error) { return attributesOf(ctx, view, changes) })
	judge := func() (*verdict, error) {
		defer func() { _ = done() }()
		attributes, err := asked()
		if err != nil {
			return nil, err
		}
		side := check.Side{Policy: p, Attributed: attributes}
		return verdictBy(ctx, &check.Checker{Open: j.keyIfAny, Old: side, New: side, RingOfKey: j.ringOfKey(view)}, changes)
	}
	if len(changes) < manyChanges {
		return judge
	}
	return later(judge)
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
