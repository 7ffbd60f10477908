// Package filter turns the plaintext of one path into a sealed blob and back:
// Git's clean and smudge, the merge of sealed files, and textconv.
//
// It promises that clean never answers with plaintext for a path that is to be
// sealed (every doubt is an error, and Git, told that the filter is required,
// then stages nothing), that unchanged plaintext gives back the very blob the
// index already has, and that smudge hands out verified plaintext or the
// ciphertext it was given, nothing else. Plaintext stays in memory; only
// ciphertext is spooled.
//
// It runs no git and reads no file: policy, attributes, keys and the previous
// blob of a path come from functions its caller passes in.
package filter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

// Keyring opens the data keys of rings. Failures are the sentinels of package
// keys; the keyring remembers both outcomes, so asking again is cheap.
type Keyring interface {
	// Open unwraps the generation that id names. treeish, if not empty, is
	// what Git is checking out.
	Open(ctx context.Context, id keys.ID, treeish string) (keys.Generation, error)
	// Find tells the ring of a key id without opening it.
	Find(ctx context.Context, id keys.ID, treeish string) (ring string, err error)
	// Current opens the newest generation of a ring.
	Current(ctx context.Context, ring string) (keys.Generation, error)
}

// Policies gives the policy in force. A nil policy without an error means that
// there is none.
type Policies interface {
	CheckIn(ctx context.Context) (*policy.Policy, error)
	CheckOut(ctx context.Context, treeish string) (*policy.Policy, error)
}

// Attributes are Git's answers for one path, in the words of git-check-attr(1):
// "set", "unset", "unspecified" or a value.
type Attributes struct {
	Ring             string // envelope-ring
	Text, EOL, Ident string
	Encoding         string // working-tree-encoding
}

// Blob is the stored form of a path.
type Blob struct {
	Size int64
	Open func() (io.ReadCloser, error)
}

// Config is what a Filter needs from the outside.
type Config struct {
	Keys     Keyring
	Policies Policies
	// Attributes answers for check-in.
	Attributes func(ctx context.Context, path string) (Attributes, error)
	// Previous is the blob in the index, nil if the path has none.
	Previous func(ctx context.Context, path string) (*Blob, error)
	// DelayAfter is how long a smudge waits for a key before it asks Git to
	// come back later; 0 never delays.
	DelayAfter time.Duration
}

// Filter serves one Git command. It is safe for concurrent use.
type Filter struct {
	Config

	mu      sync.Mutex
	sealers map[keys.ID]*envelope.Key // derived keys by generation
	left    map[string]*Left          // files left sealed, by reason
	plain   []string                  // plain blobs met at sealed paths

	delayed delayed
}

// Left counts the files one reason left sealed.
type Left struct {
	Err   error
	Path  string // the first of them
	Count int
}

// New makes a Filter.
func New(c Config) *Filter {
	return &Filter{Config: c, sealers: map[keys.ID]*envelope.Key{}, left: map[string]*Left{}}
}

// Errors a caller tells apart.
var (
	// ErrRefused: clean will not store this content; the text says why.
	ErrRefused = errors.New("refused")
	// ErrIntegrity: a blob or key failed authentication (exit code 5).
	ErrIntegrity = errors.New("integrity failure")
)

// refusal is an error with a way out.
type refusal struct {
	msg, hint string
	cause     error
}

func (r *refusal) Error() string {
	if r.cause != nil {
		return r.msg + ": " + r.cause.Error()
	}
	return r.msg
}
func (r *refusal) Unwrap() []error { return []error{ErrRefused, r.cause} }

// Hint is what to type.
func (r *refusal) Hint() string { return r.hint }

func refuse(cause error, hint, format string, args ...any) error {
	return &refusal{msg: fmt.Sprintf(format, args...), hint: hint, cause: cause}
}

