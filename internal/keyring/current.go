package keyring

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Metadata is what wrapped-key files claim about one generation. Nothing of it
// is authenticated until the generation has been opened.
type Metadata struct {
	ID         keys.ID
	Ring       string
	Created    time.Time // the latest that any of its files claims; zero if none is well-formed
	Recipients []keys.Recipient
	Faults     []*keys.Error // its files that could not be parsed

	files     []candidate
	malformed []File
}

// Generations lists a ring's generations where the Lister looks, the newest
// first, generations without any well-formed file before all others.
func (k *Keyring) Generations(ctx context.Context, ring string) ([]Metadata, error) {
	if k.cfg.Current == nil {
		return nil, fmt.Errorf("list the keys of ring %s: no place to look was given", ring)
	}
	files, err := k.cfg.Current.Generations(ctx, ring)
	if err != nil {
		return nil, fmt.Errorf("list the keys of ring %s: %w", ring, err)
	}
	if len(files) > 2*MaxRingFiles { // work tree and index
		return nil, fmt.Errorf("list the keys of ring %s: more than %d wrapped-key files", ring, MaxRingFiles)
	}
	byID := map[keys.ID]*Metadata{}
	seen := map[string]bool{}
	for _, f := range files {
		r, id, _, err := ParsePath(f.Path)
		if err != nil || r != ring {
			k.stray(f.Path)
			continue
		}
		m := byID[id]
		if m == nil {
			m = &Metadata{ID: id, Ring: ring}
			byID[id] = m
		}
		if !seen[f.Path] {
			seen[f.Path] = m.add(k, f)
		}
	}
	out := make([]Metadata, 0, len(byID))
	for _, m := range byID {
		out = append(out, *m)
	}
	slices.SortFunc(out, newestFirst)
	return out, nil
}

// add tells whether the file was well-formed.
func (m *Metadata) add(k *Keyring, f File) bool {
	w, bad := k.parse(f)
	if bad != nil {
		if !contains(m.Faults, bad) {
			m.Faults, m.malformed = append(m.Faults, bad), append(m.malformed, f)
		}
		return false
	}
	if w.Created.After(m.Created) {
		m.Created = w.Created
	}
	m.Recipients = append(m.Recipients, w.Recipient)
	m.files = append(m.files, candidate{f, w})
	return true
}

// newestFirst orders by claimed time, ties by key id, the higher one being newer.
func newestFirst(a, b Metadata) int {
	return cmp.Or(
		cmp.Compare(min(len(a.files), 1), min(len(b.files), 1)),
		b.Created.Compare(a.Created),
		bytes.Compare(b.ID[:], a.ID[:]),
	)
}

// current is what is known of a ring's current generation.
type current struct {
	gate
	gen *keys.Generation
	err error
}

func (k *Keyring) current(ring string) *current {
	k.mu.Lock()
	defer k.mu.Unlock()
	c := k.rings[ring]
	if c == nil {
		c = &current{gate: newGate()}
		k.rings[ring] = c
	}
	return c
}

// Current opens the newest generation of a ring, and no other: if that one is
// locked, out of reach or tampered with, sealing must not go on silently under
// an older key. The answer, a failure included, is remembered until Forget.
func (k *Keyring) Current(ctx context.Context, ring string) (keys.Generation, error) {
	if k.cfg.Locked(ring) {
		return keys.Generation{}, &keys.RingError{Ring: ring, Cause: keys.ErrLocked, Hint: "git envelope unlock"}
	}
	c := k.current(ring)
	if err := c.enter(ctx); err != nil {
		return keys.Generation{}, err
	}
	defer c.leave()
	if c.gen == nil && c.err == nil {
		gen, err := k.newest(ctx, ring)
		if err != nil && (ctx.Err() != nil || errors.Is(err, keys.ErrLocked)) {
			return keys.Generation{}, err
		}
		c.gen, c.err = gen, err
	}
	if c.err != nil {
		return keys.Generation{}, c.err
	}
	return *c.gen, nil
}

func (k *Keyring) newest(ctx context.Context, ring string) (*keys.Generation, error) {
	if k.cfg.Repository == "" {
		return nil, fmt.Errorf("current key of ring %s: the policy, which names the repository, could not be read", ring)
	}
	all, err := k.Generations(ctx, ring)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, NoGeneration(ring)
	}
	m := all[0]
	gen, err := k.openListed(ctx, m)
	if err != nil {
		return nil, err
	}
	if err := m.agree(gen); err != nil {
		return nil, err
	}
	k.warnFuture(gen)
	return gen, nil
}

// NoGeneration is the error for a ring without any data key.
func NoGeneration(ring string) error {
	return &keys.RingError{Ring: ring, Cause: keys.ErrNoGeneration,
		Hint: "bring its key files back: git checkout HEAD -- " + RingDir(ring) + "; if it never had any: git envelope init --ring " + ring}
}

// openListed opens a generation from the very files it was listed by. One without
// any well-formed file may be the newest: nobody can tell.
func (k *Keyring) openListed(ctx context.Context, m Metadata) (*keys.Generation, error) {
	switch n := len(m.files); {
	case n == 0:
		return nil, &keys.RingError{Ring: m.Ring, ID: m.ID, Cause: keys.ErrTampered, Failed: m.Faults,
			Hint: "git checkout HEAD -- " + RingDir(m.Ring)}
	case n > MaxFiles:
		return nil, fmt.Errorf("ring %s, key %s: more than %d wrapped-key files", m.Ring, m.ID.Short(), MaxFiles)
	}
	s := k.state(m.ID)
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	if s.opened != nil {
		return s.opened, nil
	}
	if s.final != nil {
		return nil, s.final
	}
	h := hunt{seen: true, bad: m.Faults}
	gen, err := k.open(ctx, s, m.files, &h)
	if err != nil {
		return nil, s.remember(err)
	}
	if gen == nil {
		return nil, h.verdict(m.Ring, m.ID)
	}
	return gen, nil
}

// agree holds every file of the generation against the one that authenticated:
// another time or ring in any of them is a lie that may have decided which
// generation is the newest.
func (m Metadata) agree(gen *keys.Generation) error {
	for _, f := range m.files {
		if f.key.Ring != gen.Ring || !f.key.Created.Equal(gen.Created) {
			return &keys.RingError{Ring: m.Ring, ID: m.ID, Cause: keys.ErrTampered, Failed: []*keys.Error{{
				Kind: keys.Tampered, Recipient: f.key.Recipient.Display(),
				Message: fmt.Sprintf("%s: says it was created %s in ring %s, the key itself says %s in ring %s",
					f.file.Path, f.key.created(), f.key.Ring, gen.Created.Format(timeLayout), gen.Ring),
				Hint: "git checkout HEAD -- " + f.file.Path,
			}}}
		}
	}
	return nil
}

// warnFuture tells of a generation whose maker's clock was wrong. It stays the
// current one: every branch and machine must choose alike, whatever its clock.
func (k *Keyring) warnFuture(gen *keys.Generation) {
	const slack = 24 * time.Hour
	if k.cfg.Now != nil && gen.Created.After(k.cfg.Now().Add(slack)) {
		k.warn("the current key of ring %s (%s) was created in the future, %s", gen.Ring, gen.ID.Short(), gen.Created.Format(timeLayout))
	}
}
