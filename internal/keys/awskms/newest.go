package awskms

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Newest implements keys.Dater: the key that an alias names today. New material of
// a key (automatic rotation) is behind the same ARN, and does not show.
func (p *Provider) Newest(ctx context.Context, r keys.Recipient) (string, error) {
	rc, err := parse(r)
	switch {
	case err != nil:
		return "", err
	case rc.arn.key():
		return r.URI, nil
	}
	q := question{recipient: r, action: "kms:DescribeKey", target: rc.arn, role: rc.role, regions: rc.regions}
	return ask(ctx, p, q, func(ctx context.Context, s *service) (string, error) {
		out, err := s.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(rc.arn.in(s.region).String())})
		if err != nil {
			return "", err
		}
		return rc.named(s.region, out.KeyMetadata)
	})
}

// named checks what KMS in a Region knows of the key that the recipient names, and
// whether that can wrap.
func (rc recipient) named(region string, about *types.KeyMetadata) (string, error) {
	if about == nil {
		return "", errForeign
	}
	key, err := parseARN(aws.ToString(about.Arn))
	if err != nil || !key.key() || key.region != region || !rc.mayBe(key) {
		return "", errOtherKey
	}
	if err := suits(about); err != nil {
		return "", err
	}
	switch about.KeyState {
	case types.KeyStateEnabled, types.KeyStateUpdating:
		return key.String(), nil
	case types.KeyStateDisabled, types.KeyStatePendingDeletion, types.KeyStatePendingReplicaDeletion, types.KeyStatePendingImport:
		return "", &keys.Error{Kind: keys.Disabled, Message: key.String() + " is " + string(about.KeyState)}
	}
	return "", &keys.Error{Kind: keys.Unreachable, Message: key.String() + " is " + keys.OneLine(string(about.KeyState), 40)}
}

// Same implements keys.Dater: a multi-Region key is one key in all its Regions.
func (*Provider) Same(a, b string) bool {
	x, errA := parseARN(a)
	y, errB := parseARN(b)
	return a == b || errA == nil && errB == nil && x.multi() && x.in(y.region) == y
}
