package keyring

import (
	"fmt"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// fault names what a failure is about. Some are about the recipient itself and
// hold for every key; others about the very key that wrapped, in one ring, since
// a grant may depend on the encryption context. What costs no call, such as a
// wrapped key of an unknown kind, is about that one wrapped key only.
type fault struct {
	recipient string // and how it is asked: options may name a role
	ring, key string // "" if it holds for every key
}

// asked names a recipient together with its options, which each ring has its own of.
func asked(r keys.Recipient) string { return fmt.Sprint(r.ID(), " ", r.Options) }

func faultOf(t target, kind keys.Kind) (fault, bool) {
	f := fault{recipient: asked(t.recipient)}
	switch kind {
	case keys.NoIdentity, keys.Expired, keys.Consent, keys.Unreachable, keys.Throttled:
		return f, true
	case keys.Denied, keys.NotFound, keys.Disabled:
		f.ring, f.key = t.key.Ring, t.key.Wrapped.Key
		return f, true
	}
	return f, false
}

// knownFailure is how an attempt would fail, as far as that is known. Without it
// a history of many generations would wait for a dead service once for each.
func (k *Keyring) knownFailure(s *state, t target) *keys.Error {
	if e := s.tried[t.attempt()]; e != nil {
		return e
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	id := asked(t.recipient)
	if e := k.faults[fault{recipient: id}]; e != nil {
		return e
	}
	return k.faults[fault{id, t.key.Ring, t.key.Wrapped.Key}]
}

func (k *Keyring) rememberFailure(s *state, t target, e *keys.Error) {
	s.tried[t.attempt()] = e
	if f, ok := faultOf(t, e.Kind); ok {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.faults[f] = e
	}
}

// overtake notes that another recipient answered while this one was being waited for.
func (k *Keyring) overtake(r keys.Recipient) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.slow[asked(r)] = 1
}

// overtaken is 1 for a recipient that was, else 0.
func (k *Keyring) overtaken(r keys.Recipient) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.slow[asked(r)]
}
