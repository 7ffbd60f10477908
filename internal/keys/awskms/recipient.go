package awskms

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// maxRegions bounds the option `region`, as the policy does.
const maxRegions = 8

// recipient is a parsed keys.Recipient.
type recipient struct {
	arn     arn
	role    string
	regions []string // where the key is, the ARN's Region first
}

// parse accepts the one spelling of a recipient.
func parse(r keys.Recipient) (recipient, error) {
	if r.Kind != Kind {
		return recipient{}, fault(r, keys.Unsupported, "not an AWS KMS key")
	}
	rc, err := parseFull(r)
	if err != nil {
		return recipient{}, fault(r, keys.Unsupported, err.Error())
	}
	return rc, nil
}

func parseFull(r keys.Recipient) (recipient, error) {
	if len(r.URI) > keys.MaxURI {
		return recipient{}, fmt.Errorf("longer than %d bytes", keys.MaxURI)
	}
	a, err := parseARN(r.URI)
	if err != nil {
		return recipient{}, err
	}
	role, further, err := parseOptions(r.Options)
	if err != nil {
		return recipient{}, err
	}
	rc := recipient{arn: a, role: role, regions: append([]string{a.region}, further...)}
	switch {
	case slices.Contains(further, a.region):
		return recipient{}, fmt.Errorf("option region repeats %s, the ARN's own", a.region)
	case len(further) > 0 && a.key() && !a.multi():
		return recipient{}, errors.New("option region is for multi-Region keys (key/mrk-…) and aliases")
	}
	return rc, rc.samePartition()
}

// samePartition: keys have no copies, and roles no rights, beyond a partition.
func (rc recipient) samePartition() error {
	first, err := partitionOf(rc.regions[0])
	if err != nil {
		return err
	}
	for _, region := range rc.regions {
		if p, err := partitionOf(region); err != nil || p.id != first.id {
			return fmt.Errorf("region %s is not in partition %s", region, first.id)
		}
	}
	if rc.role != "" && roleARN().FindStringSubmatch(rc.role)[1] != first.id {
		return fmt.Errorf("the role is not in partition %s", first.id)
	}
	return nil
}

// parseOptions reads what stands beside the ARN: a role, further Regions.
func parseOptions(options map[string]string) (role string, regions []string, err error) {
	for _, name := range slices.Sorted(maps.Keys(options)) {
		value := options[name]
		switch name {
		case "role":
			if role = value; !roleARN().MatchString(role) {
				return "", nil, errors.New("option role is not a role ARN, arn:aws:iam::ACCOUNT:role/NAME")
			}
		case "region":
			if regions, err = parseRegions(value); err != nil {
				return "", nil, err
			}
		default:
			return "", nil, fmt.Errorf("AWS KMS keys have no option %q, only role and region", keys.OneLine(name, 40))
		}
	}
	return role, regions, nil
}

func parseRegions(list string) ([]string, error) {
	regions := strings.Split(list, ",")
	if len(regions) > maxRegions {
		return nil, fmt.Errorf("option region names more than %d", maxRegions)
	}
	for i, region := range regions {
		if _, err := partitionOf(region); err != nil {
			return nil, errors.New("option region must be regions of AWS, such as eu-west-1 or eu-west-1,us-east-1")
		}
		if slices.Contains(regions[:i], region) {
			return nil, fmt.Errorf("option region names %s twice", region)
		}
	}
	return regions, nil
}

// short tells whether uri is the part of an ARN that Resolve completes.
func short(uri string) bool {
	return keyID().MatchString(uri) || strings.HasPrefix(uri, "alias/") && checkResource(uri) == nil
}

// canonical finds the one spelling of what a person typed: an ARN, a bare
// alias, or a bare key id, with or without ?role=…&region=… behind it.
func canonical(typed keys.Recipient) (keys.Recipient, error) {
	uri, query, _ := strings.Cut(strings.TrimSpace(typed.URI), "?")
	options, err := addQuery(typed.Options, query)
	if err != nil {
		return keys.Recipient{}, err
	}
	r := keys.Recipient{Kind: typed.Kind, URI: uri, Options: options}
	if short(uri) {
		_, _, err := parseOptions(options)
		return r, err
	}
	a, err := parseARN(uri)
	if err != nil {
		return keys.Recipient{}, err
	}
	r.Options = withoutRegion(options, a.region)
	_, err = parseFull(r)
	return r, err
}

// addQuery adds name=value&… to options. Unlike a form's, a plus sign stands
// for itself: names of roles may hold one.
func addQuery(options map[string]string, query string) (map[string]string, error) {
	if query == "" {
		return options, nil
	}
	options = maps.Clone(options)
	if options == nil {
		options = map[string]string{}
	}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		value, err := url.PathUnescape(value)
		if err != nil {
			return nil, fmt.Errorf("option %q is not escaped as in a URL", keys.OneLine(name, 40))
		}
		if _, twice := options[name]; twice {
			return nil, fmt.Errorf("option %q is given twice", keys.OneLine(name, 40))
		}
		options[name] = value
	}
	return options, nil
}

// withoutRegion drops the ARN's own Region from those beside it.
func withoutRegion(options map[string]string, region string) map[string]string {
	list, ok := options["region"]
	if !ok {
		return options
	}
	further := slices.DeleteFunc(strings.Split(list, ","), func(s string) bool { return s == region })
	options = maps.Clone(options)
	if options["region"] = strings.Join(further, ","); len(further) == 0 {
		delete(options, "region")
	}
	if len(options) == 0 {
		return nil
	}
	return options
}
