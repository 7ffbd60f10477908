// Package azurekv wraps and opens data keys with keys of Azure Key Vault and
// Azure Managed HSM.
//
// RSA keys wrap here, with RSA-OAEP-256 and the public key that was fetched at
// most a day ago, so that sealing needs neither a permission nor the network;
// they unwrap in the vault. Symmetric keys of a Managed HSM (oct-HSM) wrap and
// unwrap there, with A256KW. Azure knows no encryption context: what is wrapped
// is the data key followed by the hash of its context, so that a wrapped key
// copied to another repository, ring or key id is refused.
//
// The package sends requests, and asks for a token, only for hosts of Azure's
// own clouds and those that the user allowed. It looks for credentials where
// every Azure tool does (azidentity.DefaultAzureCredential), which is the only
// reading of the environment here, and never opens a browser. It writes no file
// and prints nothing.
package azurekv

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Kind is the recipient kind this provider serves.
const Kind = "azure-key"

// Algorithms, as wrapped keys record them.
const (
	RSAOAEP256 = string(azkeys.EncryptionAlgorithmRSAOAEP256)
	A256KW     = string(azkeys.EncryptionAlgorithmA256KW)
)

// Options say what a Provider may use. The zero value asks Azure's own hosts
// with the credentials every Azure tool would find.
type Options struct {
	// AllowHosts are hosts (or host:port) outside Azure's own domains that may be
	// asked, and given a token for Key Vault. They must come from the user's own
	// Git config (envelope.azureHost), never from the repository.
	AllowHosts []string
	// AuthorityHost is the value of AZURE_AUTHORITY_HOST. Without it the host of
	// the key tells which cloud issues the tokens.
	AuthorityHost string
	// PublicKeys keeps public keys between processes. May be nil.
	PublicKeys KeyStore
	// Now is the clock; time.Now if nil.
	Now func() time.Time

	// Transport carries every request, and Credential replaces the search for
	// one. Both are for tests.
	Transport  http.RoundTripper
	Credential azcore.TokenCredential
}

// Provider is the Azure provider. It is safe for concurrent use.
type Provider struct {
	allowed []string
	store   KeyStore
	now     func() time.Time
	clients clients

	mu    sync.Mutex
	known map[keyURL]*key
}

var (
	_ keys.Provider      = (*Provider)(nil)
	_ keys.Canonicalizer = (*Provider)(nil)
	_ keys.Identifier    = (*Provider)(nil)
	_ keys.Dater         = (*Provider)(nil)
)

// New makes a provider. It touches nothing outside memory.
func New(opt Options) *Provider {
	p := &Provider{
		store:   opt.PublicKeys,
		now:     opt.Now,
		clients: clients{opt: opt, byHost: map[string]*client{}, logins: map[string]azcore.TokenCredential{}},
		known:   map[keyURL]*key{},
	}
	if p.now == nil {
		p.now = time.Now
	}
	for _, entry := range opt.AllowHosts {
		if host := allowHost(entry); host != "" {
			p.allowed = append(p.allowed, host)
		}
	}
	return p
}

// Kind implements keys.Provider.
func (*Provider) Kind() string { return Kind }

// Check implements keys.Provider. Any host will do here: those who may not ask
// a private one check policies as well.
func (*Provider) Check(r keys.Recipient) error {
	_, err := parse(r)
	return err
}

// Canonical implements keys.Canonicalizer: spaces around the URL, a slash at its
// end and the port 443 are dropped, the host is put into lower case.
func (*Provider) Canonical(r keys.Recipient) (keys.Recipient, error) {
	u, err := parseURL(strings.TrimSpace(r.URI))
	if err != nil {
		return keys.Recipient{}, fault(r, keys.Unsupported, err.Error())
	}
	r.URI = u.String()
	return r, nil
}

// Principal implements keys.Identifier: the claims of the token that the vault
// would be given.
func (p *Provider) Principal(ctx context.Context, r keys.Recipient) (string, error) {
	u, err := p.target(ctx, r)
	if err != nil {
		return "", err
	}
	c, err := p.clients.get(u.host)
	if err != nil {
		return "", describe(ctx, r, c, opGet, err)
	}
	ctx = withTrip(ctx)
	if err := c.identify(ctx); err != nil {
		return "", describe(ctx, r, c, opGet, err)
	}
	return c.login.who(), nil
}

// target is what a recipient names, if that may be asked at all.
func (p *Provider) target(ctx context.Context, r keys.Recipient) (keyURL, error) {
	if err := ctx.Err(); err != nil {
		return keyURL{}, ended(ctx, r, err)
	}
	u, err := parse(r)
	if err != nil {
		return keyURL{}, err
	}
	if _, known := serviceOf(u.host); !known && !slices.Contains(p.allowed, u.host) {
		e := fault(r, keys.Consent, u.host+" is not one of Azure's hosts, *.vault.azure.net and the like, and would be given a token for your keys: a typing error?")
		e.Hint = "only if you run this host yourself: git config --global --add envelope.azureHost " + u.host
		return keyURL{}, e
	}
	return u, nil
}

