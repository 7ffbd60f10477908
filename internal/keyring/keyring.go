// Package keyring finds, opens and makes the data keys of rings: wrapped-key
// files (docs/keys.md), their generations, and the search for one recipient that
// can be opened from here.
//
// It promises that a key it hands out belongs to the repository, ring,
// generation and time it is handed out for (the file's metadata authenticates
// under the key itself), that a generation is unwrapped at most once by one
// Keyring however many callers ask at once, that no recipient is asked about the
// same wrapped key twice, and that a recipient out of reach is waited for once,
// not for each key. A key that fails authentication is final; a file
// that merely cannot be parsed is named and passed over.
//
// It cannot tell who made a wrapped-key file: recipients are public, so whoever
// can write to the repository can add a generation whose key they know. That is
// for review and for the scanner to notice. The package runs no git, reads no
// file and writes none: its caller provides the places to look.
package keyring

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// File is one wrapped-key file. Path is slash-separated and relative to the top
// of the repository.
type File struct {
	Path string
	Data []byte
}

// Source is one place where wrapped-key files may be: work tree, index, a tree,
// the per-clone cache. It is called concurrently. A Source must bound what it
// reads: MaxFile bytes of a file (one more is enough to have it refused) and
// MaxFiles files.
type Source interface {
	Name() string
	// Lookup returns every .envelope/keys/<ring>/<id>/*.json there. None: nil, nil.
	Lookup(ctx context.Context, id keys.ID, treeish string) ([]File, error)
}

// LastResort marks a Source that is costly to search (every ref, say): it is
// asked only if no other Source knows the key id at all. The others are all
// asked as long as none of the files seen could be opened, for a later one may
// hold a file for a recipient who was added since.
type LastResort interface{ LastResort() }

// Lister lists the wrapped-key files of a ring of which the current generation
// is to be chosen: those of the work tree, then those of the index. Of two files
// at one path the first well-formed one counts.
type Lister interface {
	Generations(ctx context.Context, ring string) ([]File, error)
}

// Defaults of Config.
const (
	DefaultDeadline = 3 * time.Second
	DefaultHedge    = time.Second
	DefaultTotal    = 30 * time.Second
)

// Config is what a Keyring works with. All functions may be called concurrently.
type Config struct {
	// Repository is the policy's id; a wrapped key of another is refused. "" if
	// the policy cannot be read: then any file that authenticates is opened, but
	// nothing is sealed, for Current fails.
	Repository string
	// Recipients of a ring in policy order; nil for a ring that is gone.
	Recipients func(ring string) []keys.Recipient
	Providers  *keys.Registry
	Sources    []Source
	Current    Lister
	// Locked tells whether the user locked this clone for the ring. May be nil.
	Locked func(ring string) bool
	// Remember puts a wrapped-key file that opened into the per-clone cache. May be nil.
	Remember func(File) error
	// Deadline bounds one recipient's attempt (0: DefaultDeadline), unless its
	// provider is keys.Patient and asks for more.
	Deadline time.Duration
	// Hedge is how long a recipient may take before the next one is asked beside
	// it (0: DefaultHedge).
	Hedge time.Duration
	// Total bounds how long this Keyring spends on asking in vain (0: DefaultTotal):
	// after that no attempt is started any more.
	Total time.Duration
	// Prefer lists kinds of recipients that are asked before all others, in this
	// order. Without it the policy's order holds.
	Prefer []string
	// Cache is asked before any recipient. May be nil.
	Cache Cache
	// Warn gets one line for the user, each once. May be nil.
	Warn func(message string)
	// Now tells the time, only to warn of generations from the future. May be nil.
	Now func() time.Time
}

// Keyring opens data keys. It is safe for concurrent use.
type Keyring struct {
	cfg Config

	mu     sync.Mutex
	keys   map[keys.ID]*state
	rings  map[string]*current
	faults map[fault]*keys.Error
	slow   map[string]int // by what asked gives
	spent  time.Duration  // on asking in vain
	until  time.Time      // up to when it is counted
	warned map[string]bool
}

// New makes a Keyring. It does no I/O.
func New(cfg Config) *Keyring {
	if cfg.Recipients == nil {
		cfg.Recipients = func(string) []keys.Recipient { return nil }
	}
	if cfg.Providers == nil {
		cfg.Providers = keys.NewRegistry()
	}
	if cfg.Locked == nil {
		cfg.Locked = func(string) bool { return false }
	}
	if cfg.Deadline <= 0 {
		cfg.Deadline = DefaultDeadline
	}
	if cfg.Hedge <= 0 {
		cfg.Hedge = DefaultHedge
	}
	if cfg.Total <= 0 {
		cfg.Total = DefaultTotal
	}
	k := &Keyring{cfg: cfg, warned: map[string]bool{}}
	k.Forget()
	return k
}

// Forget drops all keys and remembered failures. A command calls it after it
// changed wrapped-key files or the policy. Calls that are under way finish with
// what they knew.
func (k *Keyring) Forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys, k.rings = map[keys.ID]*state{}, map[string]*current{}
	k.faults, k.slow, k.spent = map[fault]*keys.Error{}, map[string]int{}, 0
}

// gate lets one goroutine at a time through, and gives up when ctx ends.
type gate chan struct{}

func newGate() gate { return make(gate, 1) }

func (g gate) enter(ctx context.Context) error {
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g gate) leave() { <-g }

// state is what is known of one key id. Its fields belong to whoever is inside
// the gate; the ring is apart, so that Find need not wait for a slow unwrap.
type state struct {
	gate
	opened     *keys.Generation        // once it opened
	origin     Origin                  // of what opened
	cacheAsked bool                    // the cache has had its chance
	final      error                   // tampered with: no other treeish can mend it
	failed     map[string]error        // by treeish
	tried      map[attempt]*keys.Error // by wrapped key: how it failed

	finding gate
	missing map[string]error // by treeish; belongs to whoever is inside finding

	mu   sync.Mutex
	ring string // once a well-formed file was seen
}

func newState() *state {
	return &state{gate: newGate(), failed: map[string]error{}, tried: map[attempt]*keys.Error{},
		finding: newGate(), missing: map[string]error{}}
}

// claimed is the ring that the files seen so far claim, "" if there were none.
func (s *state) claimed() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ring
}

// claim records a ring, unless the files of another source claimed another one.
func (s *state) claim(ring string, id keys.ID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ring != "" && s.ring != ring {
		return twoRings(id, s.ring, ring)
	}
	s.ring = ring
	return nil
}

func (k *Keyring) state(id keys.ID) *state {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.keys[id]
	if s == nil {
		s = newState()
		k.keys[id] = s
	}
	return s
}

// warn passes each message on once.
func (k *Keyring) warn(format string, a ...any) {
	message := fmt.Sprintf(format, a...)
	k.mu.Lock()
	again := k.warned[message]
	k.warned[message] = true
	k.mu.Unlock()
	if !again && k.cfg.Warn != nil {
		k.cfg.Warn(message)
	}
}
