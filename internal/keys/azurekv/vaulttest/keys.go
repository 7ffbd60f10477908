package vaulttest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"
)

// KeyType is what a key is made of.
type KeyType string

// Types of keys. The bits of an RSA key are part of it.
const (
	RSA2048    KeyType = "RSA 2048"
	RSA3072    KeyType = "RSA 3072"
	RSA4096    KeyType = "RSA 4096"
	RSAHSM2048 KeyType = "RSA-HSM 2048"
	OctHSM     KeyType = "oct-HSM 256"
	EC         KeyType = "EC 256" // can't wrap
)

func (t KeyType) kty() string { kty, _, _ := strings.Cut(string(t), " "); return kty }

func (t KeyType) bits() (n int) {
	_, bits, _ := strings.Cut(string(t), " ")
	_, _ = fmt.Sscan(bits, &n)
	return n
}

// Version is one version of a key. A test may change all but the secret itself.
type Version struct {
	ID                 string
	Disabled           bool
	NotBefore, Expires time.Time
	KeyOps             []string // as listed; wrapKey and unwrapKey if nil

	n, e      []byte // as told, if not the real ones
	rsa       *rsa.PrivateKey
	symmetric []byte
}

type key struct {
	name     string
	typ      KeyType
	versions []*Version
	deleted  bool
}

// AddKey makes a key and returns its first version's id. Key names are shared by
// all hosts the server stands for.
func (s *Server) AddKey(name string, t KeyType) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := &key{name: name, typ: t}
	s.keys[strings.ToLower(name)] = k
	return k.rotate()
}

// Rotate makes a new version of a key and returns its id.
func (s *Server) Rotate(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.must(name).rotate()
}

// Change changes the newest version of a key, and gives its id.
func (s *Server) Change(name string, change func(*Version)) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.must(name).newest()
	change(v)
	return v.ID
}

// SetPublic has another public key told than the real one.
func (v *Version) SetPublic(n *big.Int, e int64) { v.n, v.e = n.Bytes(), big.NewInt(e).Bytes() }

// Delete deletes a key, which can still be recovered.
func (s *Server) Delete(name string) { s.setDeleted(name, true) }

// Recover brings a deleted key back.
func (s *Server) Recover(name string) { s.setDeleted(name, false) }

func (s *Server) setDeleted(name string, deleted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.must(name).deleted = deleted
}

func (s *Server) must(name string) *key {
	k := s.keys[strings.ToLower(name)]
	if k == nil {
		panic(fmt.Sprintf("vaulttest: no key %q among %q", name, slices.Collect(maps.Keys(s.keys))))
	}
	return k
}

func (k *key) newest() *Version { return k.versions[len(k.versions)-1] }

func (k *key) rotate() string {
	v := &Version{ID: hex.EncodeToString(random(16))}
	switch k.typ.kty() {
	case "RSA", "RSA-HSM":
		v.rsa = pooled(k.typ.bits(), len(k.versions))
	default:
		v.symmetric = random(k.typ.bits() / 8)
	}
	k.versions = append(k.versions, v)
	return v.ID
}

// find is a version as a request names it: by id, or "" for the newest.
func (k *key) find(id string) *Version {
	if id == "" {
		return k.newest()
	}
	for _, v := range k.versions {
		if v.ID == id {
			return v
		}
	}
	return nil
}

// pool keeps RSA keys for all servers of a process: large ones take seconds to
// make. The nth versions of keys of one size are the same key.
var pool struct {
	sync.Mutex
	keys map[[2]int]*rsa.PrivateKey
}

func pooled(bits, n int) *rsa.PrivateKey {
	pool.Lock()
	defer pool.Unlock()
	at := [2]int{bits, n}
	if pool.keys == nil {
		pool.keys = map[[2]int]*rsa.PrivateKey{}
	}
	if pool.keys[at] == nil {
		k, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			panic("vaulttest: internal error: " + err.Error())
		}
		pool.keys[at] = k
	}
	return pool.keys[at]
}

func random(n int) []byte {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic("vaulttest: internal error: " + err.Error())
	}
	return b
}
