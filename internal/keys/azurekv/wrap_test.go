package azurekv_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv/vaulttest"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

// clock is a settable Now.
type clock struct{ now time.Time }

func newClock() *clock          { return &clock{time.Now()} }
func (c *clock) set(o *options) { o.Now = func() time.Time { return c.now } }
func (c *clock) pass(d time.Duration) {
	c.now = c.now.Add(d)
}

type options = azurekv.Options

func with(store azurekv.KeyStore) func(*options) { return func(o *options) { o.PublicKeys = store } }

func wrap(t *testing.T, p *azurekv.Provider, r keys.Recipient) keys.Wrapped {
	t.Helper()
	w, err := p.Wrap(t.Context(), r, keystest.Context(), newKey(t))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWrapLocally: with the public key at hand, wrapping asks nobody for anything.
func TestWrapLocally(t *testing.T) {
	s := vaulttest.New(t)
	version := s.AddKey("git", vaulttest.RSA2048)
	r := recipient(vault + "git")
	store := newMemory()
	first := wrap(t, provider(s, with(store)), r)
	if want := vault + "git/" + version; first.Key != want || first.Algorithm != azurekv.RSAOAEP256 {
		t.Errorf("wrapped by %s with %s, want %s", first.Key, first.Algorithm, want)
	}
	if s.Count(vaulttest.WrapKey) != 0 || s.Count(vaulttest.Get) != 1 {
		t.Errorf("%d wraps, %d gets; want 0, 1", s.Count(vaulttest.WrapKey), s.Count(vaulttest.Get))
	}
	s.ResetCounts()
	s.Deny("", vaulttest.Get, "", vaulttest.ByRBAC)
	p := provider(s, with(store), func(o *options) { o.Credential = nobody{} })
	for range 3 {
		if w := wrap(t, p, r); w.Key != first.Key {
			t.Errorf("wrapped by %s", w.Key)
		}
	}
	if n := s.Requests(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// TestWrapRemembers: without a store, one process asks for a key once.
func TestWrapRemembers(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	s.AddKey("symmetric", vaulttest.OctHSM)
	p := provider(s)
	for range 3 {
		wrap(t, p, recipient(vault+"git"))
		wrap(t, p, recipient(hsm+"symmetric"))
	}
	if s.Count(vaulttest.Get) != 2 || s.Count(vaulttest.WrapKey) != 3 {
		t.Errorf("%d gets, %d wraps; want 2, 3", s.Count(vaulttest.Get), s.Count(vaulttest.WrapKey))
	}
}

// TestSizes: each size of RSA key that Azure makes.
func TestSizes(t *testing.T) {
	s := vaulttest.New(t)
	for typ, size := range map[vaulttest.KeyType]int{vaulttest.RSA2048: 256, vaulttest.RSA3072: 384, vaulttest.RSA4096: 512} {
		s.AddKey("git", typ)
		r := recipient(vault + "git")
		k, w := wrapped(t, s, r)
		if len(w.Ciphertext) != size {
			t.Errorf("%s: %d bytes", typ, len(w.Ciphertext))
		}
		if got, err := provider(s).Unwrap(t.Context(), r, keystest.Context(), w); err != nil || !got.Equal(k) {
			t.Errorf("%s: %v", typ, err)
		}
	}
}

// TestRotation: what the older version wrapped stays open; new wraps use the new
// version once the public key is a day old.
func TestRotation(t *testing.T) {
	s := vaulttest.New(t)
	old := s.AddKey("git", vaulttest.RSA2048)
	r, pinned := recipient(vault+"git"), recipient(vault+"git/"+old)
	store, c := newMemory(), newClock()
	k := newKey(t)
	w, err := provider(s, with(store), c.set).Wrap(t.Context(), r, keystest.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	wrap(t, provider(s, with(store), c.set), pinned)
	newest := s.Rotate("git")
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{23 * time.Hour, old}, {2 * time.Hour, newest}, {1000 * time.Hour, newest}} {
		c.pass(step.after)
		if got := wrap(t, provider(s, with(store), c.set), r); got.Key != vault+"git/"+step.want {
			t.Errorf("wrapped by %s, want %s", got.Key, step.want)
		}
	}
	if got, err := provider(s).Unwrap(t.Context(), r, keystest.Context(), w); err != nil || !got.Equal(k) {
		t.Errorf("old version: %v", err)
	}
	s.ResetCounts()
	if got := wrap(t, provider(s, with(store), c.set), pinned); got.Key != vault+"git/"+old || s.Requests() != 0 {
		t.Errorf("pinned: wrapped by %s with %d requests", got.Key, s.Requests())
	}
	t.Run("pinned to the other version", func(t *testing.T) {
		_, err := provider(s).Unwrap(t.Context(), recipient(vault+"git/"+newest), keystest.Context(), w)
		failed(t, err, keys.Tampered, "names another key")
	})
	t.Run("a clock that went back", func(t *testing.T) {
		c.pass(-5000 * time.Hour)
		s.ResetCounts()
		wrap(t, provider(s, with(store), c.set), r)
		if s.Count(vaulttest.Get) != 1 {
			t.Error("a public key from the future was taken for fresh")
		}
	})
}

// TestStale: an old public key is better than none, unless its key is no more.
func TestStale(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault vaulttest.Fault
		want  keys.Kind // of the error; Other: wraps
	}{
		{"unreachable", vaulttest.HTML, keys.Other},
		{"denied", vaulttest.Refuse(403, "Forbidden", "ForbiddenByRbac", "no"), keys.Other},
		{"throttled", vaulttest.Throttle(time.Hour), keys.Other},
		{"disabled", vaulttest.Refuse(403, "Forbidden", "KeyDisabled", "disabled key"), keys.Disabled},
		{"gone", vaulttest.Refuse(404, "KeyNotFound", "", "gone"), keys.NotFound},
		{"another key", vaulttest.WrongKid(otherKey), keys.Tampered},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := vaulttest.New(t)
			s.AddKey("git", vaulttest.RSA2048)
			r := recipient(vault + "git")
			store, c := newMemory(), newClock()
			wrap(t, provider(s, with(store), c.set), r)
			c.pass(25 * time.Hour)
			s.Inject(vaulttest.Get, "", tt.fault)
			_, err := provider(s, with(store), c.set).Wrap(t.Context(), r, keystest.Context(), newKey(t))
			if tt.want == keys.Other {
				if err != nil {
					t.Error(err)
				}
				return
			}
			failed(t, err, tt.want)
		})
	}
	t.Run("no login", func(t *testing.T) {
		s := vaulttest.New(t)
		s.AddKey("git", vaulttest.RSA2048)
		r := recipient(vault + "git")
		store, c := newMemory(), newClock()
		wrap(t, provider(s, with(store), c.set), r)
		c.pass(25 * time.Hour)
		wrap(t, provider(s, with(store), c.set, func(o *options) { o.Credential = nobody{} }), r)
	})
}

