package keyring

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"github.com/git-envelope/git-envelope/internal/hedge"
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
	file   candidate
	key    *keys.DataKey
	origin Origin
}

// first asks one recipient after the other, each with its deadline and the next
// beside one that is slow, and returns the first verified key. An *keys.Error as
// its error is a tampered key, which ends everything; any other is the end of
// ctx.
//
// A recipient that failed for a reason of its own is not asked again by this
// Keyring, about any key; one that was overtaken is asked last from then on.
func (k *Keyring) first(ctx context.Context, s *state, targets []target) (*winner, []*keys.Error, error) {
	var failed []*keys.Error
	var open []target
	for _, t := range targets {
		if e := k.knownFailure(s, t); e != nil {
			failed = append(failed, e)
			continue
		}
		open = append(open, t)
	}
	slices.SortStableFunc(open, func(a, b target) int { return cmp.Compare(k.overtaken(a.recipient), k.overtaken(b.recipient)) })
	start := time.Now()
	until := start.Add(k.budget())
	attempts := make([]func(context.Context) (*winner, error), len(open))
	for i, t := range open {
		attempts[i] = func(ctx context.Context) (*winner, error) { return k.attempt(ctx, t, until) }
	}
	out, err := hedge.First(ctx, hedge.Options{After: k.cfg.Hedge, Final: tampered}, attempts...)
	if err == nil && out.Winner < 0 {
		err = ctx.Err() // attempts may have failed of it
	}
	if err != nil {
		return nil, failed, err
	}
	if out.Value == nil {
		k.spend(start)
	}
	for i, err := range out.Errs {
		var e *keys.Error
		switch {
		case errors.Is(err, hedge.ErrOvertaken):
			k.overtake(open[i].recipient)
		case errors.Is(err, errNotTried):
			failed = append(failed, &keys.Error{Kind: keys.Unreachable, Recipient: open[i].recipient.Display(), Message: err.Error()})
		case errors.As(err, &e):
			k.rememberFailure(s, open[i], e)
			failed = append(failed, e)
		}
	}
	if out.Winner >= 0 && out.Errs[out.Winner] != nil {
		return nil, failed, out.Errs[out.Winner]
	}
	return out.Value, failed, nil
}

var errNotTried = errors.New("not tried, the others took too long")

func tampered(err error) bool { return keys.KindOf(err) == keys.Tampered }

func (k *Keyring) attempt(ctx context.Context, t target, until time.Time) (*winner, error) {
	start := time.Now()
	if start.After(until) {
		return nil, errNotTried
	}
	key, err := k.ask(ctx, t)
	if err != nil {
		return nil, err
	}
	return &winner{t.candidate, key, Origin{Recipient: t.recipient, Took: time.Since(start)}}, nil
}

// budget is what is left of the time that this Keyring may spend in vain.
func (k *Keyring) budget() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.cfg.Total - k.spent
}

// spend counts the time since start, but no moment twice.
func (k *Keyring) spend(start time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if start.Before(k.until) {
		start = k.until
	}
	now := time.Now()
	k.spent += max(0, now.Sub(start))
	k.until = now
}
