// Package awskms opens and makes wrapped keys with symmetric keys of AWS KMS,
// multi-Region keys in whichever Region answers.
//
// KMS is given the context of a data key as encryption context, on both sides,
// and authenticates it; CloudTrail shows it, and key policies can refer to it.
// The ARN of the very key that answered is recorded, since an alias can move.
//
// Credentials, endpoints, proxies and certificates are those of every AWS tool:
// environment and shared configuration, read at the first call. Requests go to
// hosts of AWS in the Region that an ARN names, or to an endpoint that the
// user's own configuration names, never to one of the repository's choice.
// Nothing is prompted for, logged, or written.
package awskms

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Kind is the recipient kind this provider serves.
const Kind = "aws-kms"

// Algorithm is what every wrapped key of this provider records, in KMS's words.
const Algorithm = string(types.EncryptionAlgorithmSpecSymmetricDefault)

const (
	// maxCiphertext is KMS's own limit on what Decrypt takes.
	maxCiphertext = 6144
	// callTimeout bounds one call with all its attempts, in all Regions.
	callTimeout = 15 * time.Second
	// slowRegion is how long one Region may take before the next is asked too.
	slowRegion = 700 * time.Millisecond
)

// Options say what a Provider may use.
type Options struct {
	// Profile of the shared AWS configuration to use, from the user's own Git
	// configuration. Without it the environment decides, as in every AWS tool.
	Profile string
}

// Provider is the AWS KMS provider. It is safe for concurrent use.
type Provider struct {
	opt Options
	// Seams of tests: how connections are made, slowRegion, maxBackoff.
	dial    func(ctx context.Context, network, addr string) (net.Conn, error)
	slow    time.Duration
	backoff time.Duration

	mu       sync.Mutex
	config   *aws.Config // nil until first used
	services map[place]*service
}

var (
	_ keys.Provider      = (*Provider)(nil)
	_ keys.Canonicalizer = (*Provider)(nil)
	_ keys.Resolver      = (*Provider)(nil)
	_ keys.Generator     = (*Provider)(nil)
	_ keys.Rewrapper     = (*Provider)(nil)
	_ keys.Dater         = (*Provider)(nil)
	_ keys.Identifier    = (*Provider)(nil)
)

// New makes a provider. It touches nothing outside memory.
func New(opt Options) *Provider {
	return &Provider{opt: opt, slow: slowRegion, backoff: maxBackoff, services: map[place]*service{}}
}

// Kind implements keys.Provider.
func (*Provider) Kind() string { return Kind }

// Check implements keys.Provider. The options are `role`, a role to assume, and
// `region`, a list of further Regions where a multi-Region key is.
func (*Provider) Check(r keys.Recipient) error {
	_, err := parse(r)
	return err
}

// Canonical implements keys.Canonicalizer.
func (*Provider) Canonical(r keys.Recipient) (keys.Recipient, error) {
	out, err := canonical(r)
	if err != nil {
		return keys.Recipient{}, fault(r, keys.Unsupported, err.Error())
	}
	return out, nil
}

// Wrap implements keys.Provider. The result differs at each call.
func (p *Provider) Wrap(ctx context.Context, r keys.Recipient, c keys.Context, k *keys.DataKey) (keys.Wrapped, error) {
	rc, err := parse(r)
	if err != nil {
		return keys.Wrapped{}, err
	}
	q := question{recipient: r, action: "kms:Encrypt", target: rc.arn, role: rc.role, regions: rc.regions}
	return ask(ctx, p, q, func(ctx context.Context, s *service) (keys.Wrapped, error) {
		out, err := s.kms.Encrypt(ctx, &kms.EncryptInput{
			KeyId: aws.String(rc.arn.in(s.region).String()), Plaintext: k.Bytes()[:], EncryptionContext: c.Map(),
		})
		if err != nil {
			return keys.Wrapped{}, err
		}
		return rc.wrapped(s.region, out.KeyId, out.CiphertextBlob)
	})
}

