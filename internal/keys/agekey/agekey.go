// Package agekey opens and makes wrapped keys for age recipients: X25519
// (age1…), hybrid post-quantum (age1pq1…), OpenSSH keys (ssh-ed25519, ssh-rsa),
// tagged recipients of hardware keys (age1tag1…, age1tagpq1…), and those of age
// plug-ins (age1NAME1…).
//
// A wrapped key is an ordinary binary age file, which the age command opens as
// well. Its plaintext is the data key followed by the hash of its context, so
// that a wrapped key copied to another repository, ring or key id is refused.
//
// The package reads identity files only, and those only when the first wrapped
// key has to be opened. It never prompts, never writes a file, opens no network
// connection, and starts a program (a plug-in) only if the user's own
// configuration allows that plug-in by name.
package agekey

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Kind is the recipient kind this provider serves.
const Kind = "age"

// Algorithm is what every wrapped key of this provider records: the format of
// the age file. Which key agreement it uses follows from the recipient.
const Algorithm = "age-encryption.org/v1"

// pluginPatience is how long a plug-in may take: somebody may have to find and
// touch a token. Nothing else here ever waits.
const pluginPatience = time.Minute

// Options say what a Provider may use. The zero value wraps for every recipient
// that needs no plug-in, and opens nothing.
type Options struct {
	// Identities names the identity files. It is called at the first Unwrap, and
	// again only if that did not lead to an identity.
	Identities func() ([]IdentityFile, error)
	// AllowPlugins holds the names of the plug-ins that may be started, without
	// "age-plugin-". It must come from the user, never from the repository.
	AllowPlugins []string
	// UI carries a plug-in's messages and questions. Without it messages go to
	// Warn and questions are answered with a failure.
	UI *plugin.ClientUI
	// Warn gets one line that the user should read, such as an identity file
	// others can read. May be nil.
	Warn func(message string)
}

// Provider is the age provider. It is safe for concurrent use.
type Provider struct {
	opt Options

	mu     sync.Mutex
	loaded *keychain // nil until an Unwrap found at least one identity
	warned map[string]bool
}

var (
	_ keys.Provider      = (*Provider)(nil)
	_ keys.Canonicalizer = (*Provider)(nil)
	_ keys.Patient       = (*Provider)(nil)
)

// New makes a provider. It touches nothing outside memory.
func New(opt Options) *Provider {
	return &Provider{opt: opt, warned: map[string]bool{}}
}

// Kind implements keys.Provider.
func (*Provider) Kind() string { return Kind }

// Check implements keys.Provider. Age recipients take no options.
func (*Provider) Check(r keys.Recipient) error {
	_, err := parse(r)
	return err
}

// Canonical implements keys.Canonicalizer: spaces around the recipient and the
// comment of an OpenSSH key are dropped.
func (*Provider) Canonical(r keys.Recipient) (keys.Recipient, error) {
	uri, err := canonical(r.URI)
	if err != nil {
		return keys.Recipient{}, err
	}
	r.URI = uri
	return r, nil
}

// Patience implements keys.Patient. A user who allows plug-ins may have to
// touch a token for any recipient: some plug-ins hold OpenSSH keys.
func (p *Provider) Patience(keys.Recipient) time.Duration {
	if len(p.opt.AllowPlugins) == 0 {
		return 0
	}
	return pluginPatience
}

// Wrap implements keys.Provider. The result differs at each call.
func (p *Provider) Wrap(ctx context.Context, r keys.Recipient, c keys.Context, k *keys.DataKey) (keys.Wrapped, error) {
	if err := ctx.Err(); err != nil {
		return keys.Wrapped{}, fmt.Errorf("wrap for %s: %w", r.Display(), err)
	}
	rc, err := parse(r)
	if err != nil {
		return keys.Wrapped{}, err
	}
	to := rc.to
	if rc.plugin != "" {
		if to, err = p.pluginRecipient(r, rc.plugin); err != nil {
			return keys.Wrapped{}, err
		}
	}
	seal := func() ([]byte, error) { return encrypt(to, c, k) }
	sealed, err := run(ctx, rc.plugin != "", seal)
	if err != nil {
		return keys.Wrapped{}, p.wrapError(ctx, r, rc.plugin, err)
	}
	if len(sealed) > keys.MaxWrapped {
		return keys.Wrapped{}, fault(r, keys.Unsupported, fmt.Sprintf("its wrapped key would have %d bytes, more than %d", len(sealed), keys.MaxWrapped))
	}
	return keys.Wrapped{Key: r.URI, Algorithm: Algorithm, Ciphertext: sealed}, nil
}

func (p *Provider) wrapError(ctx context.Context, r keys.Recipient, name string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("wrap for %s: %w", r.Display(), err)
	}
	if name != "" {
		return pluginError(r, name, err)
	}
	return fault(r, keys.Unsupported, keys.OneLine(err.Error(), maxForeign))
}

func encrypt(to age.Recipient, c keys.Context, k *keys.DataKey) ([]byte, error) {
	payload := c.Seal(k)
	defer clear(payload)
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(payload); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Unwrap implements keys.Provider.
//
// An identity whose public half is the recipient is the only one tried: if it
// fails, the wrapped key was changed, which is final. Only without such an
// identity are the allowed plug-ins asked, for these do not tell beforehand
// what they can open.
func (p *Provider) Unwrap(ctx context.Context, r keys.Recipient, c keys.Context, w keys.Wrapped) (*keys.DataKey, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("unwrap for %s: %w", r.Display(), err)
	}
	rc, err := parse(r)
	if err != nil {
		return nil, err
	}
	if err := checkWrapped(r, w); err != nil {
		return nil, err
	}
	chain, err := p.keychain()
	if err != nil {
		return nil, fault(r, keys.NoIdentity, keys.OneLine(err.Error(), maxForeign))
	}
	if id := chain.find(r.URI); id != nil {
		return p.unwrapNative(r, c, w, id)
	}
	return p.unwrapPlugin(ctx, r, rc, c, w, chain)
}

