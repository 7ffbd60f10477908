package awskms

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// An arn names a KMS key or an alias: arn:PARTITION:kms:REGION:ACCOUNT:RESOURCE.
type arn struct {
	partition, region, account string
	resource                   string // "key/ID" or "alias/NAME"
}

var (
	account = lazily(`^[0-9]{12}$`)
	keyID   = lazily(`^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$`)
	// A name is what KMS allows in an alias: 256 characters with "alias/".
	aliasName = lazily(`^[A-Za-z0-9/_-]{1,250}$`)
	roleARN   = lazily(`^arn:(aws[a-z-]*):iam::[0-9]{12}:role/[A-Za-z0-9/+=,.@_-]{1,576}$`)
)

// lazily compiles a pattern when it is first used: Git starts this program for
// every command, and most need no key of AWS.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

func (a arn) String() string {
	return "arn:" + a.partition + ":kms:" + a.region + ":" + a.account + ":" + a.resource
}

func (a arn) key() bool { return strings.HasPrefix(a.resource, "key/") }

// multi tells whether the same key may exist in other Regions.
func (a arn) multi() bool { return strings.HasPrefix(a.resource, "key/mrk-") }

// in is the same name in another Region.
func (a arn) in(region string) arn {
	a.region = region
	return a
}

func parseARN(s string) (arn, error) {
	part := strings.Split(s, ":")
	if len(part) != 6 || part[0] != "arn" || part[2] != "kms" {
		return arn{}, errors.New("not the ARN of a KMS key or alias, arn:aws:kms:REGION:ACCOUNT:alias/NAME")
	}
	a := arn{partition: part[1], region: part[3], account: part[4], resource: part[5]}
	p, err := partitionOf(a.region)
	switch {
	case err != nil:
		return arn{}, err
	case p.id != a.partition:
		return arn{}, fmt.Errorf("region %s is in partition %s", a.region, p.id)
	case !account().MatchString(a.account):
		return arn{}, errors.New("the account is not twelve digits")
	}
	return a, checkResource(a.resource)
}

func checkResource(resource string) error {
	kind, name, _ := strings.Cut(resource, "/")
	switch {
	case kind == "key" && !keyID().MatchString(name):
		return errors.New("the key id is neither a lower-case UUID nor mrk- and 32 hexadecimal digits")
	case kind == "key":
		return nil
	case kind != "alias":
		return errors.New("neither a key nor an alias")
	case strings.HasPrefix(name, "aws/"):
		return errors.New("alias/aws/… are keys of AWS services, which only these may use")
	case !aliasName().MatchString(name):
		return errors.New("an alias has 1 to 250 of A-Z, a-z, 0-9, /, _ and -")
	}
	return nil
}

// A partition is a part of AWS with accounts, Regions and host names of its own.
type partition struct {
	id       string
	regions  func() *regexp.Regexp
	suffixes []string // of its hosts: ordinary, dual-stack
}

// partitions as the SDK's endpoint rules have them. The pattern of the first
// admits Regions yet to come; it must stay behind none of the others' names.
var partitions = []partition{
	{"aws-cn", lazily(`^cn-[a-z]{1,20}-[0-9]{1,2}$`), []string{".amazonaws.com.cn", ".api.amazonwebservices.com.cn"}},
	{"aws-us-gov", lazily(`^us-gov-[a-z]{1,20}-[0-9]{1,2}$`), []string{".amazonaws.com", ".api.aws"}},
	{"aws-eusc", lazily(`^eusc-de-[a-z]{1,20}-[0-9]{1,2}$`), []string{".amazonaws.eu", ".api.amazonwebservices.eu"}},
	{"aws-iso", lazily(`^us-iso-[a-z]{1,20}-[0-9]{1,2}$`), []string{".c2s.ic.gov", ".api.aws.ic.gov"}},
	{"aws-iso-b", lazily(`^us-isob-[a-z]{1,20}-[0-9]{1,2}$`), []string{".sc2s.sgov.gov", ".api.aws.scloud"}},
	{"aws-iso-e", lazily(`^eu-isoe-[a-z]{1,20}-[0-9]{1,2}$`), []string{".cloud.adc-e.uk", ".api.cloud-aws.adc-e.uk"}},
	{"aws-iso-f", lazily(`^us-isof-[a-z]{1,20}-[0-9]{1,2}$`), []string{".csp.hci.ic.gov", ".api.aws.hci.ic.gov"}},
	{"aws", lazily(`^[a-z]{2}-[a-z]{1,20}-[0-9]{1,2}$`), []string{".amazonaws.com", ".api.aws"}},
}

func partitionOf(region string) (partition, error) {
	for _, p := range partitions {
		if p.regions().MatchString(region) {
			return p, nil
		}
	}
	return partition{}, errors.New("the region is not one of AWS's, such as eu-west-1")
}