// Generate implements keys.Generator.
func (p *Provider) Generate(ctx context.Context, r keys.Recipient, c keys.Context) (*keys.DataKey, keys.Wrapped, error) {
	rc, err := parse(r)
	if err != nil {
		return nil, keys.Wrapped{}, err
	}
	type generated struct {
		key     *keys.DataKey
		wrapped keys.Wrapped
	}
	q := question{recipient: r, action: "kms:GenerateDataKey", target: rc.arn, role: rc.role, regions: rc.regions}
	g, err := ask(ctx, p, q, func(ctx context.Context, s *service) (generated, error) {
		out, err := s.kms.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
			KeyId: aws.String(rc.arn.in(s.region).String()), KeySpec: types.DataKeySpecAes256, EncryptionContext: c.Map(),
		})
		if err != nil {
			return generated{}, err
		}
		defer clear(out.Plaintext)
		w, err := rc.wrapped(s.region, out.KeyId, out.CiphertextBlob)
		if err != nil {
			return generated{}, err
		}
		k, err := dataKey(out.Plaintext)
		return generated{k, w}, err
	})
	return g.key, g.wrapped, err
}

// Unwrap implements keys.Provider.
func (p *Provider) Unwrap(ctx context.Context, r keys.Recipient, c keys.Context, w keys.Wrapped) (*keys.DataKey, error) {
	rc, err := parse(r)
	if err != nil {
		return nil, err
	}
	key, err := rc.checkWrapped(r, w)
	if err != nil {
		return nil, err
	}
	q := question{recipient: r, action: "kms:Decrypt", target: key, role: rc.role, regions: rc.holders(key)}
	return ask(ctx, p, q, func(ctx context.Context, s *service) (*keys.DataKey, error) {
		asked := key.in(s.region).String()
		out, err := s.kms.Decrypt(ctx, &kms.DecryptInput{
			KeyId: &asked, CiphertextBlob: w.Ciphertext, EncryptionContext: c.Map(),
			EncryptionAlgorithm: types.EncryptionAlgorithmSpecSymmetricDefault,
		})
		if err != nil {
			return nil, err
		}
		defer clear(out.Plaintext)
		if err := sameKey(asked, out.KeyId); err != nil {
			return nil, err
		}
		return dataKey(out.Plaintext)
	})
}

// Rewrap implements keys.Rewrapper.
func (p *Provider) Rewrap(ctx context.Context, r keys.Recipient, c keys.Context, w keys.Wrapped) (keys.Wrapped, error) {
	rc, err := parse(r)
	if err != nil {
		return keys.Wrapped{}, err
	}
	key, err := rc.checkWrapped(r, w)
	if err != nil {
		return keys.Wrapped{}, err
	}
	q := question{recipient: r, action: "kms:ReEncrypt*", target: key, role: rc.role, regions: rc.holders(key)}
	return ask(ctx, p, q, func(ctx context.Context, s *service) (keys.Wrapped, error) {
		from := key.in(s.region).String()
		out, err := s.kms.ReEncrypt(ctx, &kms.ReEncryptInput{
			CiphertextBlob: w.Ciphertext,
			SourceKeyId:    &from, SourceEncryptionContext: c.Map(),
			DestinationKeyId: aws.String(rc.arn.in(s.region).String()), DestinationEncryptionContext: c.Map(),
		})
		if err != nil {
			return keys.Wrapped{}, err
		}
		if err := sameKey(from, out.SourceKeyId); err != nil {
			return keys.Wrapped{}, err
		}
		return rc.wrapped(s.region, out.KeyId, out.CiphertextBlob)
	})
}

func fault(r keys.Recipient, kind keys.Kind, message string) *keys.Error {
	return &keys.Error{Kind: kind, Recipient: r.Display(), Message: message}
}
