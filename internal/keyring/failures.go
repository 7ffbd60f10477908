package keyring

import "github.com/git-envelope/git-envelope/internal/keys"

// fault names what a failure is about. Some are about the recipient itself and
// hold for every key; others about the very key that wrapped, in one ring, since
// a grant may depend on the encryption context.
type fault struct {
	recipient string // keys.Recipient.ID
	ring, key string // "" if it holds for every key
}

func faultOf(t target, kind keys.Kind) (fault, bool) {
	f := fault{recipient: t.recipient.ID()}
	switch kind {
	case keys.NoIdentity, keys.Expired, keys.Unsupported, keys.Consent, keys.Unreachable, keys.Throttled:
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
	id := t.recipient.ID()
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
	k.slow[r.ID()] = 1
}

// overtaken is 1 for a recipient that was, else 0.
func (k *Keyring) overtaken(r keys.Recipient) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.slow[r.ID()]
}