// Wrap implements keys.Provider. The result differs at each call for RSA keys,
// and does not for symmetric ones.
func (p *Provider) Wrap(ctx context.Context, r keys.Recipient, c keys.Context, k *keys.DataKey) (keys.Wrapped, error) {
	u, err := p.target(ctx, r)
	if err != nil {
		return keys.Wrapped{}, err
	}
	payload := c.Seal(k)
	defer clear(payload)
	found, err := p.find(ctx, r, u)
	switch {
	case err == nil && found.public != nil:
		return wrapLocally(r, found, payload)
	case err == nil:
		return p.wrapRemotely(ctx, r, u, payload, A256KW)
	case errors.Is(err, errForbidden):
		// A principal may be allowed to wrap, but not to read the public key. Which
		// type it has is for the service to say.
		return p.wrapRemotely(ctx, r, u, payload, guesses(u.host)...)
	}
	return keys.Wrapped{}, err
}

// Newest implements keys.Dater: a key without a version means its newest one. What
// was fetched is what Wrap uses from then on.
func (p *Provider) Newest(ctx context.Context, r keys.Recipient) (string, error) {
	u, err := p.target(ctx, r)
	switch {
	case err != nil:
		return "", err
	case u.version != "":
		return r.URI, nil
	}
	k, err := p.fetch(ctx, r, u)
	if err != nil {
		return "", err
	}
	p.keep(r, u, k)
	return k.url.String(), nil
}

// Same implements keys.Dater.
func (*Provider) Same(a, b string) bool { return a == b }

// guesses are the algorithms of a key that nothing is known of. Key Vaults hold
// no symmetric keys.
func guesses(host string) []string {
	if s, known := serviceOf(host); known && !s.hsm {
		return []string{RSAOAEP256}
	}
	return []string{RSAOAEP256, A256KW}
}

func wrapLocally(r keys.Recipient, k *key, payload []byte) (keys.Wrapped, error) {
	sealed, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, k.public, payload, nil)
	if err != nil {
		return keys.Wrapped{}, fault(r, keys.Unsupported, keys.OneLine(err.Error(), maxForeign))
	}
	return keys.Wrapped{Key: k.url.String(), Algorithm: RSAOAEP256, Ciphertext: sealed}, nil
}

// wrapRemotely has the service wrap, under the first algorithm that suits the key.
func (p *Provider) wrapRemotely(ctx context.Context, r keys.Recipient, u keyURL, payload []byte, algorithms ...string) (w keys.Wrapped, err error) {
	for _, algorithm := range algorithms {
		var a answer
		a, err = p.ask(ctx, r, u, opWrap, algorithm, payload)
		if err == nil {
			if !sizeFits(algorithm, len(a.value)) {
				return keys.Wrapped{}, fault(r, keys.Tampered, fmt.Sprintf("the vault wrapped into %d bytes, which %s never gives", len(a.value), algorithm))
			}
			return keys.Wrapped{Key: a.key.String(), Algorithm: algorithm, Ciphertext: a.value}, nil
		}
		if keys.KindOf(err) != keys.Unsupported {
			break
		}
	}
	return keys.Wrapped{}, err
}

// sizeFits tells whether an algorithm can give a wrapped key of n bytes: those
// of an RSA modulus, or the payload and eight more.
func sizeFits(algorithm string, n int) bool {
	switch algorithm {
	case RSAOAEP256:
		return n == 256 || n == 384 || n == 512
	case A256KW:
		return n == keys.DataKeySize+sha256.Size+8
	}
	return false
}

// Unwrap implements keys.Provider. It asks for nothing until it is clear that
// the wrapped key can be one of the recipient's.
func (p *Provider) Unwrap(ctx context.Context, r keys.Recipient, c keys.Context, w keys.Wrapped) (*keys.DataKey, error) {
	u, err := p.target(ctx, r)
	if err != nil {
		return nil, err
	}
	version, err := checkWrapped(r, u, w)
	if err != nil {
		return nil, err
	}
	a, err := p.ask(ctx, r, version, opUnwrap, w.Algorithm, w.Ciphertext)
	if err != nil {
		return nil, err
	}
	defer clear(a.value)
	k, err := c.Unseal(a.value)
	var e *keys.Error
	if errors.As(err, &e) {
		e.Recipient = r.Display()
	}
	return k, err
}

// checkWrapped refuses what Wrap never returns, and finds the version that
// wrapped.
func checkWrapped(r keys.Recipient, u keyURL, w keys.Wrapped) (keyURL, error) {
	if w.Algorithm != RSAOAEP256 && w.Algorithm != A256KW {
		return keyURL{}, fault(r, keys.Unsupported, fmt.Sprintf("unknown algorithm %q", keys.OneLine(w.Algorithm, 40)))
	}
	v, err := strictURL(w.Key)
	if err != nil || !u.covers(v) || v.name != u.name {
		return keyURL{}, fault(r, keys.Tampered, "the wrapped key names another key")
	}
	if !sizeFits(w.Algorithm, len(w.Ciphertext)) {
		return keyURL{}, fault(r, keys.Tampered, fmt.Sprintf("a wrapped key of %d bytes, which %s never gives", len(w.Ciphertext), w.Algorithm))
	}
	return v, nil
}
