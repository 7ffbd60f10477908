package awskms

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/keys"
)

const (
	prefix = "arn:aws:kms:eu-west-1:111122223333:"
	plain  = prefix + "key/1234abcd-12ab-34cd-56ef-1234567890ab"
	multi  = prefix + "key/mrk-1234abcd12ab34cd56ef1234567890ab"
	alias  = prefix + "alias/prod-secrets"
	role   = "arn:aws:iam::111122223333:role/path/ci+x=y,z.@_-"
)

// named makes a recipient of this kind, with options as name, value, …
func named(uri string, options ...string) keys.Recipient {
	r := keys.Recipient{Kind: Kind, URI: uri}
	for i := 0; i < len(options); i += 2 {
		if r.Options == nil {
			r.Options = map[string]string{}
		}
		r.Options[options[i]] = options[i+1]
	}
	return r
}

var wellFormed = []keys.Recipient{
	named(plain),
	named(multi),
	named(alias),
	named(prefix + "alias/" + strings.Repeat("a", 250)),
	named(prefix + "alias/awsome"),
	named(alias, "role", role),
	named(alias, "region", "us-east-1"),
	named(multi, "region", "us-east-1,ap-southeast-7", "role", role),
	named("arn:aws-cn:kms:cn-north-1:111122223333:alias/a", "region", "cn-northwest-1", "role", "arn:aws-cn:iam::111122223333:role/r"),
	named("arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/a"),
	named("arn:aws-iso:kms:us-iso-east-1:111122223333:alias/a"),
	named("arn:aws-iso-b:kms:us-isob-east-1:111122223333:alias/a"),
	named("arn:aws-iso-e:kms:eu-isoe-west-1:111122223333:alias/a"),
	named("arn:aws-iso-f:kms:us-isof-south-1:111122223333:alias/a"),
	named("arn:aws-eusc:kms:eusc-de-east-1:111122223333:alias/a"),
}

// malformed are recipients that Check must refuse, with what it says.
var malformed = map[string]keys.Recipient{
	"not an AWS KMS key":           {Kind: "age", URI: plain},
	"not the ARN of":               named("alias/prod-secrets"),
	"not the ARN of a KMS":         named("arn:aws:s3:eu-west-1:111122223333:key/x"),
	"key or alias, arn:aws":        named(alias + ":x"),
	"is not one of AWS's":          named("arn:aws:kms:eu-west-1.example.com:111122223333:alias/a"),
	"one of AWS's, such":           named("arn:aws:kms::111122223333:alias/a"),
	"region eu-west-1 is in":       named("arn:aws-cn:kms:eu-west-1:111122223333:alias/a"),
	"cn-north-1 is in partition":   named("arn:aws:kms:cn-north-1:111122223333:alias/a"),
	"us-gov-west-1 is in":          named("arn:aws:kms:us-gov-west-1:111122223333:alias/a"),
	"in partition aws-iso":         named("arn:aws:kms:us-iso-east-1:111122223333:alias/a"),
	"not twelve digits":            named("arn:aws:kms:eu-west-1:11112222333:alias/a"),
	"is not twelve":                named("arn:aws:kms:eu-west-1::alias/a"),
	"the key id is neither":        named(prefix + "key/x"),
	"neither a lower-case UUID":    named(plain[:len(plain)-1] + "B"),
	"lower-case UUID nor mrk-":     named(prefix + "key/1234ABCD-12ab-34cd-56ef-1234567890ab"),
	"nor mrk- and 32":              named(multi + "0"),
	"neither a key nor an alias":   named(prefix + "grant/x"),
	"keys of AWS services":         named(prefix + "alias/aws/s3"),
	"an alias has 1 to 250":        named(prefix + "alias/" + strings.Repeat("a", 251)),
	"1 to 250 of A-Z":              named(prefix + "alias/"),
	"of A-Z, a-z, 0-9":             named(prefix + "alias/a.b"),
	"no option \"profile\"":        named(alias, "profile", "work"),
	"not a role ARN":               named(alias, "role", "ci"),
	"role is not a role":           named(alias, "role", ""),
	"the role is not in partition": named(alias, "role", "arn:aws-cn:iam::111122223333:role/r"),
	"repeats eu-west-1":            named(multi, "region", "us-east-1,eu-west-1"),
	"names us-east-1 twice":        named(multi, "region", "us-east-1,us-east-1"),
	"must be regions of AWS":       named(multi, "region", ""),
	"regions of AWS, such":         named(multi, "region", "us-east-1, us-east-2"),
	"cn-north-1 is not in":         named(multi, "region", "cn-north-1"),
	"names more than 8":            named(multi, "region", "us-east-1,us-east-2,us-west-1,us-west-2,eu-west-2,eu-west-3,eu-south-1,eu-north-1,sa-east-1"),
	"is for multi-Region keys":     named(plain, "region", "us-east-1"),
}

