package azurekv_test

import (
	"testing"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv/vaulttest"
)

// TestNewest: the vault is asked although the public key was fetched only just
// now, and Wrap goes by its answer; a pinned version is asked about nothing.
func TestNewest(t *testing.T) {
	for _, typ := range []vaulttest.KeyType{vaulttest.RSA2048, vaulttest.OctHSM} {
		t.Run(string(typ), func(t *testing.T) {
			s := vaulttest.New(t)
			old := s.AddKey("git", typ)
			r := recipient(hsm + "git")
			store := newMemory()
			p := provider(s, with(store))
			first := wrap(t, p, r)
			fresh := hsm + "git/" + s.Rotate("git")
			newest, err := p.Newest(t.Context(), r)
			if err != nil || newest != fresh || p.Same(newest, first.Key) {
				t.Errorf("newest %s, %v, want %s", newest, err, fresh)
			}
			if w := wrap(t, p, r); w.Key != fresh {
				t.Errorf("then wrapped by %s", w.Key)
			}
			if w := wrap(t, provider(s, with(store)), r); w.Key != fresh {
				t.Errorf("the next process wraps by %s", w.Key)
			}
			s.ResetCounts()
			pinned := recipient(hsm + "git/" + old)
			if newest, err := p.Newest(t.Context(), pinned); err != nil || newest != pinned.URI || s.Requests() != 0 {
				t.Errorf("pinned: %s, %v, %d requests", newest, err, s.Requests())
			}
		})
	}
}

func TestNewestRefused(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	r := recipient(vault + "git")
	p := provider(s, with(newMemory()))
	wrap(t, p, r) // what is remembered does not count
	for _, tt := range []struct {
		name   string
		change func()
		kind   keys.Kind
	}{
		{"disabled", func() { s.Change("git", func(v *vaulttest.Version) { v.Disabled = true }) }, keys.Disabled},
		{"denied", func() { s.Deny("", vaulttest.Get, "", vaulttest.ByRBAC) }, keys.Denied},
		{"gone", func() { s.Delete("git") }, keys.NotFound},
		{"down", func() { s.Inject(vaulttest.Get, "", vaulttest.Internal) }, keys.Unreachable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.change()
			defer func() {
				s.Change("git", func(v *vaulttest.Version) { v.Disabled = false })
				s.Allow()
				s.Recover("git")
				s.Mend()
			}()
			newest, err := p.Newest(t.Context(), r)
			if failed(t, err, tt.kind); newest != "" {
				t.Errorf("and says %s", newest)
			}
		})
	}
	_, err := p.Newest(t.Context(), recipient("https://vault.example.com/keys/git"))
	failed(t, err, keys.Consent, "envelope.azureHost")
}
