package keyring

import (
	"context"
	"errors"
	"fmt"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Open unwraps the data key of a generation, wherever in the sources its files
// are. treeish is what Git told the filter, or "".
//
// The error is a *keys.RingError, except when ctx ended or a source could not be
// searched: then nothing is known about the ring.
func (k *Keyring) Open(ctx context.Context, id keys.ID, treeish string) (keys.Generation, error) {
	s := k.state(id)
	if err := s.enter(ctx); err != nil {
		return keys.Generation{}, err
	}
	defer s.leave()
	if ring := s.claimed(); ring != "" && k.cfg.Locked(ring) {
		return keys.Generation{}, locked(ring, id)
	}
	if s.opened != nil {
		return *s.opened, nil
	}
	if err := s.known(treeish); err != nil {
		return keys.Generation{}, err
	}
	gen, err := k.search(ctx, s, id, treeish)
	if err != nil && ctx.Err() == nil && !errors.Is(err, keys.ErrLocked) {
		s.failed[treeish] = err
	}
	return gen, err
}

func (s *state) known(treeish string) error {
	if s.final != nil {
		return s.final
	}
	return s.failed[treeish]
}

func locked(ring string, id keys.ID) error {
	return &keys.RingError{Ring: ring, ID: id, Cause: keys.ErrLocked, Hint: "git envelope unlock"}
}

// Find tells which ring a key id belongs to, without unwrapping anything: it is
// what the wrapped-key files claim, or what Open found.
func (k *Keyring) Find(ctx context.Context, id keys.ID, treeish string) (string, error) {
	s := k.state(id)
	if ring := s.claimed(); ring != "" {
		return ring, nil
	}
	if err := s.finding.enter(ctx); err != nil {
		return "", err
	}
	defer s.finding.leave()
	if ring := s.claimed(); ring != "" {
		return ring, nil
	}
	if err := s.missing[treeish]; err != nil {
		return "", err
	}
	ring, err := k.find(ctx, s, id, treeish)
	if err != nil && ctx.Err() == nil {
		s.missing[treeish] = err
	}
	return ring, err
}

func (k *Keyring) find(ctx context.Context, s *state, id keys.ID, treeish string) (string, error) {
	var h hunt
	for src := range k.places(&h) {
		found, err := k.lookup(ctx, src, id, treeish)
		if err != nil {
			if ctx.Err() != nil || isRing(err) {
				return "", err
			}
			h.blind = err
			continue
		}
		h.add(found)
		if len(found.good) > 0 {
			ring := found.good[0].key.Ring
			return ring, s.claim(ring, id)
		}
	}
	return "", h.verdict("", id)
}

// hunt gathers what a search through the sources has met so far.
type hunt struct {
	seen   bool          // some source has a well-formed file
	bad    []*keys.Error // files that could not be parsed
	failed []*keys.Error // files that could not be opened
	blind  error         // a source that could not be searched
}

func (h *hunt) add(f found) {
	h.seen = h.seen || len(f.good) > 0
	for _, b := range f.bad {
		if !contains(h.bad, b) {
			h.bad = append(h.bad, b)
		}
	}
}

func contains(list []*keys.Error, e *keys.Error) bool {
	for _, o := range list {
		if *o == *e {
			return true
		}
	}
	return false
}

// verdict is the error of a search that opened nothing.
func (h *hunt) verdict(ring string, id keys.ID) error {
	if h.blind != nil {
		return h.blind
	}
	e := &keys.RingError{Ring: ring, ID: id, Cause: keys.ErrNoAccess, Failed: append(h.failed, h.bad...)}
	switch {
	case !h.seen && len(h.bad) == 0:
		e.Cause = keys.ErrUnknownKey
		e.Hint = "git fetch the branch that holds .envelope/keys for it"
	case !h.seen:
		e.Cause = keys.ErrTampered
		e.Hint = "git checkout HEAD -- " + Dir
	}
	for _, f := range h.failed {
		// What nobody can name may pass as well.
		if f.Kind.Transient() || f.Kind == keys.Other {
			e.Cause = keys.ErrTransient
		}
	}
	return e
}

// places yields the sources in order; those of last resort come after all
// others, and only if these had not even a malformed file.
func (k *Keyring) places(h *hunt) func(yield func(Source) bool) {
	return func(yield func(Source) bool) {
		var last []Source
		for _, src := range k.cfg.Sources {
			if _, ok := src.(LastResort); ok {
				last = append(last, src)
			} else if !yield(src) {
				return
			}
		}
		for _, src := range last {
			if h.seen || !yield(src) {
				return
			}
		}
	}
}

// search opens a generation from the first source that allows it.
func (k *Keyring) search(ctx context.Context, s *state, id keys.ID, treeish string) (keys.Generation, error) {
	var h hunt
	for src := range k.places(&h) {
		found, err := k.lookup(ctx, src, id, treeish)
		if err != nil {
			if ctx.Err() != nil || isRing(err) {
				return keys.Generation{}, s.remember(err)
			}
			h.blind = err // another source may still do
			continue
		}
		h.add(found)
		if len(found.good) == 0 {
			continue
		}
		gen, err := k.open(ctx, s, found.good, &h)
		if gen != nil {
			return *gen, nil
		}
		if err != nil {
			return keys.Generation{}, s.remember(err)
		}
	}
	return keys.Generation{}, h.verdict(s.claimed(), id)
}

// remember keeps a verdict that no other treeish can change.
func (s *state) remember(err error) error {
	if errors.Is(err, keys.ErrTampered) {
		s.final = err
	}
	return err
}

func isRing(err error) bool {
	var e *keys.RingError
	return errors.As(err, &e)
}

// open tries the well-formed files of one source. It returns a generation, or an
// error that ends the search, or neither.
func (k *Keyring) open(ctx context.Context, s *state, files []candidate, h *hunt) (*keys.Generation, error) {
	ring, id := files[0].key.Ring, files[0].key.ID
	if err := s.claim(ring, id); err != nil {
		return nil, err
	}
	if k.cfg.Locked(ring) {
		return nil, locked(ring, id)
	}
	win, err := k.win(ctx, s, files, h)
	if win == nil {
		return nil, err
	}
	s.opened = &keys.Generation{ID: id, Ring: ring, Created: win.file.key.Created, Key: win.key}
	s.origin = win.origin
	if k.cfg.Remember != nil {
		if err := k.cfg.Remember(win.file.file); err != nil {
			k.warn("remember wrapped key %s: %v", win.file.file.Path, err)
		}
	}
	return s.opened, nil
}

// win gets the key of these files from the cache, or from a recipient.
func (k *Keyring) win(ctx context.Context, s *state, files []candidate, h *hunt) (*winner, error) {
	if win := k.cached(ctx, s, files); win != nil {
		return win, nil
	}
	ring, id := files[0].key.Ring, files[0].key.ID
	win, failed, err := k.first(ctx, s, k.order(ring, files))
	h.failed = merge(h.failed, failed)
	if err != nil {
		var e *keys.Error
		if errors.As(err, &e) {
			err = &keys.RingError{Ring: ring, ID: id, Cause: keys.ErrTampered, Failed: []*keys.Error{e}}
		}
		return nil, err
	}
	// It may have been locked while a service was asked.
	if win != nil && k.cfg.Cache != nil && !k.cfg.Locked(ring) {
		k.cfg.Cache.Put(ctx, win.file.key.Context(), win.key)
	}
	return win, nil
}

// merge appends what was not yet said.
func merge(list, more []*keys.Error) []*keys.Error {
	for _, e := range more {
		if !contains(list, e) {
			list = append(list, e)
		}
	}
	return list
}

func twoRings(id keys.ID, a, b string) error {
	return &keys.RingError{ID: id, Cause: keys.ErrTampered, Failed: []*keys.Error{{Kind: keys.Tampered,
		Message: fmt.Sprintf("rings %s and %s both claim the key id", a, b)}}}
}
