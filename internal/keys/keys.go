// Package keys defines what a key provider is: the recipients that can open a
// ring, the data key they wrap, the context that binds a wrapped key to one
// repository, ring and generation, and the kinds of failure a caller acts on.
//
// It holds no SDK, touches no network and no file. Providers live in the
// packages below it, one each, and are named only by the command.
package keys

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"
)

// Sizes in bytes.
const (
	DataKeySize = 32
	IDSize      = 16
	// MaxWrapped bounds one wrapped key as a provider returns it. The largest we
	// know is a hybrid post-quantum age file, below 3 KiB.
	MaxWrapped = 8 << 10
	// MaxURI bounds a recipient's URI and the name of the key that wrapped. The
	// longest we know are hybrid post-quantum age recipients (1,960 bytes) and
	// 16,384-bit RSA keys of OpenSSH (2,800 bytes).
	MaxURI = 4 << 10
)

// ID names one generation of a ring's data key. It is chosen before the key is
// made, so that a KMS can be given it as encryption context.
type ID [IDSize]byte

// NewID draws a key id from r (crypto/rand.Reader outside tests).
func NewID(r io.Reader) (ID, error) {
	var id ID
	if _, err := io.ReadFull(r, id[:]); err != nil {
		return ID{}, fmt.Errorf("draw a key id: %w", err)
	}
	return id, nil
}

// ParseID reads the 32 lower-case hexadecimal digits that String writes.
func ParseID(s string) (ID, error) {
	var id ID
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != IDSize || hex.EncodeToString(b) != s {
		return ID{}, fmt.Errorf("key id %q is not %d lower-case hexadecimal digits", s, 2*IDSize)
	}
	copy(id[:], b)
	return id, nil
}

func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Short is the abbreviation shown to people.
func (id ID) Short() string { return id.String()[:8] }

// DataKey is the secret of one generation. It prints as a placeholder in every
// format, so that no log or error can carry it by accident; the bytes are
// reached through Bytes alone.
type DataKey struct{ b [DataKeySize]byte }

// NewDataKey draws a data key from crypto/rand.
func NewDataKey() (*DataKey, error) {
	k := new(DataKey)
	if _, err := rand.Read(k.b[:]); err != nil {
		return nil, fmt.Errorf("draw a data key: %w", err)
	}
	return k, nil
}

// DataKeyFrom copies a data key out of b, which must hold exactly DataKeySize
// bytes that are not all the same: services have handed over zeros as success.
func DataKeyFrom(b []byte) (*DataKey, error) {
	if len(b) != DataKeySize {
		return nil, fmt.Errorf("data key has %d bytes, want %d", len(b), DataKeySize)
	}
	var differ byte
	for _, c := range b {
		differ |= c ^ b[0]
	}
	if differ == 0 {
		return nil, fmt.Errorf("data key is a single repeated byte")
	}
	k := new(DataKey)
	copy(k.b[:], b)
	return k, nil
}

// Bytes gives access to the secret itself. Callers must not keep, print or
// write it.
func (k *DataKey) Bytes() *[DataKeySize]byte { return &k.b }

// Equal compares in constant time.
func (k *DataKey) Equal(o *DataKey) bool {
	return subtle.ConstantTimeCompare(k.b[:], o.b[:]) == 1
}

// Wipe overwrites the key. The runtime may have copied it before; this is a
// courtesy, not a guarantee.
func (k *DataKey) Wipe() { clear(k.b[:]) }

