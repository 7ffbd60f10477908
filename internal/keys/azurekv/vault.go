package azurekv

import (
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// operation is one of the three things a vault is asked for.
type operation struct {
	permission string // in an access policy
	action     string // in a role
}

var (
	opGet    = operation{"get", "read"}
	opWrap   = operation{"wrapKey", "wrap/action"}
	opUnwrap = operation{"unwrapKey", "unwrap/action"}
)

// answer is what a wrap or unwrap gave, and the version that gave it.
type answer struct {
	key   keyURL
	value []byte
}

// ask has the service wrap or unwrap with u. The version that answers is checked.
func (p *Provider) ask(ctx context.Context, r keys.Recipient, u keyURL, o operation, algorithm string, value []byte) (answer, error) {
	c, err := p.clients.get(u.host)
	if err != nil {
		return answer{}, describe(ctx, r, c, o, err)
	}
	ctx = withTrip(ctx)
	a := azkeys.EncryptionAlgorithm(algorithm)
	parameters := azkeys.KeyOperationParameters{Algorithm: &a, Value: value}
	var result azkeys.KeyOperationResult
	if o == opWrap {
		var resp azkeys.WrapKeyResponse
		resp, err = c.keys.WrapKey(ctx, u.name, u.version, parameters, nil)
		result = resp.KeyOperationResult
	} else {
		var resp azkeys.UnwrapKeyResponse
		resp, err = c.keys.UnwrapKey(ctx, u.name, u.version, parameters, nil)
		result = resp.KeyOperationResult
	}
	if err != nil {
		return answer{}, c.failure(ctx, r, o, err)
	}
	version, err := answeredURL(u, result.KID)
	if err != nil {
		clear(result.Result)
		return answer{}, describe(ctx, r, c, o, err)
	}
	return answer{version, result.Result}, nil
}

// fetch asks the service about a key.
func (p *Provider) fetch(ctx context.Context, r keys.Recipient, u keyURL) (*key, error) {
	c, err := p.clients.get(u.host)
	if err != nil {
		return nil, describe(ctx, r, c, opGet, err)
	}
	ctx = withTrip(ctx)
	resp, err := c.keys.GetKey(ctx, u.name, u.version, nil)
	if err != nil {
		return nil, c.failure(ctx, r, opGet, err)
	}
	k, err := keyFrom(u, resp.KeyBundle, p.now())
	if err != nil {
		return nil, describe(ctx, r, c, opGet, err)
	}
	return k, nil
}

// find is the key to wrap with: the one kept from before while it is fresh, else
// the service's, else, if that can't be had, the one kept from before after all.
func (p *Provider) find(ctx context.Context, r keys.Recipient, u keyURL) (*key, error) {
	kept := p.recall(r, u)
	if kept == nil || !kept.fresh(u, p.now()) {
		k, err := p.fetch(ctx, r, u)
		if err == nil {
			p.keep(r, u, k)
			return k, nil
		}
		if kept == nil || !substitutable(err) {
			return nil, err
		}
	}
	if err := kept.usable(p.now()); err != nil {
		return nil, fault(r, keys.Disabled, err.Error())
	}
	return kept, nil
}

// substitutable tells whether an older answer may stand in for one that was not
// to be had. That the key is gone or disabled is an answer.
func substitutable(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	switch keys.KindOf(err) {
	case keys.Denied, keys.Unreachable, keys.Throttled, keys.NoIdentity, keys.Expired:
		return true
	}
	return false
}

// recall finds a key in memory, else in the store. A store that fails, or holds
// something else, is one that holds nothing.
func (p *Provider) recall(r keys.Recipient, u keyURL) *key {
	p.mu.Lock()
	k := p.known[u]
	p.mu.Unlock()
	if k != nil || p.store == nil {
		return k
	}
	data, err := p.store.Load(r.ID())
	if err != nil || data == nil {
		return nil
	}
	if k, err = parseStored(u, data); err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[u] = k
	return k
}

// keep remembers a key. That a symmetric one is symmetric is remembered in this
// process only. A store that fails costs a request next time.
func (p *Provider) keep(r keys.Recipient, u keyURL, k *key) {
	p.mu.Lock()
	p.known[u] = k
	p.mu.Unlock()
	if p.store != nil && k.public != nil {
		_ = p.store.Store(r.ID(), k.marshal(u))
	}
}

// failure describes why a call failed. A vault that cannot be reached tells
// nothing of the user's login, which the SDK looks for only when the vault asks:
// whoever has none need not wait for the network, for a clone without keys must
// be able to check out.
func (c *client) failure(ctx context.Context, r keys.Recipient, o operation, err error) error {
	said := describe(ctx, r, c, o, err)
	var imposter *foreignError
	if keys.KindOf(said) != keys.Unreachable || c.login.granted() || errors.As(err, &imposter) {
		return said
	}
	ctx = withTrip(ctx)
	if err := c.identify(ctx); err != nil {
		why := describe(ctx, r, c, o, err)
		if kind := keys.KindOf(why); kind == keys.NoIdentity || kind == keys.Expired {
			return why
		}
	}
	return said
}

// identify fetches a token without using it, unless there was one already, which
// told for whom it is.
func (c *client) identify(ctx context.Context) error {
	if c.login.granted() {
		return nil
	}
	_, err := c.login.GetToken(ctx, policy.TokenRequestOptions{Scopes: c.login.scopes[:1]})
	return err
}
