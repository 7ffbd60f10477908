package kmstest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
)

// State is what a key is in.
type State string

// The states, by KMS's names.
const (
	Enabled         State = "Enabled"
	Disabled        State = "Disabled"
	PendingDeletion State = "PendingDeletion"
	PendingImport   State = "PendingImport"
	Unavailable     State = "Unavailable"
)

// A key is one key in one Region. Replicas share their material.
type key struct {
	arn, id  string
	material *[32]byte
	state    State
	usage    string
	spec     string
}

// A caller is who has an access key.
type caller struct{ secret, token, arn string }

// A Role can be assumed by the principals it lists, or by all of the account if
// it lists none, or with a web identity token.
type Role struct {
	ARN        string
	ExternalID string   // asked for if set
	Principals []string // ARNs
	WebToken   string   // the token that AssumeRoleWithWebIdentity takes
}

// A Denial refuses what matches all of its members that are set.
type Denial struct {
	Principal string // ARN
	Action    string // "Decrypt"
	Key       string // key ARN
	Region    string
	Context   map[string]string // members of the encryption context
	Explicit  bool              // said to be an explicit deny, not a missing permission
}

// CreateKey makes a symmetric key and returns its ARN.
func (s *Server) CreateKey(region string) string {
	b := randomBytes(16)
	h := hex.EncodeToString(b)
	return s.addKey(region, h[:8]+"-"+h[8:12]+"-"+h[12:16]+"-"+h[16:20]+"-"+h[20:], newMaterial())
}

// CreateMultiRegionKey makes a key with a replica in each Region, and returns
// the ARNs in that order.
func (s *Server) CreateMultiRegionKey(regions ...string) []string {
	id, material := "mrk-"+hex.EncodeToString(randomBytes(16)), newMaterial()
	arns := make([]string, len(regions))
	for i, region := range regions {
		arns[i] = s.addKey(region, id, material)
	}
	return arns
}

func (s *Server) addKey(region, id string, material *[32]byte) string {
	k := &key{arn: arn(region, "key/"+id), id: id, material: material, state: Enabled, usage: "ENCRYPT_DECRYPT", spec: "SYMMETRIC_DEFAULT"}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[k.arn] = k
	return k.arn
}

// SetAlias points alias/NAME, in the key's Region, at a key: a new alias, or
// one that moves. It returns the alias's ARN.
func (s *Server) SetAlias(name, keyARN string) string {
	alias := arn(strings.Split(keyARN, ":")[3], "alias/"+name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.must(keyARN)
	s.aliases[alias] = keyARN
	return alias
}

// SetState changes the state of a key, in its Region only.
func (s *Server) SetState(keyARN string, state State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.must(keyARN).state = state
}

// SetUsage makes a key one for another purpose, such as SIGN_VERIFY with RSA_2048.
func (s *Server) SetUsage(keyARN, usage, spec string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.must(keyARN)
	k.usage, k.spec = usage, spec
}

// DeleteKey removes a key for good.
func (s *Server) DeleteKey(keyARN string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, s.must(keyARN).arn)
}

func (s *Server) must(keyARN string) *key {
	k := s.keys[keyARN]
	if k == nil {
		panic("kmstest: no key " + keyARN)
	}
	return k
}

// Deny adds a denial.
func (s *Server) Deny(d Denial) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denials = append(s.denials, d)
}

// AllowAll removes the denials.
func (s *Server) AllowAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denials = nil
}

// AddRole adds a role, or changes it.
func (s *Server) AddRole(r Role) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.roles[r.ARN] = r
}

// AddPrincipal makes credentials for a principal, as environment variables.
func (s *Server) AddPrincipal(principalARN string) []string {
	id, secret := "AKIA"+strings.ToUpper(hex.EncodeToString(randomBytes(8))), hex.EncodeToString(randomBytes(20))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.principals[id] = caller{secret, "", principalARN}
	return []string{"AWS_ACCESS_KEY_ID=" + id, "AWS_SECRET_ACCESS_KEY=" + secret}
}

// arn is that of a resource of the account.
func arn(region, resource string) string {
	partition := "aws"
	switch {
	case strings.HasPrefix(region, "cn-"):
		partition = "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	case strings.HasPrefix(region, "eusc-"):
		partition = "aws-eusc"
	}
	return fmt.Sprintf("arn:%s:kms:%s:%s:%s", partition, region, Account, resource)
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

func newMaterial() *[32]byte { return (*[32]byte)(randomBytes(32)) }
