package keyring

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Wrap encrypts a data key to every recipient: one file each, in their order.
// All recipients are checked before the first is used, and on any error no file
// is returned, so that nothing half-done gets written.
func Wrap(ctx context.Context, providers *keys.Registry, c keys.Context, created time.Time, recipients []keys.Recipient, dk *keys.DataKey) ([]File, error) {
	return wrapAll(ctx, providers, c, created, recipients, dk, nil)
}

// wrapAll is Wrap with wrapped keys that are already there, by recipient id.
func wrapAll(ctx context.Context, providers *keys.Registry, c keys.Context, created time.Time, recipients []keys.Recipient, dk *keys.DataKey, have map[string]keys.Wrapped) ([]File, error) {
	if err := checkAll(providers, c, recipients); err != nil {
		return nil, err
	}
	var files []File
	for _, r := range recipients {
		wrapped, ok := have[r.ID()]
		if !ok {
			p, err := providers.Provider(r.Kind)
			if err != nil {
				return nil, err
			}
			if wrapped, err = wrapOne(ctx, p, r, c, dk); err != nil {
				return nil, fmt.Errorf("wrap the key of ring %s: %w", c.Ring, err)
			}
		}
		file, err := newFile(c, created, r, wrapped, dk)
		if err != nil {
			return nil, fmt.Errorf("wrap the key of ring %s for %s: %w", c.Ring, r.Display(), err)
		}
		files = append(files, file)
	}
	return files, nil
}

// wrapDeadline bounds one wrap. It is longer than that of an unwrap, which stands
// in the way of every checkout: wraps are rare, and somebody asked for each.
const wrapDeadline = 15 * time.Second

func wrapOne(ctx context.Context, p keys.Provider, r keys.Recipient, c keys.Context, dk *keys.DataKey) (keys.Wrapped, error) {
	wrapped, err := bounded(ctx, patience(p, r, wrapDeadline), func(ctx context.Context) (keys.Wrapped, error) {
		return p.Wrap(ctx, r, c, dk)
	})
	return wrapped, named(r, err)
}

// checkAll finds every recipient's provider and has it look at the recipient.
func checkAll(providers *keys.Registry, c keys.Context, recipients []keys.Recipient) error {
	ring := c.Ring
	if !validText(c.Repository, maxRepository) || !validRing(ring) {
		return faultf(ErrValue, "repository %q, ring %q", keys.OneLine(c.Repository, maxRepository), keys.OneLine(ring, 63))
	}
	if len(recipients) == 0 || len(recipients) > MaxFiles {
		return fmt.Errorf("ring %s has %d recipients, want 1 to %d", ring, len(recipients), MaxFiles)
	}
	seen := map[string]bool{}
	for _, r := range recipients {
		if err := providers.Check(r); err != nil {
			return fmt.Errorf("recipient of ring %s: %w", ring, named(r, err))
		}
		if seen[r.ID()] {
			return fmt.Errorf("recipient of ring %s: %s is listed twice", ring, r.Display())
		}
		seen[r.ID()] = true
	}
	return nil
}

// named puts the recipient into an error that does not name it yet.
func named(r keys.Recipient, err error) error {
	if err == nil {
		return nil
	}
	var e *keys.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("%s: %w", r.Display(), err)
	}
	if e.Recipient != "" {
		return err
	}
	out := *e
	out.Recipient = r.Display()
	return &out
}

// newFile makes a wrapped-key file.
func newFile(c keys.Context, created time.Time, r keys.Recipient, wrapped keys.Wrapped, dk *keys.DataKey) (File, error) {
	w := &WrappedKey{
		Repository: c.Repository, Ring: c.Ring, ID: c.ID, Created: created.UTC().Truncate(time.Second),
		Recipient: keys.Recipient{Kind: r.Kind, URI: r.URI}, Wrapped: wrapped,
	}
	w.MAC = w.mac(dk)
	return w.encode()
}

// NewGeneration makes a ring's next data key and wraps it to every recipient.
// The key comes from the first recipient whose provider makes data keys itself
// (a KMS), else from random; the key id always comes from random, which is
// crypto/rand.Reader if nil.
//
// Pass After(now, generations) as created, or the new generation may not become
// the current one.
func NewGeneration(ctx context.Context, providers *keys.Registry, repository, ring string, recipients []keys.Recipient, created time.Time, random io.Reader) (keys.Generation, []File, error) {
	if random == nil {
		random = rand.Reader
	}
	id, err := keys.NewID(random)
	if err != nil {
		return keys.Generation{}, nil, err
	}
	c := keys.Context{Repository: repository, Ring: ring, ID: id}
	if err := checkAll(providers, c, recipients); err != nil {
		return keys.Generation{}, nil, err
	}
	dk, have, err := newDataKey(ctx, providers, recipients, c, random)
	if err != nil {
		return keys.Generation{}, nil, err
	}
	gen := keys.Generation{ID: id, Ring: ring, Created: created.UTC().Truncate(time.Second), Key: dk}
	files, err := wrapAll(ctx, providers, c, gen.Created, recipients, dk, have)
	if err != nil {
		dk.Wipe()
		return keys.Generation{}, nil, err
	}
	return gen, files, nil
}

type generated struct {
	key     *keys.DataKey
	wrapped keys.Wrapped
}

func newDataKey(ctx context.Context, providers *keys.Registry, recipients []keys.Recipient, c keys.Context, random io.Reader) (*keys.DataKey, map[string]keys.Wrapped, error) {
	for _, r := range recipients {
		p, err := providers.Provider(r.Kind)
		if err != nil {
			return nil, nil, err
		}
		g, ok := p.(keys.Generator)
		if !ok {
			continue
		}
		made, err := bounded(ctx, patience(p, r, wrapDeadline), func(ctx context.Context) (generated, error) {
			dk, wrapped, err := g.Generate(ctx, r, c)
			return generated{dk, wrapped}, err
		})
		if err != nil {
			return nil, nil, fmt.Errorf("make a key for ring %s: %w", c.Ring, named(r, err))
		}
		if made.key == nil {
			return nil, nil, fmt.Errorf("make a key for ring %s: %s returned none", c.Ring, r.Display())
		}
		return made.key, map[string]keys.Wrapped{r.ID(): made.wrapped}, nil
	}
	var b [keys.DataKeySize]byte
	defer clear(b[:])
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return nil, nil, fmt.Errorf("draw a data key: %w", err)
	}
	dk, err := keys.DataKeyFrom(b[:])
	return dk, nil, err
}

// After is the creation time of a generation that shall be newer than all those
// there are: now, or a second after the newest, whose maker's clock was ahead.
func After(now time.Time, existing []Metadata) (time.Time, error) {
	t := now.UTC().Truncate(time.Second)
	for _, m := range existing {
		if !t.After(m.Created) {
			t = m.Created.Add(time.Second)
		}
	}
	if !validTime(t) {
		return time.Time{}, errors.New("the newest key's creation time leaves no room for a newer one; remove that generation")
	}
	return t, nil
}
