package keyring

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// target is one wrapped key and the recipient to ask about it.
type target struct {
	candidate
	recipient keys.Recipient
	rank      int
}

// attempt names a wrapped key by its file's contents: the same file met in
// another source is not tried again.
type attempt [sha256.Size]byte

func (t target) attempt() attempt { return sha256.Sum256(t.file.Data) }

// winner is the file that opened, and its key.
type winner struct {
	file candidate
	key  *keys.DataKey
}

// first asks one recipient after the other, each with its deadline, and returns
// the first verified key. An *keys.Error as its error is a tampered key, which
// ends everything; any other is the end of ctx.
//
// Sequential for now. Starting the next recipient while a slow one still works
// belongs here and nowhere else.
func (k *Keyring) first(ctx context.Context, s *state, targets []target, until time.Time) (*winner, []*keys.Error, error) {
	var failed []*keys.Error
	for _, t := range targets {
		if e := s.tried[t.attempt()]; e != nil {
			failed = append(failed, e)
			continue
		}
		if time.Now().After(until) {
			failed = append(failed, &keys.Error{Kind: keys.Unreachable, Recipient: t.recipient.Display(), Message: "not tried, the others took too long"})
			continue
		}
		key, err := k.ask(ctx, t)
		if ctx.Err() != nil {
			return nil, failed, ctx.Err()
		}
		if err == nil {
			return &winner{t.candidate, key}, failed, nil
		}
		s.tried[t.attempt()] = err
		if err.Kind == keys.Tampered {
			return nil, failed, err
		}
		failed = append(failed, err)
	}
	return nil, failed, nil
}

// ask has one recipient unwrap, and verifies what comes back.
func (k *Keyring) ask(ctx context.Context, t target) (*keys.DataKey, *keys.Error) {
	p, err := k.cfg.Providers.Provider(t.recipient.Kind)
	if err == nil {
		err = p.Check(t.recipient)
	}
	if err != nil {
		return nil, k.blame(t, err)
	}
	patience := k.cfg.Deadline
	if patient, ok := p.(keys.Patient); ok {
		patience = max(patience, patient.Patience(t.recipient))
	}
	key, err := unwrap(ctx, p, t, patience)
	if err != nil {
		return nil, k.blame(t, err)
	}
	if key == nil {
		return nil, k.blame(t, &keys.Error{Kind: keys.Tampered, Message: "unwrapped to nothing"})
	}
	if err := t.key.Verify(key); err != nil {
		return nil, k.blame(t, &keys.Error{Kind: keys.Tampered, Message: err.Error()})
	}
	return key, nil
}

// unwrap bounds the call by itself: providers are told to honour ctx, but the
// libraries below them do not always. One that is given up on keeps a goroutine
// until it returns; its answer is dropped.
func unwrap(ctx context.Context, p keys.Provider, t target, patience time.Duration) (*keys.DataKey, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type answer struct {
		key *keys.DataKey
		err error
	}
	done := make(chan answer, 1)
	go func() {
		key, err := p.Unwrap(ctx, t.recipient, t.key.Context(), t.key.Wrapped)
		done <- answer{key, err}
	}()
	select {
	case a := <-done:
		if a.err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, late(patience)
		}
		return a.key, a.err
	case <-ctx.Done():
		return nil, late(patience)
	}
}

func late(patience time.Duration) error {
	return &keys.Error{Kind: keys.Unreachable, Message: fmt.Sprintf("no answer within %v", patience)}
}

// blame makes an error of one recipient out of whatever went wrong, and names
// the file if that is what is wrong.
func (k *Keyring) blame(t target, err error) *keys.Error {
	var e *keys.Error
	if !errors.As(err, &e) {
		e = &keys.Error{Kind: keys.Other, Message: keys.OneLine(err.Error(), 300)}
	}
	out := *e
	if out.Recipient == "" {
		out.Recipient = t.recipient.Display()
	}
	if out.Kind == keys.Tampered {
		out.Message = t.file.Path + ": " + out.Message
		if out.Hint == "" {
			out.Hint = "git checkout HEAD -- " + t.file.Path
		}
	}
	return &out
}