// Format keeps the key out of every fmt verb.
func (*DataKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[data key]") }

// Generation is one opened generation of a ring.
type Generation struct {
	ID      ID
	Ring    string
	Created time.Time // UTC, whole seconds
	Key     *DataKey
}

// Context binds a wrapped key to its place. Every provider authenticates it:
// AWS as encryption context, the others by its hash inside the wrapped bytes.
type Context struct {
	Repository string // random id of the policy
	Ring       string
	ID         ID
}

// App is the value of the context's "app" member.
const App = "git-envelope"

// Map is the encryption context as a KMS is given it.
func (c Context) Map() map[string]string {
	return map[string]string{"app": App, "repository": c.Repository, "ring": c.Ring, "key-id": c.ID.String()}
}

// Canonical encodes the context in exactly one way: the members of Map in
// sorted order, each name and value preceded by its length as one byte.
// Names and values are at most 255 bytes (policy and ring names are far shorter).
func (c Context) Canonical() []byte {
	var b []byte
	for _, kv := range [][2]string{{"app", App}, {"key-id", c.ID.String()}, {"repository", c.Repository}, {"ring", c.Ring}} {
		for _, s := range kv {
			if len(s) > 255 {
				panic("keys: internal error: context member longer than 255 bytes")
			}
			b = append(append(b, byte(len(s))), s...)
		}
	}
	return b
}

// Hash is SHA-256 of Canonical.
func (c Context) Hash() [sha256.Size]byte { return sha256.Sum256(c.Canonical()) }

// Seal is the payload for providers without an encryption context: the data
// key followed by the hash of the context.
func (c Context) Seal(k *DataKey) []byte {
	h := c.Hash()
	return append(append(make([]byte, 0, DataKeySize+len(h)), k.b[:]...), h[:]...)
}

// Unseal checks a payload made by Seal for the same context and returns its
// data key. A payload of another length or context is Tampered.
func (c Context) Unseal(payload []byte) (*DataKey, error) {
	h := c.Hash()
	if len(payload) != DataKeySize+len(h) {
		return nil, &Error{Kind: Tampered, Message: fmt.Sprintf("unwrapped %d bytes, want %d", len(payload), DataKeySize+len(h))}
	}
	if subtle.ConstantTimeCompare(payload[DataKeySize:], h[:]) != 1 {
		return nil, &Error{Kind: Tampered, Message: "the wrapped key belongs to another repository, ring or key id"}
	}
	k, err := DataKeyFrom(payload[:DataKeySize])
	if err != nil {
		return nil, &Error{Kind: Tampered, Message: err.Error()}
	}
	return k, nil
}

// Recipient is a key-encryption key that can open a ring, as the policy names it.
//
// URI has one spelling only: Check refuses every other, so that a recipient has
// one ID everywhere, also for those who hold no provider (hooks and scans).
// Registry.Canonical turns what a person typed into that spelling.
type Recipient struct {
	Kind    string // "age", "aws-kms", "azure-key"
	URI     string
	Options map[string]string // documented per kind; an unknown one is an error
}

// ID names the recipient in file names: the first 16 hexadecimal digits of
// SHA-256 over kind, a colon, and URI.
func (r Recipient) ID() string {
	h := sha256.Sum256([]byte(r.Kind + ":" + r.URI))
	return hex.EncodeToString(h[:8])
}

func (r Recipient) String() string { return r.Kind + " " + r.URI }

// Display is String cut to a length that fits a message, and with a private
// key, put where a recipient belongs by mistake, left out.
func (r Recipient) Display() string {
	const whole, head, tail = 100, 24, 8
	uri := r.Public().URI
	if len(uri) > whole {
		uri = OneLine(uri[:head], head) + "…" + OneLine(uri[len(uri)-tail:], tail)
	}
	return OneLine(r.Kind+" "+uri, 2*whole)
}

// Public is the recipient with a secret, put where its key belongs by mistake,
// left out.
func (r Recipient) Public() Recipient {
	upper := strings.ToUpper(r.URI)
	switch {
	case strings.Contains(upper, "AGE-SECRET-KEY-") || strings.Contains(upper, "AGE-PLUGIN-") || strings.Contains(upper, "PRIVATE KEY"):
		r.URI = "[a private key]"
	case secretAccessKey(r.URI) || withPassword(r.URI):
		r.URI = "[a secret]"
	}
	return r
}

// secretAccessKey tells what looks like one of AWS: 40 characters of base64.
func secretAccessKey(s string) bool {
	return len(s) == 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/") == ""
}

// withPassword tells a URL with a user and password in front of its host.
func withPassword(s string) bool {
	_, rest, ok := strings.Cut(s, "://")
	host, _, _ := strings.Cut(rest, "/")
	return ok && strings.Contains(host, "@")
}

// Wrapped is a data key encrypted to one recipient.
type Wrapped struct {
	Key        string // the very key that wrapped: ARN, versioned URL, age recipient
	Algorithm  string // the provider's own name for how
	Ciphertext []byte // at most MaxWrapped bytes
}

// Provider is one kind of recipient.
//
// Contract (held by the keystest suite):
//   - Check validates a recipient's form without any I/O; Wrap and Unwrap may
//     rely on it having been called.
//   - Wrap and Unwrap may be called concurrently, honour ctx, and build clients
//     lazily: a provider that is never used costs nothing.
//   - Unwrap authenticates the context. "Not my key", "no identity" and "denied"
//     come back as an *Error of that Kind so that the next recipient is tried;
//     Tampered is final.
//   - No error text holds key material.
type Provider interface {
	Kind() string
	Check(r Recipient) error
	Wrap(ctx context.Context, r Recipient, c Context, k *DataKey) (Wrapped, error)
	Unwrap(ctx context.Context, r Recipient, c Context, w Wrapped) (*DataKey, error)
}

// Generator is a Provider that makes data keys itself (a KMS's GenerateDataKey).
type Generator interface {
	Generate(ctx context.Context, r Recipient, c Context) (*DataKey, Wrapped, error)
}

// Canonicalizer is a Provider whose recipients people write in more than one
// way, options included (URI?name=value&…): Canonical finds the one spelling
// that Check accepts, or that Resolve completes. It does no I/O.
type Canonicalizer interface {
	Canonical(r Recipient) (Recipient, error)
}

// Resolver is a Provider whose recipients people may name in a short form that
// only its service can complete, such as a bare alias. Resolve gives the full
// one, which Check accepts; for one that is full already it does no I/O.
type Resolver interface {
	Resolve(ctx context.Context, r Recipient) (Recipient, error)
}

// Rewrapper is a Provider whose service moves a wrapped key to what the
// recipient names today, under the same context, without handing it out.
type Rewrapper interface {
	Rewrap(ctx context.Context, r Recipient, c Context, w Wrapped) (Wrapped, error)
}

// Dater is a Provider whose recipients may name a key that changes: an alias that
// moves, a key with versions. What was wrapped before goes on to open.
type Dater interface {
	// Newest is the key under which Wrap would wrap for r from now on, in the form
	// in which Wrapped.Key records it. Its service is asked, whatever is remembered
	// of it, and Wrap follows the answer; where r names one key for good, there is
	// no I/O. A key that can't wrap is an *Error of kind Disabled or NotFound.
	Newest(ctx context.Context, r Recipient) (string, error)
	// Same tells whether two keys, as Wrapped.Key records them, are one: as a key
	// and its replica are.
	Same(a, b string) bool
}

// Identifier is a Provider that can tell as whom it asks about a recipient, in
// the words of its service. For diagnosis only: it may cost calls of its own.
type Identifier interface {
	Principal(ctx context.Context, r Recipient) (string, error)
}

// Patient is a Provider some of whose recipients wait for a person, who has to
// touch a token or type a PIN: Patience is how long one attempt may take. Zero
// means that the caller's ordinary deadline is right.
type Patient interface {
	Patience(r Recipient) time.Duration
}

// Registry holds the providers a program was built with.
type Registry struct{ byKind map[string]Provider }

// NewRegistry panics when two providers share a kind: that is a mistake in the program.
func NewRegistry(ps ...Provider) *Registry {
	r := &Registry{byKind: map[string]Provider{}}
	for _, p := range ps {
		if _, dup := r.byKind[p.Kind()]; dup {
			panic("keys: internal error: two providers of kind " + p.Kind())
		}
		r.byKind[p.Kind()] = p
	}
	return r
}

// Provider finds the provider for a recipient kind.
func (r *Registry) Provider(kind string) (Provider, error) {
	if p, ok := r.byKind[kind]; ok {
		return p, nil
	}
	return nil, &Error{Kind: Unsupported, Message: fmt.Sprintf("this build has no provider for %q recipients", kind)}
}

// Check finds the recipient's provider and has it check the recipient's form.
func (r *Registry) Check(rc Recipient) error {
	p, err := r.Provider(rc.Kind)
	if err != nil {
		return err
	}
	return p.Check(rc)
}

// Canonical gives a recipient as a person typed it its one spelling, and checks
// it. Commands that write a policy call it first. It asks a service only for
// what a person left out (Resolver).
func (r *Registry) Canonical(ctx context.Context, rc Recipient) (Recipient, error) {
	p, err := r.Provider(rc.Kind)
	if err != nil {
		return Recipient{}, err
	}
	if c, ok := p.(Canonicalizer); ok {
		if rc, err = c.Canonical(rc); err != nil {
			return Recipient{}, err
		}
	}
	if s, ok := p.(Resolver); ok {
		if rc, err = s.Resolve(ctx, rc); err != nil {
			return Recipient{}, err
		}
	}
	return rc, p.Check(rc)
}