// TestWrapWithoutGet: who may wrap but not read the key has the service wrap.
func TestWrapWithoutGet(t *testing.T) {
	for _, tt := range []struct {
		url, algorithm string
		typ            vaulttest.KeyType
	}{
		{vault + "git", azurekv.RSAOAEP256, vaulttest.RSA2048},
		{hsm + "git", azurekv.RSAOAEP256, vaulttest.RSAHSM2048},
		{hsm + "git", azurekv.A256KW, vaulttest.OctHSM},
	} {
		t.Run(string(tt.typ), func(t *testing.T) {
			s := vaulttest.New(t)
			version := s.AddKey("git", tt.typ)
			s.Deny("", vaulttest.Get, "", vaulttest.ByRBAC)
			r := recipient(tt.url)
			p, k := provider(s), newKey(t)
			w, err := p.Wrap(t.Context(), r, keystest.Context(), k)
			if err != nil {
				t.Fatal(err)
			}
			if w.Key != tt.url+"/"+version || w.Algorithm != tt.algorithm {
				t.Errorf("%s, %s", w.Key, w.Algorithm)
			}
			if got, err := p.Unwrap(t.Context(), r, keystest.Context(), w); err != nil || !got.Equal(k) {
				t.Error(err)
			}
			s.Deny("", vaulttest.WrapKey, "", vaulttest.ByRBAC)
			_, err = p.Wrap(t.Context(), r, keystest.Context(), k)
			failed(t, err, keys.Denied, "keys/wrap/action", "as appid "+vaulttest.AppID)
		})
	}
}