func TestCheck(t *testing.T) {
	p := New(Options{})
	for _, r := range wellFormed {
		if err := p.Check(r); err != nil {
			t.Errorf("Check(%v): %v", r, err)
		}
	}
	for want, r := range malformed {
		if err := p.Check(r); err == nil || !strings.Contains(err.Error(), want) || keys.KindOf(err) != keys.Unsupported {
			t.Errorf("Check(%v) = %v, want …%s", r, err, want)
		}
	}
}

func TestCanonical(t *testing.T) {
	for _, tt := range []struct {
		typed, want keys.Recipient
		err         string
	}{
		{typed: named(" " + alias + "\n"), want: named(alias)},
		{typed: named(multi + "?region=us-east-1&role=arn:aws:iam::111122223333:role/a+b%2Fc"), want: named(multi, "region", "us-east-1", "role", "arn:aws:iam::111122223333:role/a+b/c")},
		{typed: named(plain + "?region=eu-west-1"), want: named(plain)},
		{typed: named(multi+"?region=us-east-1,eu-west-1", "role", role), want: named(multi, "region", "us-east-1", "role", role)},
		{typed: named("alias/prod"), want: named("alias/prod")},
		{typed: named("alias/prod?region=us-east-1"), want: named("alias/prod", "region", "us-east-1")},
		{typed: named("mrk-1234abcd12ab34cd56ef1234567890ab"), want: named("mrk-1234abcd12ab34cd56ef1234567890ab")},
		{typed: named("1234abcd-12ab-34cd-56ef-1234567890ab"), want: named("1234abcd-12ab-34cd-56ef-1234567890ab")},
		{typed: named("alias/aws/s3"), err: "not the ARN"},
		{typed: named("prod"), err: "not the ARN"},
		{typed: named(alias + "?profile=work"), err: `no option "profile"`},
		{typed: named(alias + "?region=a&region=b"), err: "given twice"},
		{typed: named(alias+"?region=us-east-1", "region", "us-east-2"), err: "given twice"},
		{typed: named(alias + "?role=%zz"), err: "not escaped"},
		{typed: named("alias/prod?region=x"), err: "must be regions"},
		{typed: named(alias + "?"), want: named(alias)},
	} {
		before := maps.Clone(tt.typed.Options)
		got, err := New(Options{}).Canonical(tt.typed)
		switch {
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("Canonical(%v) = %v, %v; want …%s", tt.typed, got, err, tt.err)
		case tt.err == "" && (err != nil || !reflect.DeepEqual(got, tt.want)):
			t.Errorf("Canonical(%v) = %v, %v; want %v", tt.typed, got, err, tt.want)
		}
		if !reflect.DeepEqual(before, tt.typed.Options) {
			t.Error("Canonical changed the options it was given")
		}
	}
}

// FuzzCheck: whatever Check accepts has one spelling, names one place to call,
// and comes back out of the ARN parser as it was.
func FuzzCheck(f *testing.F) {
	for _, r := range wellFormed {
		f.Add(r.URI, r.Options["role"], r.Options["region"])
	}
	for _, r := range malformed {
		f.Add(r.URI, r.Options["role"], r.Options["region"])
	}
	p := New(Options{})
	f.Fuzz(func(t *testing.T, uri, role, region string) {
		r := keys.Recipient{Kind: Kind, URI: uri, Options: map[string]string{}}
		if role != "" {
			r.Options["role"] = role
		}
		if region != "" {
			r.Options["region"] = region
		}
		if err := p.Check(r); err != nil {
			if strings.ContainsAny(err.Error(), "\n\r\x00\x1b") || len(err.Error()) > 1000 {
				t.Errorf("error is not a short line: %q", err)
			}
			return
		}
		rc, err := parse(r)
		if err != nil || rc.arn.String() != uri {
			t.Fatalf("%q becomes %q, %v", uri, rc.arn, err)
		}
		for _, region := range rc.regions {
			if strings.ContainsAny(region, "./:@%?# ") {
				t.Errorf("region %q could lead to another host", region)
			}
		}
		if got, err := p.Canonical(r); err != nil || got.URI != uri || got.Options["region"] != region || got.Options["role"] != role {
			t.Errorf("Canonical changes what Check accepts: %v, %v", got, err)
		}
	})
}
