package keystest

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Mode is how a Memory provider treats a recipient.
type Mode int

const (
	Normal      Mode = iota
	Deny             // access denied
	Foreign          // not this identity's
	Absent           // no identity at hand
	Expired          // the login must be renewed
	Throttle         // throttled
	Unreachable      // a network fault
	Hang             // waits until ctx ends
	Deaf             // waits until Release, ctx or not
	Tampered         // says that the wrapped key was tampered with
	WrongKey         // hands over another key as success
	ShortKey         // is handed too few bytes by its service
	NoKey            // hands over nothing as success
	Broken           // fails with an error that is no *keys.Error
)

// Memory is a provider without any service behind it: every recipient
// "mem:NAME" has a secret derived from its name. It follows the contract of
// keys.Provider and passes Run; SetMode makes a recipient misbehave. It is safe
// for concurrent use.
type Memory struct {
	kind     string
	patience time.Duration

	mu      sync.Mutex
	modes   map[string]Mode
	wraps   map[string]int
	unwraps map[string]int
	moves   map[string]int // how often what a recipient names has changed
	asked   map[string]int
	rewraps map[string]int
	release chan struct{}
}

var (
	_ keys.Provider      = (*Memory)(nil)
	_ keys.Canonicalizer = (*Memory)(nil)
	_ keys.Patient       = (*Memory)(nil)
	_ keys.Generator     = (*MemoryKMS)(nil)
	_ keys.Dater         = (*MemoryVault)(nil)
	_ keys.Rewrapper     = (*MemoryService)(nil)
)

// NewMemory makes a provider of any recipient kind.
func NewMemory(kind string) *Memory {
	return &Memory{kind: kind, modes: map[string]Mode{}, wraps: map[string]int{}, unwraps: map[string]int{},
		moves: map[string]int{}, asked: map[string]int{}, rewraps: map[string]int{}, release: make(chan struct{})}
}

// MemoryKMS is a Memory that also makes data keys, as a KMS does.
type MemoryKMS struct {
	*Memory
	generated int
}

// NewMemoryKMS makes a provider that implements keys.Generator.
func NewMemoryKMS(kind string) *MemoryKMS { return &MemoryKMS{Memory: NewMemory(kind)} }

// Recipient names a recipient of this provider.
func (m *Memory) Recipient(name string) keys.Recipient {
	return keys.Recipient{Kind: m.kind, URI: "mem:" + name}
}

// SetMode decides how the recipient behaves from now on.
func (m *Memory) SetMode(name string, mode Mode) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.modes["mem:"+name] = mode
}

// SetPatience is what Patience answers from now on.
func (m *Memory) SetPatience(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.patience = d
}

// Release lets all Deaf calls return, once and for all.
func (m *Memory) Release() { close(m.release) }

// Wraps counts the calls of Wrap for a recipient, whatever their outcome.
func (m *Memory) Wraps(name string) int { return m.count(m.wraps, name) }

// Unwraps counts the calls of Unwrap for a recipient, whatever their outcome.
func (m *Memory) Unwraps(name string) int { return m.count(m.unwraps, name) }

func (m *Memory) count(of map[string]int, name string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return of["mem:"+name]
}

// enter counts a call and tells how to behave.
func (m *Memory) enter(of map[string]int, r keys.Recipient) Mode {
	m.mu.Lock()
	defer m.mu.Unlock()
	of[r.URI]++
	return m.modes[r.URI]
}

// Kind implements keys.Provider.
func (m *Memory) Kind() string { return m.kind }

// Patience implements keys.Patient.
func (m *Memory) Patience(keys.Recipient) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.patience
}

// Check implements keys.Provider.
func (m *Memory) Check(r keys.Recipient) error {
	name, ok := strings.CutPrefix(r.URI, "mem:")
	if r.Kind != m.kind || !ok || name == "" || len(r.URI) > keys.MaxURI || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return m.fault(r, keys.Unsupported, "not mem:NAME")
	}
	for option := range r.Options {
		return m.fault(r, keys.Unsupported, "unknown option "+option)
	}
	return nil
}

// Canonical implements keys.Canonicalizer: names may be typed in capitals.
func (m *Memory) Canonical(r keys.Recipient) (keys.Recipient, error) {
	r.URI = strings.ToLower(strings.TrimSpace(r.URI))
	return r, m.Check(r)
}

// Wrap implements keys.Provider.
func (m *Memory) Wrap(ctx context.Context, r keys.Recipient, c keys.Context, k *keys.DataKey) (keys.Wrapped, error) {
	mode := m.enter(m.wraps, r)
	if err := m.misbehave(ctx, r, mode); err != nil {
		return keys.Wrapped{}, err
	}
	return m.seal(r, c, k)
}

