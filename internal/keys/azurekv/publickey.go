package azurekv

import (
	"bytes"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// KeyStore keeps public keys between processes, by names of letters and digits.
// It is trusted as the user's own files are: whoever can write to it could as
// well replace the program. What it returns is still parsed strictly, and
// fetched anew when it is not what Store was given for the same recipient.
type KeyStore interface {
	Load(name string) ([]byte, error) // nil, nil if there is none
	Store(name string, data []byte) error
}

// freshness is how long the newest version of a key is taken for the newest. A
// key that was rotated since still opens what is wrapped for its older version.
const freshness = 24 * time.Hour

// maxCached bounds one entry of a KeyStore. Ours have less than 2 KiB.
const maxCached = 4 << 10

// key is one version of a vault's key, as far as wrapping has to know it.
type key struct {
	url                keyURL         // with its version
	public             *rsa.PublicKey // nil for a symmetric key, which only its HSM can use
	notBefore, expires time.Time      // zero if there is no such limit
	fetched            time.Time
}

// fresh tells whether a recipient's key needs no second look.
func (k *key) fresh(u keyURL, now time.Time) bool {
	age := now.Sub(k.fetched)
	return u.version != "" || age >= 0 && age < freshness
}

// usable holds Azure's rule for local wrapping: a key wraps in its time only,
// although it goes on to unwrap afterwards.
func (k *key) usable(now time.Time) error {
	switch {
	case !k.notBefore.IsZero() && now.Before(k.notBefore):
		return errors.New("the key is not valid before " + k.notBefore.UTC().Format(time.RFC3339))
	case !k.expires.IsZero() && !now.Before(k.expires):
		return errors.New("the key expired at " + k.expires.UTC().Format(time.RFC3339))
	}
	return nil
}

// problem is a fault of an answer, with the kind of error it is.
type problem struct {
	kind    keys.Kind
	message string
}

func (p *problem) Error() string { return p.message }

// keyFrom checks what GetKey answered about u.
func keyFrom(u keyURL, b azkeys.KeyBundle, now time.Time) (*key, error) {
	jwk, attributes := b.Key, b.Attributes
	if jwk == nil || jwk.Kty == nil {
		return nil, &problem{keys.Unreachable, "the vault's answer holds no key"}
	}
	answered, err := answeredURL(u, jwk.KID)
	if err != nil {
		return nil, err
	}
	k := &key{url: answered, fetched: now}
	if attributes != nil {
		if attributes.Enabled != nil && !*attributes.Enabled {
			return nil, &problem{keys.Disabled, "the key is disabled"}
		}
		k.notBefore, k.expires = deref(attributes.NotBefore), deref(attributes.Expires)
	}
	if err := k.usable(now); err != nil {
		return nil, &problem{keys.Disabled, err.Error()}
	}
	for _, op := range []azkeys.KeyOperation{azkeys.KeyOperationWrapKey, azkeys.KeyOperationUnwrapKey} {
		if len(jwk.KeyOps) > 0 && !permits(jwk.KeyOps, op) {
			return nil, &problem{keys.Unsupported, fmt.Sprintf("the key does not permit %s", op)}
		}
	}
	switch *jwk.Kty {
	case azkeys.KeyTypeRSA, azkeys.KeyTypeRSAHSM:
		if k.public, err = publicKey(jwk.N, jwk.E); err != nil {
			return nil, &problem{keys.Unsupported, err.Error()}
		}
	case azkeys.KeyTypeOctHSM:
	default:
		return nil, &problem{keys.Unsupported, fmt.Sprintf("a key of type %q cannot wrap; RSA, RSA-HSM and oct-HSM can", keys.OneLine(string(*jwk.Kty), 40))}
	}
	return k, nil
}

// answeredURL is the version that an answer is about, if it can be about u.
func answeredURL(u keyURL, id *azkeys.ID) (keyURL, error) {
	if id == nil {
		return keyURL{}, &problem{keys.Tampered, "the vault does not say which key it used"}
	}
	v, err := parseURL(string(*id))
	if err != nil || !u.covers(v) {
		return keyURL{}, &problem{keys.Tampered, fmt.Sprintf("the vault used another key, %q", keys.OneLine(string(*id), 120))}
	}
	return u.at(v.version), nil
}

func permits(ops []*azkeys.KeyOperation, op azkeys.KeyOperation) bool {
	return slices.ContainsFunc(ops, func(o *azkeys.KeyOperation) bool { return o != nil && *o == op })
}

func deref(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// publicKey accepts what a vault can have made or been given: moduli of the
// sizes Azure knows, and an odd exponent that fits 31 bits.
func publicKey(n, e []byte) (*rsa.PublicKey, error) {
	modulus, exponent := new(big.Int).SetBytes(n), new(big.Int).SetBytes(e)
	switch bits := modulus.BitLen(); {
	case bits != 2048 && bits != 3072 && bits != 4096:
		return nil, fmt.Errorf("an RSA key of %d bits; 2048, 3072 and 4096 are supported", bits)
	case modulus.Bit(0) == 0:
		return nil, errors.New("the modulus of the RSA key is even")
	case exponent.BitLen() < 2 || exponent.BitLen() > 31 || exponent.Bit(0) == 0:
		return nil, errors.New("the exponent of the RSA key is none")
	}
	return &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}, nil
}

// stored is a key as a KeyStore holds it.
type stored struct {
	Format    int    `json:"format"`
	Recipient string `json:"recipient"`
	Key       string `json:"key"`
	N         []byte `json:"n"`
	E         []byte `json:"e"`
	NotBefore int64  `json:"nbf,omitempty"`
	Expires   int64  `json:"exp,omitempty"`
	Fetched   int64  `json:"fetched"`
}

const storedFormat = 1

func (k *key) marshal(u keyURL) []byte {
	s := stored{
		Format: storedFormat, Recipient: u.String(), Key: k.url.String(),
		N: k.public.N.Bytes(), E: big.NewInt(int64(k.public.E)).Bytes(),
		NotBefore: unix(k.notBefore), Expires: unix(k.expires), Fetched: unix(k.fetched),
	}
	b, err := json.Marshal(s)
	if err != nil {
		panic("azurekv: internal error: " + err.Error())
	}
	return b
}

// parseStored reads what marshal wrote for u; there is one encoding.
func parseStored(u keyURL, data []byte) (*key, error) {
	if len(data) > maxCached {
		return nil, fmt.Errorf("more than %d bytes", maxCached)
	}
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, err
	}
	if s.Format != storedFormat || s.Recipient != u.String() {
		return nil, errors.New("another recipient's, or of another format")
	}
	v, err := strictURL(s.Key)
	if err != nil {
		return nil, err
	}
	if !u.covers(v) || v.name != u.name {
		return nil, errors.New("another key")
	}
	public, err := publicKey(s.N, s.E)
	if err != nil {
		return nil, err
	}
	k := &key{url: v, public: public, notBefore: moment(s.NotBefore), expires: moment(s.Expires), fetched: moment(s.Fetched)}
	if !bytes.Equal(k.marshal(u), data) {
		return nil, errors.New("not in the one form it is written in")
	}
	return k, nil
}

// unix and moment map the zero time to 0 and back.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func moment(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}
