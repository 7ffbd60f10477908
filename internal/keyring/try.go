package keyring

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// ErrTrial: a recipient gave back another key than it was given.
var ErrTrial = errors.New("the recipient does not give back what was wrapped for it")

// Trial is how a recipient fared that wrapped a key of no value.
type Trial struct {
	Wrapped keys.Wrapped // names the very key that wrapped
	// Shut is why it could not be unwrapped from here: nil if it could, and was
	// what had been wrapped. Somebody else's recipient stays shut by its nature.
	Shut *keys.Error
}

// Try has a recipient wrap a random key under a context of this ring, unwraps
// it and compares. The key is thrown away; nothing is written. It fails if
// wrapping fails, or if what comes back is not what was wrapped.
func Try(ctx context.Context, providers *keys.Registry, repository, ring string, r keys.Recipient) (Trial, error) {
	id, err := keys.NewID(rand.Reader)
	if err != nil {
		return Trial{}, err
	}
	c := keys.Context{Repository: repository, Ring: ring, ID: id}
	if err := checkAll(providers, c, []keys.Recipient{r}); err != nil {
		return Trial{}, err
	}
	p, err := providers.Provider(r.Kind)
	if err != nil {
		return Trial{}, err
	}
	probe, err := keys.NewDataKey()
	if err != nil {
		return Trial{}, err
	}
	defer probe.Wipe()
	wrapped, err := wrapOne(ctx, p, r, c, probe)
	if err != nil {
		return Trial{}, fmt.Errorf("try the recipient: %w", err)
	}
	got, err := bounded(ctx, patience(p, r, wrapDeadline), func(ctx context.Context) (*keys.DataKey, error) {
		return p.Unwrap(ctx, r, c, wrapped)
	})
	switch {
	case ctx.Err() != nil:
		return Trial{}, ctx.Err()
	case err != nil && keys.KindOf(err) == keys.Tampered, err == nil && (got == nil || !got.Equal(probe)):
		return Trial{}, fmt.Errorf("%s: %w", r.Display(), ErrTrial)
	case err != nil:
		return Trial{Wrapped: wrapped, Shut: asError(r, err)}, nil
	}
	got.Wipe()
	return Trial{Wrapped: wrapped}, nil
}

// Extend wraps every generation of a ring for further recipients: one file for
// each pair that has none yet. It opens every generation that lacks a file, and
// fails, giving none, if one cannot be opened.
func (k *Keyring) Extend(ctx context.Context, ring string, recipients []keys.Recipient) ([]File, error) {
	generations, err := k.Generations(ctx, ring)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, m := range generations {
		missing := m.lacking(recipients)
		if len(missing) == 0 {
			continue
		}
		gen, err := k.openListed(ctx, m)
		if err != nil {
			return nil, err
		}
		if err := m.agree(gen); err != nil {
			return nil, err
		}
		made, err := Wrap(ctx, k.cfg.Providers, keys.Context{Repository: k.cfg.Repository, Ring: ring, ID: m.ID}, gen.Created, missing, gen.Key)
		if err != nil {
			return nil, err
		}
		files = append(files, made...)
	}
	return files, nil
}

// lacking are the recipients for which the generation has no well-formed file.
func (m Metadata) lacking(recipients []keys.Recipient) []keys.Recipient {
	have := map[string]bool{}
	for _, f := range m.files {
		have[f.key.Recipient.ID()] = true
	}
	var out []keys.Recipient
	for _, r := range recipients {
		if !have[r.ID()] {
			out = append(out, r)
		}
	}
	return out
}

// Probe is how one recipient fares with the current generation of its ring.
type Probe struct {
	Recipient keys.Recipient
	Wrapped   bool        // there is a wrapped key for it
	Failed    *keys.Error // nil if it opens
	Took      time.Duration
}

// Probe asks every recipient of a ring, all at once, to open the ring's current
// generation, whatever is known or cached of it, and throws the keys away. The
// generation is the zero Metadata if the ring has none.
func (k *Keyring) Probe(ctx context.Context, ring string) (Metadata, []Probe, error) {
	generations, err := k.Generations(ctx, ring)
	if err != nil {
		return Metadata{}, nil, err
	}
	var m Metadata
	if len(generations) > 0 {
		m = generations[0]
	}
	recipients := k.cfg.Recipients(ring)
	probes := make([]Probe, len(recipients))
	var all sync.WaitGroup
	for i, r := range recipients {
		probes[i].Recipient = r
		for _, t := range k.order(ring, m.files) {
			if t.recipient.ID() == r.ID() {
				probes[i].Wrapped = true
				all.Go(func() { k.probe(ctx, t, &probes[i]) })
				break
			}
		}
	}
	all.Wait()
	return m, probes, ctx.Err()
}

func (k *Keyring) probe(ctx context.Context, t target, p *Probe) {
	start := time.Now()
	key, err := k.ask(ctx, t)
	p.Took = time.Since(start)
	if err != nil {
		p.Failed = asError(t.recipient, err)
		return
	}
	key.Wipe()
}
