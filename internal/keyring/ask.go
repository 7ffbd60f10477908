package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// ask has one recipient unwrap, and verifies what comes back. Its error is an
// *keys.Error.
func (k *Keyring) ask(ctx context.Context, t target) (*keys.DataKey, error) {
	p, err := k.cfg.Providers.Provider(t.recipient.Kind)
	if err == nil {
		err = p.Check(t.recipient)
	}
	if err != nil {
		return nil, blame(t, err)
	}
	key, err := bounded(ctx, patience(p, t.recipient, k.cfg.Deadline), func(ctx context.Context) (*keys.DataKey, error) {
		return p.Unwrap(ctx, t.recipient, t.key.Context(), t.key.Wrapped)
	})
	if err != nil {
		return nil, blame(t, err)
	}
	if key == nil {
		return nil, blame(t, &keys.Error{Kind: keys.Tampered, Message: "unwrapped to nothing"})
	}
	if err := t.key.Verify(key); err != nil {
		return nil, blame(t, &keys.Error{Kind: keys.Tampered, Message: err.Error()})
	}
	return key, nil
}

// patience is how long one attempt with a recipient may take.
func patience(p keys.Provider, r keys.Recipient, deadline time.Duration) time.Duration {
	if patient, ok := p.(keys.Patient); ok {
		return max(deadline, patient.Patience(r))
	}
	return deadline
}

// bounded bounds a call by itself: providers are told to honour ctx, but the
// libraries below them do not always. One that is given up on keeps a goroutine
// until it returns; its answer is dropped.
func bounded[T any](ctx context.Context, patience time.Duration, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		value, err := call(ctx)
		done <- answer{value, err}
	}()
	var a answer
	select {
	case a = <-done:
	case <-ctx.Done():
		// Most notice at once, and may know what to type.
		select {
		case a = <-done:
		case <-time.After(50 * time.Millisecond):
			a.err = ctx.Err()
		}
	}
	if a.err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) && !tampered(a.err) {
		return a.value, late(patience, a.err)
	}
	return a.value, a.err
}

// late says that the deadline is over, whatever a provider made of it.
func late(patience time.Duration, err error) error {
	out := &keys.Error{Kind: keys.Unreachable, Message: fmt.Sprintf("no answer within %v", patience)}
	var e *keys.Error
	if errors.As(err, &e) {
		out.Hint = e.Hint
	}
	return out
}

// blame makes an error of one recipient out of whatever went wrong, and names
// the file if that is what is wrong.
func blame(t target, err error) *keys.Error {
	out := asError(t.recipient, err)
	if out.Kind == keys.Tampered {
		out.Message = t.file.Path + ": " + out.Message
		if out.Hint == "" {
			out.Hint = "git checkout HEAD -- " + t.file.Path
		}
	}
	return out
}

// asError makes a copy of the *keys.Error in err's chain, or one of kind Other,
// that names the recipient.
func asError(r keys.Recipient, err error) *keys.Error {
	out := keys.Error{Kind: keys.Other}
	var e *keys.Error
	if errors.As(err, &e) {
		out = *e
	} else {
		out.Message = keys.OneLine(err.Error(), 300)
	}
	if out.Recipient == "" {
		out.Recipient = r.Display()
	}
	return &out
}
