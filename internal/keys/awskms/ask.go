package awskms

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/git-envelope/git-envelope/internal/hedge"
	"github.com/git-envelope/git-envelope/internal/keys"
)

// A question is what one call asks of KMS.
type question struct {
	recipient keys.Recipient
	action    string // the permission it needs
	target    arn    // what the permission is needed on; zero while it is not known
	role      string
	regions   []string // where to ask, in order
}

// ask puts a question to each Region in turn until one answers. do gets clients
// whose credentials are known to be there; it returns the SDK's errors as they are.
func ask[T any](ctx context.Context, p *Provider, q question, do func(context.Context, *service) (T, error)) (T, error) {
	var none T
	bounded, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	attempts := make([]func(context.Context) (T, error), len(q.regions))
	for i, region := range q.regions {
		attempts[i] = func(ctx context.Context) (T, error) { return askOne(ctx, p, q, place{region, q.role}, do) }
	}
	out, err := hedge.First(bounded, hedge.Options{After: p.slow, Final: final}, attempts...)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return none, fmt.Errorf("%s: %w", q.action, context.Canceled)
	case err == nil && out.Winner >= 0 && out.Errs[out.Winner] == nil:
		return out.Value, nil
	case err == nil && out.Winner >= 0:
		return none, out.Errs[out.Winner]
	}
	return none, worst(q, out.Errs)
}

func askOne[T any](ctx context.Context, p *Provider, q question, at place, do func(context.Context, *service) (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	s, err := p.service(ctx, q.recipient, at)
	if err != nil {
		return none, err
	}
	if err := q.login(ctx, s); err != nil {
		return none, err
	}
	v, err := do(ctx, s)
	if err != nil {
		return none, q.explain(err, s)
	}
	return v, nil
}

// final errors are the same in every Region.
func final(err error) bool {
	switch keys.KindOf(err) {
	case keys.Tampered, keys.NoIdentity, keys.Expired:
		return true
	}
	return false
}

// worst picks the error that says most. A Region that may answer later counts
// most: the key may be had there, whatever the others said. A Region that has
// not answered in time is one. That the key is missing in a Region says least.
func worst(q question, errs []error) error {
	late := fault(q.recipient, keys.Unreachable, "no answer in time from AWS KMS in "+q.regions[0])
	var said, missing error
	for _, err := range errs {
		switch {
		case errors.Is(err, hedge.ErrNotStarted):
			continue
		case errors.Is(err, hedge.ErrOvertaken), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
			err = late
		}
		switch kind := keys.KindOf(err); {
		case kind.Transient():
			return err
		case kind == keys.NotFound:
			missing = cmp.Or(missing, err)
		default:
			said = cmp.Or(said, err)
		}
	}
	return cmp.Or[error](said, missing, late)
}