// ringIn decides the ring a path is sealed for on check-in: the policy's rules,
// else the attribute, else the policy's fallback. With none, the path is refused.
func (f *Filter) ringIn(ctx context.Context, name string) (string, error) {
	p, err := f.Policies.CheckIn(ctx)
	if err != nil {
		return "", refuse(err, "mend .envelope/policy.yaml", "the policy cannot be read")
	}
	if p == nil {
		return "", refuse(nil, "run 'git envelope init', or restore .envelope/policy.yaml", "there is no .envelope/policy.yaml")
	}
	attrs, err := f.Attributes(ctx, name)
	if err != nil {
		return "", refuse(err, "", "the attributes cannot be read")
	}
	if err := attrs.Damage(); err != nil {
		return "", err
	}
	return Choose(p, name, attrs.Ring)
}

// Choose decides the ring of a path: a rule of the policy, else the attribute
// envelope-ring, else the policy's fallback. With none of them it refuses.
func Choose(p *policy.Policy, name, attribute string) (string, error) {
	if ring, ok := p.RingOf(name); ok {
		return ring, nil
	}
	if named(attribute) {
		if _, ok := p.Ring(attribute); !ok {
			return "", refuse(nil, "correct the attribute, or add the ring to .envelope/policy.yaml",
				"attribute envelope-ring=%s names a ring the policy does not have", attribute)
		}
		return attribute, nil
	}
	if ring, ok := p.Fallback(); ok {
		return ring, nil
	}
	return "", refuse(nil, "add a rule or 'default_ring:' to .envelope/policy.yaml, or the attribute envelope-ring=NAME",
		"no rule covers this path and no ring is the default")
}

// named tells whether an attribute carries a value.
func named(v string) bool {
	return v != "" && v != "unspecified" && v != "set" && v != "unset"
}

// Damage refuses attributes that make Git convert the sealed bytes afterwards:
// on check-in Git runs encoding, line ends and ident after the filter, on the
// ciphertext. "text=auto" is harmless, since a sealed blob starts with NUL.
func (a Attributes) Damage() error {
	var bad string
	switch {
	case a.Text == "set":
		bad = "text"
	case named(a.EOL) && a.Text != "unset" && a.Text != "auto":
		bad = "eol=" + a.EOL
	case a.Ident == "set":
		bad = "ident"
	case named(a.Encoding):
		bad = "working-tree-encoding=" + a.Encoding
	default:
		return nil
	}
	return refuse(nil, "set '-text -ident -working-tree-encoding' for this path; 'git envelope sync' does it, 'git envelope explain PATH' shows which line outranks it",
		"the attribute %q would damage the sealed bytes", bad)
}

// key gives the derived keys of a generation, once.
func (f *Filter) key(g keys.Generation) *envelope.Key {
	f.mu.Lock()
	defer f.mu.Unlock()
	k := f.sealers[g.ID]
	if k == nil {
		k = envelope.NewKey(envelope.KeyID(g.ID), g.Key.Bytes())
		f.sealers[g.ID] = k
	}
	return k
}

// open finds the key for a sealed blob of which head is the beginning.
func (f *Filter) open(ctx context.Context, head []byte, treeish string) (keys.Generation, error) {
	h, err := envelope.ParseHeader(head)
	if err != nil {
		return keys.Generation{}, integrity(err)
	}
	g, err := f.Keys.Open(ctx, keys.ID(h.KeyID), treeish)
	if errors.Is(err, keys.ErrTampered) {
		err = integrity(err)
	}
	return g, err
}

func integrity(err error) error {
	if err == nil || errors.Is(err, ErrIntegrity) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrIntegrity, err)
}

// shut tells whether a ring's failure means "not for this user, here and now",
// which on check-out leaves the file sealed instead of failing the checkout.
func shut(err error) bool {
	return errors.Is(err, keys.ErrLocked) || errors.Is(err, keys.ErrNoAccess) || errors.Is(err, keys.ErrUnknownKey)
}