func (m *Memory) seal(r keys.Recipient, c keys.Context, k *keys.DataKey) (keys.Wrapped, error) {
	aead := m.aead(r)
	nonce := make([]byte, aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return keys.Wrapped{}, err
	}
	key := m.newest(r)
	sealed := aead.Seal(nonce, nonce, k.Bytes()[:], append(c.Canonical(), key...))
	return keys.Wrapped{Key: key, Algorithm: "memory", Ciphertext: sealed}, nil
}

// Unwrap implements keys.Provider.
func (m *Memory) Unwrap(ctx context.Context, r keys.Recipient, c keys.Context, w keys.Wrapped) (*keys.DataKey, error) {
	mode := m.enter(m.unwraps, r)
	if err := m.misbehave(ctx, r, mode); err != nil {
		return nil, err
	}
	switch mode {
	case WrongKey:
		return keys.NewDataKey()
	case NoKey:
		return nil, nil
	case ShortKey:
		_, err := keys.DataKeyFrom(make([]byte, keys.DataKeySize-1))
		return nil, m.fault(r, keys.Tampered, err.Error())
	}
	return m.open(r, c, w)
}

func (m *Memory) open(r keys.Recipient, c keys.Context, w keys.Wrapped) (*keys.DataKey, error) {
	if base, _, _ := strings.Cut(w.Key, "#"); base != r.URI || w.Algorithm != "memory" || len(w.Ciphertext) > keys.MaxWrapped {
		return nil, m.fault(r, keys.Tampered, "not a wrapped key of this provider")
	}
	aead := m.aead(r)
	if len(w.Ciphertext) < aead.NonceSize() {
		return nil, m.fault(r, keys.Tampered, "too short")
	}
	plain, err := aead.Open(nil, w.Ciphertext[:aead.NonceSize()], w.Ciphertext[aead.NonceSize():], append(c.Canonical(), w.Key...))
	if err != nil {
		return nil, m.fault(r, keys.Tampered, "does not authenticate")
	}
	k, err := keys.DataKeyFrom(plain)
	if err != nil {
		return nil, m.fault(r, keys.Tampered, err.Error())
	}
	return k, nil
}

// Generate implements keys.Generator.
func (m *MemoryKMS) Generate(ctx context.Context, r keys.Recipient, c keys.Context) (*keys.DataKey, keys.Wrapped, error) {
	m.mu.Lock()
	m.generated++
	m.mu.Unlock()
	k, err := keys.NewDataKey()
	if err != nil {
		return nil, keys.Wrapped{}, err
	}
	w, err := m.Wrap(ctx, r, c, k)
	if err != nil {
		return nil, keys.Wrapped{}, err
	}
	return k, w, nil
}

// Generated counts the calls of Generate.
func (m *MemoryKMS) Generated() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.generated
}

// misbehave returns the error that mode asks for, or waits.
func (m *Memory) misbehave(ctx context.Context, r keys.Recipient, mode Mode) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", r.URI, err)
	}
	switch mode {
	case Deny:
		return &keys.Error{Kind: keys.Denied, Recipient: r.Display(), Principal: "tester", Hint: "ask for the permission on " + r.URI}
	case Foreign:
		return m.fault(r, keys.NotMine, "")
	case Absent:
		return m.fault(r, keys.NoIdentity, "")
	case Expired:
		return &keys.Error{Kind: keys.Expired, Recipient: r.Display(), Hint: "memory sso login"}
	case Throttle:
		return m.fault(r, keys.Throttled, "")
	case Unreachable:
		return m.fault(r, keys.Unreachable, "connection refused")
	case Tampered:
		return m.fault(r, keys.Tampered, "does not authenticate")
	case Broken:
		return fmt.Errorf("something\nwent wrong")
	case Hang:
		<-ctx.Done()
		return ctx.Err()
	case Deaf:
		<-m.release
		return m.fault(r, keys.Unreachable, "released")
	}
	return nil
}

func (m *Memory) aead(r keys.Recipient) cipher.AEAD {
	secret := sha256.Sum256([]byte("keystest " + r.Kind + " " + r.URI))
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		panic("keystest: internal error: " + err.Error())
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("keystest: internal error: " + err.Error())
	}
	return aead
}

func (m *Memory) fault(r keys.Recipient, kind keys.Kind, message string) *keys.Error {
	return &keys.Error{Kind: kind, Recipient: r.Display(), Message: message}
}