// TestRefusedLogin: a login that is refused is not tried again for another way to
// wrap.
func TestRefusedLogin(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	setenv(t, s.Env())
	t.Setenv("AZURE_CLIENT_SECRET", "wrong")
	_, err := credentialed(s).Wrap(t.Context(), recipient(vault+"git"), keystest.Context(), newKey(t))
	failed(t, err, keys.Denied)
	if n := s.Count(vaulttest.Token); n != 1 {
		t.Errorf("%d logins tried", n)
	}
}

// TestPrincipals: who is denied is told, and nobody else is.
func TestPrincipals(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	s.Deny(person, vaulttest.UnwrapKey, "git", vaulttest.ByRBAC)
	r := recipient(vault + "git")
	k, w := wrapped(t, s, r)
	ann := provider(s, func(o *options) { o.Credential = &login{server: s, principal: person} })
	_, err := ann.Unwrap(t.Context(), r, keystest.Context(), w)
	failed(t, err, keys.Denied, "as "+person, "Key Vault Crypto User")
	if got, err := provider(s).Unwrap(t.Context(), r, keystest.Context(), w); err != nil || !got.Equal(k) {
		t.Error(err)
	}
	s.Allow()
	if got, err := ann.Unwrap(t.Context(), r, keystest.Context(), w); err != nil || !got.Equal(k) {
		t.Error(err)
	}
}

// TestManagedHSM: its roles have other names.
func TestManagedHSM(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.OctHSM)
	s.Deny("", vaulttest.UnwrapKey, "", vaulttest.ByRBAC)
	r := recipient(hsm + "git")
	_, w := wrapped(t, s, r)
	_, err := provider(s).Unwrap(t.Context(), r, keystest.Context(), w)
	failed(t, err, keys.Denied, `"Managed HSM Crypto User"`, "Microsoft.KeyVault/managedHsm/keys/unwrap/action")
	s.Delete("git")
	s.Allow()
	_, err = provider(s).Unwrap(t.Context(), r, keystest.Context(), w)
	failed(t, err, keys.NotFound, "az keyvault key recover --hsm-name acme --name git")
	s.Recover("git")
	if _, err := provider(s).Unwrap(t.Context(), r, keystest.Context(), w); err != nil {
		t.Error(err)
	}
}

// TestUnfitKeys: keys that can't or mustn't wrap are told apart before anything
// is wrapped.
func TestUnfitKeys(t *testing.T) {
	hour := time.Hour
	for _, tt := range []struct {
		name   string
		typ    vaulttest.KeyType
		change func(*vaulttest.Version)
		kind   keys.Kind
		says   string
	}{
		{"disabled", vaulttest.RSA2048, func(v *vaulttest.Version) { v.Disabled = true }, keys.Disabled, "disabled"},
		{"expired", vaulttest.RSA2048, func(v *vaulttest.Version) { v.Expires = time.Now().Add(-hour) }, keys.Disabled, "expired at"},
		{"not yet valid", vaulttest.RSA2048, func(v *vaulttest.Version) { v.NotBefore = time.Now().Add(hour) }, keys.Disabled, "not valid before"},
		{"expired, symmetric", vaulttest.OctHSM, func(v *vaulttest.Version) { v.Expires = time.Now().Add(-hour) }, keys.Disabled, "expired at"},
		{"for signing", vaulttest.RSA2048, func(v *vaulttest.Version) { v.KeyOps = []string{"sign", "verify"} }, keys.Unsupported, "does not permit wrapKey"},
		{"wrap only", vaulttest.RSA2048, func(v *vaulttest.Version) { v.KeyOps = []string{"wrapKey"} }, keys.Unsupported, "does not permit unwrapKey"},
		{"elliptic", vaulttest.EC, nil, keys.Unsupported, `type "EC"`},
		{"short", vaulttest.RSA2048, func(v *vaulttest.Version) { v.SetPublic(big.NewInt(65537*65539), 65537) }, keys.Unsupported, "33 bits"},
		{"even modulus", vaulttest.RSA2048, func(v *vaulttest.Version) { v.SetPublic(new(big.Int).Lsh(big.NewInt(1), 2047), 65537) }, keys.Unsupported, "even"},
		{"exponent one", vaulttest.RSA2048, func(v *vaulttest.Version) { v.SetPublic(odd(2048), 1) }, keys.Unsupported, "exponent"},
		{"even exponent", vaulttest.RSA2048, func(v *vaulttest.Version) { v.SetPublic(odd(2048), 65536) }, keys.Unsupported, "exponent"},
		{"huge exponent", vaulttest.RSA2048, func(v *vaulttest.Version) { v.SetPublic(odd(2048), 1<<31+1) }, keys.Unsupported, "exponent"},
		{"huge modulus", vaulttest.RSA2048, func(v *vaulttest.Version) { v.SetPublic(odd(8192), 65537) }, keys.Unsupported, "8192 bits"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := vaulttest.New(t)
			s.AddKey("git", tt.typ)
			if tt.change != nil {
				s.Change("git", tt.change)
			}
			_, err := provider(s).Wrap(t.Context(), recipient(hsm+"git"), keystest.Context(), newKey(t))
			failed(t, err, tt.kind, tt.says)
			if n := s.Count(vaulttest.WrapKey); n != 0 {
				t.Errorf("%d wraps", n)
			}
		})
	}
}

