package awskms

import (
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/awskms/kmstest"
)

// TestNewest: an alias is asked about, a key is not.
func TestNewest(t *testing.T) {
	s := start(t)
	old, fresh := s.CreateKey(ireland), s.CreateKey(ireland)
	multi := s.CreateMultiRegionKey(ireland, virginia)
	alias := named(s.SetAlias("prod", old))
	_, w := wrapped(t, alias)
	s.SetAlias("prod", fresh)
	p := quick()
	newest, err := p.Newest(t.Context(), alias)
	if err != nil || newest != fresh || p.Same(newest, w.Key) {
		t.Errorf("%s, %v, want %s", newest, err, fresh)
	}
	if n := s.Calls("DescribeKey"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	s.Forget()
	for _, r := range []keys.Recipient{named(old), named(multi[0], "region", virginia)} {
		if newest, err := p.Newest(t.Context(), r); err != nil || newest != r.URI {
			t.Errorf("of a key: %s, %v", newest, err)
		}
	}
	if all := s.Requests(); len(all) != 0 {
		t.Errorf("requests %v", all)
	}
	// With the first Region down, its replica is what the alias names, and the same.
	s.SetAlias("multi", multi[1])
	r := named(s.SetAlias("multi", multi[0]), "region", virginia)
	s.Inject(kmstest.At{Region: ireland}, kmstest.Internal500)
	newest, err = p.Newest(t.Context(), r)
	if err != nil || newest != multi[1] || !p.Same(newest, multi[0]) {
		t.Errorf("in another Region: %s, %v", newest, err)
	}
}

func TestNewestRefused(t *testing.T) {
	s := start(t)
	key := s.CreateKey(ireland)
	alias := named(s.SetAlias("prod", key))
	for _, tt := range []struct {
		name   string
		change func()
		kind   keys.Kind
		says   string
	}{
		{"disabled", func() { s.SetState(key, kmstest.Disabled) }, keys.Disabled, key + " is Disabled"},
		{"pending deletion", func() { s.SetState(key, kmstest.PendingDeletion) }, keys.Disabled, "is PendingDeletion"},
		{"pending import", func() { s.SetState(key, kmstest.PendingImport) }, keys.Disabled, "is PendingImport"},
		{"key store away", func() { s.SetState(key, kmstest.Unavailable) }, keys.Unreachable, "is Unavailable"},
		{"another purpose", func() { s.SetUsage(key, "SIGN_VERIFY", "RSA_2048") }, keys.Unsupported, "not a symmetric key"},
		{"denied", func() { s.Deny(kmstest.Denial{Action: "DescribeKey"}) }, keys.Denied, "kms:DescribeKey is not allowed"},
		{"down", func() { s.Inject(kmstest.At{Action: "DescribeKey"}, kmstest.Internal500) }, keys.Unreachable, "internal fault"},
		{"a captive portal", func() { s.Inject(kmstest.At{Action: "DescribeKey"}, kmstest.HTML) }, keys.Unreachable, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.change()
			defer func() {
				s.SetState(key, kmstest.Enabled)
				s.SetUsage(key, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
				s.AllowAll()
				s.Heal()
			}()
			newest, err := quick().Newest(t.Context(), alias)
			if failed(t, err, tt.kind, tt.says); newest != "" {
				t.Errorf("and says %s", newest)
			}
		})
	}
	gone := named(strings.Replace(alias.URI, "prod", "gone", 1))
	_, err := quick().Newest(t.Context(), gone)
	failed(t, err, keys.NotFound, "aws kms list-aliases")
}

func TestSame(t *testing.T) {
	const replica = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{plain, plain, true},
		{multi, replica, true},
		{plain, strings.Replace(plain, ireland, virginia, 1), false},
		{multi, strings.Replace(replica, "111122223333", "999999999999", 1), false},
		{multi, strings.Replace(replica, "mrk-1", "mrk-2", 1), false},
		{multi, plain, false},
		{multi, "", false},
		{multi, strings.Replace(multi, "eu-west-1", "eu-west-1.example.com", 1), false},
	} {
		p := New(Options{})
		if p.Same(tt.a, tt.b) != tt.want || p.Same(tt.b, tt.a) != tt.want {
			t.Errorf("Same(%q, %q) is not %v", tt.a, tt.b, tt.want)
		}
	}
}
