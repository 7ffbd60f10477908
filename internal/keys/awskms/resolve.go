package awskms

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Resolve implements keys.Resolver: a bare alias or key id becomes an ARN. A
// policy always holds ARNs, for a bare name is another key in each account.
func (p *Provider) Resolve(ctx context.Context, r keys.Recipient) (keys.Recipient, error) {
	if !short(r.URI) {
		return r, nil
	}
	role, regions, err := parseOptions(r.Options)
	if err != nil {
		return keys.Recipient{}, fault(r, keys.Unsupported, err.Error())
	}
	if len(regions) == 0 {
		if regions, err = p.ownRegion(ctx, r); err != nil {
			return keys.Recipient{}, err
		}
	}
	q := question{recipient: r, action: "kms:DescribeKey", role: role, regions: regions[:1]}
	full, err := ask(ctx, p, q, func(ctx context.Context, s *service) (arn, error) {
		out, err := s.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &r.URI})
		if err != nil {
			return arn{}, err
		}
		return complete(r.URI, s.region, out.KeyMetadata)
	})
	if err != nil {
		return keys.Recipient{}, err
	}
	r.URI, r.Options = full.String(), withoutRegion(r.Options, full.region)
	return r, nil
}

// ownRegion is the Region that the user's own configuration names.
func (p *Provider) ownRegion(ctx context.Context, r keys.Recipient) ([]string, error) {
	cfg, err := p.load(ctx, "")
	if err != nil {
		return nil, noConfig(r, err, p.opt.Profile)
	}
	if _, err := partitionOf(cfg.Region); err != nil {
		e := fault(r, keys.Unsupported, "in no Region: write alias/NAME?region=REGION, or configure one")
		e.Hint = "name its Region: " + r.URI + "?region=eu-west-1"
		return nil, e
	}
	return []string{cfg.Region}, nil
}

// complete makes an ARN out of a short name and what KMS knows of its key.
func complete(name, region string, about *types.KeyMetadata) (arn, error) {
	if about == nil {
		return arn{}, errForeign
	}
	key, err := parseARN(aws.ToString(about.Arn))
	asKey := "key/" + name
	if err != nil || !key.key() || key.region != region || keyID().MatchString(name) && key.resource != asKey {
		return arn{}, errOtherKey
	}
	if err := suits(about); err != nil {
		return arn{}, err
	}
	if strings.HasPrefix(name, "alias/") {
		key.resource = name
	}
	return key, nil
}

// suits tells why a key is not of the right make.
func suits(about *types.KeyMetadata) error {
	if about.KeyUsage != types.KeyUsageTypeEncryptDecrypt || about.KeySpec != types.KeySpecSymmetricDefault {
		return unsuitable(fmt.Sprintf("%s, %s", about.KeyUsage, about.KeySpec))
	}
	return nil
}

// unsuitable: only a symmetric key takes an encryption context.
func unsuitable(what string) *keys.Error {
	return &keys.Error{Kind: keys.Unsupported, Message: "not a symmetric key for encryption (" + keys.OneLine(what, 80) + ")"}
}

var principalARN = lazily(`^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:[A-Za-z0-9/:+=,.@_-]{1,300}$`)

// Principal implements keys.Identifier, by asking STS.
func (p *Provider) Principal(ctx context.Context, r keys.Recipient) (string, error) {
	rc, err := parse(r)
	if err != nil {
		return "", err
	}
	q := question{recipient: r, action: "sts:GetCallerIdentity", target: rc.arn, role: rc.role, regions: rc.regions[:1]}
	return ask(ctx, p, q, func(ctx context.Context, s *service) (string, error) {
		out, err := s.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err != nil {
			return "", err
		}
		if name := aws.ToString(out.Arn); principalARN().MatchString(name) {
			return name, nil
		}
		return "", errForeign
	})
}
