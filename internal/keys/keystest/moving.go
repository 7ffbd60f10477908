package keystest

import (
	"context"
	"fmt"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Move makes the recipient name another key from now on, as an alias that is
// pointed elsewhere does, or a key that gets a new version.
func (m *Memory) Move(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.moves["mem:"+name]++
}

func (m *Memory) newest(r keys.Recipient) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := m.moves[r.URI]; n > 0 {
		return fmt.Sprintf("%s#%d", r.URI, n)
	}
	return r.URI
}

// MemoryVault is a Memory that tells which key is the newest, as a vault with
// versions does.
type MemoryVault struct{ *Memory }

// NewMemoryVault makes a provider that implements keys.Dater.
func NewMemoryVault(kind string) *MemoryVault { return &MemoryVault{NewMemory(kind)} }

// Newest implements keys.Dater.
func (m *MemoryVault) Newest(ctx context.Context, r keys.Recipient) (string, error) {
	if err := m.misbehave(ctx, r, m.enter(m.asked, r)); err != nil {
		return "", err
	}
	return m.newest(r), nil
}

// Asked counts the calls of Newest for a recipient, whatever their outcome.
func (m *MemoryVault) Asked(name string) int { return m.count(m.asked, name) }

// Same implements keys.Dater.
func (*MemoryVault) Same(a, b string) bool { return a == b }

// MemoryService is a MemoryVault that also moves wrapped keys itself, as a KMS does.
type MemoryService struct{ *MemoryVault }

// NewMemoryService makes a provider that implements keys.Dater and keys.Rewrapper.
func NewMemoryService(kind string) *MemoryService { return &MemoryService{NewMemoryVault(kind)} }

// Rewrap implements keys.Rewrapper.
func (m *MemoryService) Rewrap(ctx context.Context, r keys.Recipient, c keys.Context, w keys.Wrapped) (keys.Wrapped, error) {
	if err := m.misbehave(ctx, r, m.enter(m.rewraps, r)); err != nil {
		return keys.Wrapped{}, err
	}
	k, err := m.open(r, c, w)
	if err != nil {
		return keys.Wrapped{}, err
	}
	defer k.Wipe()
	return m.seal(r, c, k)
}

// Rewraps counts the calls of Rewrap for a recipient, whatever their outcome.
func (m *MemoryService) Rewraps(name string) int { return m.count(m.rewraps, name) }