// checkWrapped refuses what Wrap never returns, before anything is parsed.
func checkWrapped(r keys.Recipient, w keys.Wrapped) error {
	switch {
	case len(w.Ciphertext) == 0:
		return fault(r, keys.Tampered, "the wrapped key is empty")
	case len(w.Ciphertext) > keys.MaxWrapped:
		return fault(r, keys.Tampered, fmt.Sprintf("the wrapped key has more than %d bytes", keys.MaxWrapped))
	case w.Key != r.URI:
		return fault(r, keys.Tampered, "the wrapped key names another recipient")
	case w.Algorithm != Algorithm:
		return fault(r, keys.Unsupported, fmt.Sprintf("unknown algorithm %q", keys.OneLine(w.Algorithm, 40)))
	}
	return nil
}

func (p *Provider) unwrapNative(r keys.Recipient, c keys.Context, w keys.Wrapped, id *identity) (*keys.DataKey, error) {
	payload, err := decrypt(id.secret, w.Ciphertext)
	if err != nil {
		return nil, fault(r, keys.Tampered, "the identity for it does not open the wrapped key")
	}
	return unseal(r, c, payload)
}

func (p *Provider) unwrapPlugin(ctx context.Context, r keys.Recipient, rc recipient, c keys.Context, w keys.Wrapped, chain *keychain) (*keys.DataKey, error) {
	if rc.plugin != "" && !p.allowed(rc.plugin) {
		return nil, consent(r, rc.plugin)
	}
	var failed error
	for _, id := range chain.plugins(rc.plugin) {
		if !p.allowed(id.plugin) {
			continue
		}
		payload, err := p.askPlugin(ctx, id, w.Ciphertext)
		var opened *openedError
		switch {
		case err == nil:
			return unseal(r, c, payload)
		case ctx.Err() != nil:
			return nil, fmt.Errorf("unwrap for %s: %w", r.Display(), err)
		case errors.As(err, &opened):
			return nil, fault(r, keys.Tampered, "plug-in "+id.plugin+" opened the file key, but not the wrapped key")
		case !errors.Is(err, age.ErrIncorrectIdentity) && failed == nil:
			failed = pluginError(r, id.plugin, err)
		}
	}
	if failed != nil {
		return nil, failed
	}
	return nil, p.notOpened(r, chain)
}

// notOpened says why no identity served, as usefully as is known.
func (p *Provider) notOpened(r keys.Recipient, chain *keychain) error {
	if t := chain.trouble(r.URI); t != nil {
		return &keys.Error{Kind: t.kind, Recipient: r.Display(), Message: t.message, Hint: t.hint}
	}
	if len(chain.ids) == 0 {
		return chain.none(r)
	}
	e := fault(r, keys.NotMine, "")
	for _, id := range chain.plugins("") {
		if !p.allowed(id.plugin) {
			e.Message = "and plug-in " + id.plugin + " was not asked"
			e.Hint = consentHint(id.plugin)
			break
		}
	}
	return e
}

func unseal(r keys.Recipient, c keys.Context, payload []byte) (*keys.DataKey, error) {
	defer clear(payload)
	k, err := c.Unseal(payload)
	var e *keys.Error
	if errors.As(err, &e) && e.Recipient == "" {
		e.Recipient = r.Display()
	}
	return k, err
}

// openedError marks a fault found after an identity had delivered the file key.
type openedError struct{ error }

// decrypt returns the plaintext of a small age file. Longer ones come back cut
// one byte beyond what Context.Unseal accepts, so that it refuses them.
func decrypt(id age.Identity, sealed []byte) ([]byte, error) {
	watch := &watcher{Identity: id}
	r, err := age.Decrypt(bytes.NewReader(sealed), watch)
	if err != nil {
		if watch.opened {
			return nil, &openedError{err}
		}
		return nil, err
	}
	payload, err := io.ReadAll(io.LimitReader(r, maxPayload+1))
	if err != nil {
		return nil, &openedError{err}
	}
	return payload, nil
}

// maxPayload is the length of what Context.Seal returns.
const maxPayload = keys.DataKeySize + 32

// watcher remembers whether its identity delivered a file key: what fails
// afterwards is not the identity's fault.
type watcher struct {
	age.Identity
	opened bool
}

func (w *watcher) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	key, err := w.Identity.Unwrap(stanzas)
	w.opened = err == nil
	return key, err
}

// run calls f, in a goroutine of its own if it may wait: the plug-in client
// knows no context. A plug-in that is given up on keeps its goroutine until it
// ends, at the latest with this process, which closes its standard input.
func run(ctx context.Context, waits bool, f func() ([]byte, error)) ([]byte, error) {
	if !waits {
		return f()
	}
	type result struct {
		b   []byte
		err error
	}
	done := make(chan result, 1)
	go func() {
		b, err := f()
		done <- result{b, err}
	}()
	select {
	case r := <-done:
		return r.b, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *Provider) allowed(name string) bool { return slices.Contains(p.opt.AllowPlugins, name) }

// maxForeign bounds what of a library's or plug-in's text goes into a message.
const maxForeign = 200

func fault(r keys.Recipient, kind keys.Kind, message string) *keys.Error {
	return &keys.Error{Kind: kind, Recipient: r.Display(), Message: message}
}
