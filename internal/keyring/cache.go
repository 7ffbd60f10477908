package keyring

import (
	"context"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Cache keeps opened keys from one process to the next, as an agent does. It is
// not trusted: a key it gives is held against the wrapped-key files as one of a
// recipient would be, and a wrong one is passed over. Both calls bound
// themselves, since a cache must never cost more than it saves.
type Cache interface {
	// Get is the key kept for c, with the time at which it will be gone; nil if
	// there is none.
	Get(ctx context.Context, c keys.Context) (*keys.DataKey, time.Time)
	// Put offers a key that a recipient just opened.
	Put(ctx context.Context, c keys.Context, k *keys.DataKey)
}

// Origin is where an opened key came from.
type Origin struct {
	Recipient keys.Recipient // zero if it came from the cache
	Took      time.Duration  // how long the recipient took
	Until     time.Time      // when the cache will have forgotten it; zero if it is not there
}

// Cached tells whether the key came from the cache.
func (o Origin) Cached() bool { return o.Recipient.Kind == "" }

// Origin tells where the key of a generation that this Keyring opened came from.
func (k *Keyring) Origin(ctx context.Context, id keys.ID) (Origin, bool) {
	s := k.state(id)
	if s.enter(ctx) != nil {
		return Origin{}, false
	}
	defer s.leave()
	return s.origin, s.opened != nil
}

// cached asks the cache for the key of these files, once for each generation:
// all files of a generation wrap the same key.
func (k *Keyring) cached(ctx context.Context, s *state, files []candidate) *winner {
	if k.cfg.Cache == nil || s.cacheAsked {
		return nil
	}
	s.cacheAsked = true
	key, until := k.cfg.Cache.Get(ctx, files[0].key.Context())
	if key == nil {
		return nil
	}
	for _, f := range files {
		if f.key.Verify(key) == nil {
			return &winner{f, key, Origin{Until: until}}
		}
	}
	key.Wipe()
	k.warn("the agent gave a wrong key for ring %s (%s), which was not used: stop it with 'git envelope agent --stop'", files[0].key.Ring, files[0].key.ID.Short())
	return nil
}
