package awskms

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// wrapped checks an answer of KMS in a Region before it is recorded.
func (rc recipient) wrapped(region string, keyARN *string, ciphertext []byte) (keys.Wrapped, error) {
	if keyARN == nil && len(ciphertext) == 0 {
		return keys.Wrapped{}, errForeign
	}
	key, err := parseARN(aws.ToString(keyARN))
	switch {
	case err == nil && key.key() && key.region != rc.arn.region && !key.multi():
		return keys.Wrapped{}, &keys.Error{Kind: keys.Unsupported, Message: "its key in " + region + " is not a multi-Region key"}
	case err != nil || !key.key() || key.region != region || !rc.mayBe(key):
		return keys.Wrapped{}, errOtherKey
	case len(ciphertext) == 0 || len(ciphertext) > maxCiphertext:
		return keys.Wrapped{}, &keys.Error{Kind: keys.Tampered, Message: fmt.Sprintf("AWS KMS made a wrapped key of %d bytes", len(ciphertext))}
	}
	return keys.Wrapped{Key: key.String(), Algorithm: Algorithm, Ciphertext: ciphertext}, nil
}

// mayBe tells whether key can be what the recipient names, or once named: an
// alias may have moved, but never to another account.
func (rc recipient) mayBe(key arn) bool {
	return key.partition == rc.arn.partition && key.account == rc.arn.account &&
		(key.multi() || key.region == rc.arn.region) &&
		(!rc.arn.key() || key.resource == rc.arn.resource)
}

// checkWrapped refuses what Wrap never returns, before anything is sent.
func (rc recipient) checkWrapped(r keys.Recipient, w keys.Wrapped) (arn, error) {
	key, err := parseARN(w.Key)
	switch {
	case len(w.Ciphertext) == 0:
		return arn{}, fault(r, keys.Tampered, "the wrapped key is empty")
	case len(w.Ciphertext) > maxCiphertext:
		return arn{}, fault(r, keys.Tampered, fmt.Sprintf("the wrapped key has more than %d bytes", maxCiphertext))
	case err != nil || !key.key() || !rc.mayBe(key):
		return arn{}, fault(r, keys.Tampered, "the wrapped key names another key")
	case w.Algorithm != Algorithm:
		return arn{}, fault(r, keys.Unsupported, fmt.Sprintf("unknown algorithm %q", keys.OneLine(w.Algorithm, 40)))
	}
	return key, nil
}

// holders are the Regions where key can be asked for, in the policy's order. A
// multi-Region key opens in each what it wrapped in any.
func (rc recipient) holders(key arn) []string {
	if key.multi() {
		return rc.regions
	}
	return []string{key.region}
}

var errOtherKey = &keys.Error{Kind: keys.Tampered, Message: "AWS KMS answered for another key than was asked"}

func sameKey(asked string, answered *string) error {
	switch {
	case answered == nil:
		return errForeign
	case *answered != asked:
		return errOtherKey
	}
	return nil
}

func dataKey(plaintext []byte) (*keys.DataKey, error) {
	k, err := keys.DataKeyFrom(plaintext)
	if err != nil {
		return nil, &keys.Error{Kind: keys.Tampered, Message: "AWS KMS handed over no data key: " + err.Error()}
	}
	return k, nil
}
