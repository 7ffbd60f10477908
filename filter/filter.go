// Package filter turns the plaintext of one path into a sealed blob and back:
// Git's clean and smudge, the merge of sealed files, and textconv.
//
// It promises that clean never answers with plaintext for a path that is to be
// sealed (every doubt is an error, and Git, told that the filter is required,
// then stages nothing), that unchanged plaintext gives back the very blob the
// index already has, and that smudge hands out verified plaintext or the blob
// it was given, nothing else. Plaintext stays in memory; only ciphertext is
// spooled. Memory is bounded by a few MiB whatever the size of a sealed file;
// content that is not sealed and stays so is held whole, as Git itself does.
//
// It runs no git and reads no file: policy, attributes, keys and the previous
// blob of a path come from functions its caller passes in.
package filter

import (
	"context"
	"errors"
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

// Blob is the stored form of a path.
type Blob struct {
	Size int64
	Open func() (io.ReadCloser, error) // may be called more than once
}

// Config is what a Filter needs from the outside. All of it may be called
// concurrently.
type Config struct {
	Keys     Keyring
	Policies Policies
	// Attributes answers for check-in.
	Attributes func(ctx context.Context, path string) (Attributes, error)
	// Previous is the blob in the index, nil if the path has none.
	Previous func(ctx context.Context, path string) (*Blob, error)
	// Others are further blobs to stay with: that of HEAD where the index has another
	// one, since 'git stash pop --index' looks at files by an index that is not on
	// disk; and in a conflict those of both sides, since who has to settle it may lack
	// the current key. May be nil.
	Others func(ctx context.Context, path string) ([]*Blob, error)
	// DelayAfter is how long a smudge waits for a key before it asks Git to
	// come back later; 0 never delays.
	DelayAfter time.Duration
}

// Filter serves one Git command. It is safe for concurrent use. Close it when
// the command is over.
type Filter struct {
	Config

	mu      sync.Mutex
	sealers map[keys.ID]*envelope.Key // derived keys by generation
	left    map[string]*Left          // files left sealed, by kind of reason
	plain   []string                  // plain blobs met at sealed paths

	delayed delayed
}

// Left counts the files one reason left sealed.
type Left struct {
	Err   error
	Path  string // the first of them, by name
	Count int
}

// New makes a Filter.
func New(c Config) *Filter {
	return &Filter{Config: c, sealers: map[keys.ID]*envelope.Key{}, left: map[string]*Left{}}
}

// Close ends what is under way: keys being fetched, and smudges that Git was told
// to ask for again and never did. Content of before stays readable.
func (f *Filter) Close() error { return f.delayed.close() }

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
	id, err := keyID(head)
	if err != nil {
		return keys.Generation{}, err
	}
	g, err := f.Keys.Open(ctx, id, treeish)
	if errors.Is(err, keys.ErrTampered) {
		err = integrity(err)
	}
	return g, err
}

// keyID reads which key a sealed blob names.
func keyID(head []byte) (keys.ID, error) {
	h, err := envelope.ParseHeader(head)
	switch {
	case errors.Is(err, envelope.ErrVersion), errors.Is(err, envelope.ErrSuite):
		return keys.ID{}, &newer{err}
	case err != nil:
		return keys.ID{}, integrity(err)
	}
	return keys.ID(h.KeyID), nil
}
