package azurekv_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv/vaulttest"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

const (
	vault = "https://acme-prod.vault.azure.net/keys/"
	hsm   = "https://acme.managedhsm.azure.net/keys/"
)

// login is a credential that needs no Entra. It remembers what it was asked for.
type login struct {
	server    *vaulttest.Server
	principal string

	mu     sync.Mutex
	scopes []string
}

func (l *login) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.scopes = append(l.scopes, o.Scopes...)
	resource := o.Scopes[0][:len(o.Scopes[0])-len("/.default")]
	return azcore.AccessToken{Token: l.server.NewToken(l.principal, resource), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// nobody is a machine without credentials.
type nobody struct{}

func (nobody) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{}, azidentity.NewCredentialUnavailableError("AzureCLICredential: executable not found on path")
}

// memory is a KeyStore.
type memory struct {
	mu   sync.Mutex
	data map[string][]byte
}

func newMemory() *memory { return &memory{data: map[string][]byte{}} }

func (m *memory) Load(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.data[name]), nil
}

func (m *memory) Store(name string, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.data[name] = bytes.Clone(data)
	return nil
}

// provider asks the server as an application that may do everything.
func provider(s *vaulttest.Server, change ...func(*azurekv.Options)) *azurekv.Provider {
	opt := azurekv.Options{Transport: s.Transport(), Credential: &login{server: s, principal: vaulttest.AppID}}
	for _, c := range change {
		c(&opt)
	}
	return azurekv.New(opt)
}

func recipient(url string) keys.Recipient { return keys.Recipient{Kind: azurekv.Kind, URI: url} }

func TestConformance(t *testing.T) {
	for _, tt := range []struct {
		name   string
		host   string
		typ    vaulttest.KeyType
		pinned bool
	}{
		{"RSA", vault, vaulttest.RSA2048, false},
		{"RSA, pinned", vault, vaulttest.RSA3072, true},
		{"RSA-HSM", vault, vaulttest.RSAHSM2048, false},
		{"RSA-HSM of an HSM", hsm, vaulttest.RSAHSM2048, false},
		{"oct-HSM", hsm, vaulttest.OctHSM, false},
		{"oct-HSM, pinned", hsm, vaulttest.OctHSM, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := vaulttest.New(t)
			mine := tt.host + "git"
			if version := s.AddKey("git", tt.typ); tt.pinned {
				mine += "/" + version
			}
			s.AddKey("foreign", tt.typ)
			s.Deny("", vaulttest.UnwrapKey, "foreign", vaulttest.ByRBAC)
			keystest.Run(t, func(t *testing.T) keystest.Fixture {
				return keystest.Fixture{
					Provider:      provider(s, func(o *azurekv.Options) { o.PublicKeys = newMemory() }),
					Mine:          recipient(mine),
					Other:         recipient(tt.host + "foreign"),
					Locked:        provider(s, func(o *azurekv.Options) { o.Credential = nobody{} }),
					Deterministic: tt.typ == vaulttest.OctHSM,
					Malformed:     malformed(),
				}
			})
		})
	}
}

func malformed() []keys.Recipient {
	var all []keys.Recipient
	for _, url := range []string{"http://acme.vault.azure.net/keys/git", "acme.vault.azure.net/keys/git", vault} {
		all = append(all, recipient(url))
	}
	return append(all, keys.Recipient{Kind: "age", URI: vault + "git"})
}

// wrapped is a data key wrapped for a recipient, by a provider of its own.
func wrapped(t *testing.T, s *vaulttest.Server, r keys.Recipient) (*keys.DataKey, keys.Wrapped) {
	t.Helper()
	k := newKey(t)
	w, err := provider(s).Wrap(t.Context(), r, keystest.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return k, w
}

func newKey(t *testing.T) *keys.DataKey {
	t.Helper()
	k, err := keys.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// failed asks for a *keys.Error of a kind that is one short line and says what
// is wanted, hint included.
func failed(t *testing.T, err error, kind keys.Kind, says ...string) *keys.Error {
	t.Helper()
	var e *keys.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want a *keys.Error", err)
	}
	if e.Kind != kind {
		t.Errorf("kind %q, want %q: %v", e.Kind, kind, err)
	}
	whole := e.Error() + " | " + e.Hint
	if strings.ContainsAny(whole, "\n\r\t") || len(whole) > 500 {
		t.Errorf("not a short line: %q", whole)
	}
	for _, s := range says {
		if !strings.Contains(whole, s) {
			t.Errorf("error %q does not say %q", whole, s)
		}
	}
	return e
}