// odd is an odd number of n bits.
func odd(n uint) *big.Int {
	return new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), n-1), big.NewInt(1))
}

// TestExpiredKeyOpens: Azure lets a key unwrap after its time, and so do we.
func TestExpiredKeyOpens(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	r := recipient(vault + "git")
	store := newMemory()
	p := provider(s, with(store))
	k := newKey(t)
	w, err := p.Wrap(t.Context(), r, keystest.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	s.Change("git", func(v *vaulttest.Version) { v.Expires = time.Now().Add(-time.Hour) })
	if got, err := p.Unwrap(t.Context(), r, keystest.Context(), w); err != nil || !got.Equal(k) {
		t.Error(err)
	}
}

// TestCachedKeyExpires: a public key kept from before wraps no longer than its
// key would.
func TestCachedKeyExpires(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	s.Change("git", func(v *vaulttest.Version) { v.Expires = time.Now().Add(time.Hour) })
	r := recipient(vault + "git")
	store, c := newMemory(), newClock()
	wrap(t, provider(s, with(store), c.set), r)
	c.pass(2 * time.Hour)
	_, err := provider(s, with(store), c.set).Wrap(t.Context(), r, keystest.Context(), newKey(t))
	failed(t, err, keys.Disabled, "expired at")
}

// TestSpoiltStore: what is not as it was stored for this very recipient is
// fetched anew, and never wrapped with.
func TestSpoiltStore(t *testing.T) {
	s := vaulttest.New(t)
	version := s.AddKey("git", vaulttest.RSA2048)
	s.AddKey("evil", vaulttest.RSA3072)
	r := recipient(vault + "git")
	store := newMemory()
	p := provider(s, with(store))
	wrap(t, p, r)
	wrap(t, p, recipient(vault+"evil"))
	good, evil := store.data[r.ID()], store.data[recipient(vault+"evil").ID()]
	if len(good) == 0 || len(evil) == 0 || len(good) > 4096 {
		t.Fatalf("stored %d and %d bytes", len(good), len(evil))
	}
	edit := func(old, new string) []byte {
		if !bytes.Contains(good, []byte(old)) {
			t.Fatalf("%s is not in %s", old, good)
		}
		return bytes.ReplaceAll(good, []byte(old), []byte(new))
	}
	for name, data := range map[string][]byte{
		"empty":             {},
		"not JSON":          []byte("-----BEGIN PUBLIC KEY-----"),
		"another key's":     evil,
		"another key's url": edit("keys/git/", "keys/evil/"),
		"another host":      edit("acme-prod", "acme-evil"),
		"spaced":            append([]byte(" "), good...),
		"newline":           append(bytes.Clone(good), '\n'),
		"twice":             append(bytes.Clone(good), good...),
		"another format":    edit(`"format":1`, `"format":2`),
		"unknown member":    edit(`"format":1`, `"format":1,"more":1`),
		"no version":        edit("/"+version, ""),
		"exponent one":      edit(`"e":"AQAB"`, `"e":"AQ=="`),
		"padded exponent":   edit(`"e":"AQAB"`, `"e":"AAEAAQ=="`),
		"no modulus":        edit(`"n":"`, `"n":"","x":"`),
		"large":             bytes.Repeat([]byte{' '}, 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			store.data[r.ID()] = data
			s.ResetCounts()
			if w := wrap(t, provider(s, with(store)), r); len(w.Ciphertext) != 256 || w.Key != vault+"git/"+version {
				t.Errorf("wrapped by %s into %d bytes", w.Key, len(w.Ciphertext))
			}
			if s.Count(vaulttest.Get) != 1 {
				t.Error("the key was not fetched anew")
			}
			if !strings.HasPrefix(string(store.data[r.ID()]), `{"format":1,`) {
				t.Errorf("what was spoilt was not replaced: %.40q", store.data[r.ID()])
			}
		})
	}
	t.Run("failing", func(t *testing.T) {
		wrap(t, provider(s, with(failing{})), r)
	})
}

type failing struct{}

func (failing) Load(string) ([]byte, error) { return nil, errors.New("disk on fire") }
func (failing) Store(string, []byte) error  { return errors.New("disk on fire") }

// nothing is an answer that says success and no more.
func nothing(_ *vaulttest.Server, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{}"))
}

// TestWrapFaults: what the service answers to a wrap is as little believed.
func TestWrapFaults(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.OctHSM)
	r := recipient(hsm + "git")
	for _, tt := range []struct {
		name  string
		op    vaulttest.Op
		fault vaulttest.Fault
		kind  keys.Kind
	}{
		{"short", vaulttest.WrapKey, vaulttest.ShortPlain, keys.Tampered},
		{"empty", vaulttest.WrapKey, vaulttest.EmptyPlain, keys.Tampered},
		{"another key", vaulttest.WrapKey, vaulttest.WrongKid(otherKey), keys.Tampered},
		{"another key told", vaulttest.Get, vaulttest.WrongKid(otherKey), keys.Tampered},
		{"portal", vaulttest.Get, vaulttest.HTML, keys.Unreachable},
		{"no key told", vaulttest.Get, nothing, keys.Unreachable},
		{"nothing told", vaulttest.WrapKey, nothing, keys.Tampered},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.Mend()
			s.Inject(tt.op, "", tt.fault)
			_, err := provider(s).Wrap(t.Context(), r, keystest.Context(), newKey(t))
			failed(t, err, tt.kind)
		})
	}
}

// TestUnwrapRefuses: what Wrap never made goes to no service.
func TestUnwrapRefuses(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	r := recipient(vault + "git")
	_, w := wrapped(t, s, r)
	s.ResetCounts()
	for name, change := range map[string]func(*keys.Wrapped){
		"another host":      func(w *keys.Wrapped) { w.Key = strings.Replace(w.Key, "acme-prod", "evil", 1) },
		"an unknown host":   func(w *keys.Wrapped) { w.Key = strings.Replace(w.Key, "acme-prod.vault.azure.net", "evil.example", 1) },
		"another name":      func(w *keys.Wrapped) { w.Key = strings.Replace(w.Key, "/git/", "/other/", 1) },
		"another case":      func(w *keys.Wrapped) { w.Key = strings.Replace(w.Key, "/git/", "/GIT/", 1) },
		"no version":        func(w *keys.Wrapped) { w.Key = r.URI },
		"a query":           func(w *keys.Wrapped) { w.Key += "?x" },
		"upper case":        func(w *keys.Wrapped) { w.Key = strings.ToUpper(w.Key) },
		"RSA1_5":            func(w *keys.Wrapped) { w.Algorithm = "RSA1_5" },
		"the other's bytes": func(w *keys.Wrapped) { w.Algorithm = azurekv.A256KW },
		"short":             func(w *keys.Wrapped) { w.Ciphertext = w.Ciphertext[:255] },
		"72 bytes of RSA":   func(w *keys.Wrapped) { w.Ciphertext = w.Ciphertext[:keys.DataKeySize+sha256.Size+8] },
	} {
		bad := w
		change(&bad)
		if _, err := provider(s).Unwrap(t.Context(), r, keystest.Context(), bad); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	if n := s.Requests(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// TestUnwrapCost: one unwrap is one, after one challenge for each process.
func TestUnwrapCost(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	r := recipient(vault + "git")
	_, w := wrapped(t, s, r)
	s.ResetCounts()
	p := provider(s)
	for range 3 {
		if _, err := p.Unwrap(t.Context(), r, keystest.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	if s.Count(vaulttest.UnwrapKey) != 3 || s.Count(vaulttest.Challenge) != 1 || s.Requests() != 4 {
		t.Errorf("%d unwraps, %d challenges, %d requests", s.Count(vaulttest.UnwrapKey), s.Count(vaulttest.Challenge), s.Requests())
	}
}
