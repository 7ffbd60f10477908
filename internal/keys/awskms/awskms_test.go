package awskms

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/awskms/kmstest"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

func TestConformance(t *testing.T) {
	for name, mine := range map[string]func(*kmstest.Server) keys.Recipient{
		"key":   func(s *kmstest.Server) keys.Recipient { return named(s.CreateKey(ireland)) },
		"alias": func(s *kmstest.Server) keys.Recipient { return named(s.SetAlias("prod/secrets", s.CreateKey(ireland))) },
		"multi-Region": func(s *kmstest.Server) keys.Recipient {
			return named(s.CreateMultiRegionKey(ireland, virginia)[0], "region", virginia)
		},
	} {
		t.Run(name, func(t *testing.T) {
			keystest.Run(t, func(t *testing.T) keystest.Fixture {
				s := start(t)
				other := s.CreateKey(ireland)
				s.Deny(kmstest.Denial{Key: other, Action: "Decrypt"})
				return keystest.Fixture{Provider: New(Options{}), Mine: mine(s), Other: named(other),
					Locked: New(Options{Profile: "absent"}), Malformed: slices.Collect(maps.Values(malformed))}
			})
		})
	}
}

// TestContext: KMS sees the four members, no more and no less, at every action.
func TestContext(t *testing.T) {
	s := start(t)
	r := named(s.CreateKey(ireland))
	p := quick()
	k, w := wrapped(t, r)
	opens(t, p, r, k, w)
	if _, _, err := p.Generate(t.Context(), r, keystest.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Rewrap(t.Context(), r, keystest.Context(), w); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"app": "git-envelope", "repository": "0d6b3c1e-53b5-4bd0-9d3c-0f7c2b8a6a11", "ring": "prod", "key-id": "01020300000000000000000000000010"}
	var actions []string
	for _, q := range s.Requests() {
		actions = append(actions, q.Action)
		if !reflect.DeepEqual(q.Context, want) {
			t.Errorf("%s: context %v", q.Action, q.Context)
		}
	}
	if !slices.Equal(actions, []string{"Encrypt", "Decrypt", "GenerateDataKey", "ReEncrypt"}) {
		t.Errorf("requests %v", actions)
	}
}

// TestDeniedByContext: a key policy can let a principal open dev and not prod.
func TestDeniedByContext(t *testing.T) {
	s := start(t)
	r := named(s.CreateKey(ireland))
	k, w := wrapped(t, r)
	s.Deny(kmstest.Denial{Action: "Decrypt", Context: map[string]string{"ring": "dev"}})
	opens(t, quick(), r, k, w)
	s.Deny(kmstest.Denial{Action: "Decrypt", Context: map[string]string{"ring": "prod"}})
	e := refuses(t, quick(), r, w, keys.Denied, "kms:Decrypt is not allowed")
	if e.Principal != kmstest.Principal || e.Hint != "allow kms:Decrypt on "+r.URI+" for "+kmstest.Principal+" (docs/keys.md)" {
		t.Errorf("principal %q, hint %q", e.Principal, e.Hint)
	}
}

// TestMovedAlias: what an alias wrapped stays open when it names another key.
func TestMovedAlias(t *testing.T) {
	s := start(t)
	old, fresh := s.CreateKey(ireland), s.CreateKey(ireland)
	r := named(s.SetAlias("prod", old))
	k, w := wrapped(t, r)
	if w.Key != old {
		t.Errorf("recorded %s, want the key that answered", w.Key)
	}
	s.SetAlias("prod", fresh)
	p := quick()
	opens(t, p, r, k, w)
	moved, err := p.Rewrap(t.Context(), r, keystest.Context(), w)
	if err != nil || moved.Key != fresh {
		t.Fatalf("rewrapped as %s, %v; want %s", moved.Key, err, fresh)
	}
	opens(t, p, r, k, moved)
	opens(t, p, r, k, w)
}

// TestForeignWrapped: a wrapped-key file comes from the repository; what it
// names is not called unless the policy's recipient can mean it.
func TestForeignWrapped(t *testing.T) {
	s := start(t)
	one, two := s.CreateKey(ireland), s.CreateKey(ireland)
	multi := s.CreateMultiRegionKey(ireland, virginia)
	key, alias := named(one), named(s.SetAlias("prod", one))
	_, w := wrapped(t, key)
	s.Forget()
	p := quick()
	for name, tt := range map[string]struct {
		r   keys.Recipient
		key string
	}{
		"another key":            {key, two},
		"another account":        {alias, strings.Replace(one, kmstest.Account, "999999999999", 1)},
		"another partition":      {alias, "arn:aws-cn:kms:cn-north-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
		"another Region":         {alias, strings.Replace(one, ireland, virginia, 1)},
		"an alias":               {alias, alias.URI},
		"no ARN":                 {alias, "alias/prod"},
		"another multi-Region":   {key, multi[0]},
		"with something behind":  {key, one + "?"},
		"empty":                  {key, ""},
		"far too long":           {key, one + strings.Repeat("a", 1<<20)},
		"a host in the Region":   {alias, strings.Replace(one, ireland, "eu-west-1.evil.example", 1)},
		"another case":           {key, strings.ToUpper(one)},
		"the partition in fault": {key, strings.Replace(one, "arn:aws:", "arn:aws-us-gov:", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			bad := w
			bad.Key = tt.key
			refuses(t, p, tt.r, bad, keys.Tampered, "names another key")
			if _, err := p.Rewrap(t.Context(), tt.r, keystest.Context(), bad); keys.KindOf(err) != keys.Tampered {
				t.Errorf("Rewrap: %v", err)
			}
		})
	}
	bad := w
	bad.Ciphertext = make([]byte, 6145)
	refuses(t, p, key, bad, keys.Tampered, "more than 6144 bytes")
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

// TestAnotherKeysCiphertext: a file that passes off one key's ciphertext as
// another's does not open, although the principal may use both.
func TestAnotherKeysCiphertext(t *testing.T) {
	s := start(t)
	one, two := named(s.CreateKey(ireland)), named(s.CreateKey(ireland))
	_, w := wrapped(t, one)
	w.Key = two.URI
	refuses(t, quick(), two, w, keys.Tampered, "does not open")
}

// TestRegions: a multi-Region key opens in whichever Region answers.
func TestRegions(t *testing.T) {
	s := start(t)
	arns := s.CreateMultiRegionKey(ireland, virginia)
	r := named(arns[0], "region", virginia)
	k, w := wrapped(t, r)
	for name, tt := range map[string]struct {
		fault kmstest.Fault
		slow  time.Duration
	}{
		"hanging":   {kmstest.Hang, 50 * time.Millisecond},
		"throttled": {kmstest.Throttle, time.Hour},
		"down":      {kmstest.Internal500, time.Hour},
		"reset":     {kmstest.Reset, time.Hour},
		"denied":    {kmstest.AccessDenied, time.Hour},
		"captured":  {kmstest.HTML, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			s.Heal()
			s.Inject(kmstest.At{Region: ireland}, tt.fault)
			p := quick()
			p.slow = tt.slow
			opens(t, p, r, k, w)
			there, err := p.Wrap(t.Context(), r, keystest.Context(), k)
			if err != nil || there.Key != arns[1] {
				t.Fatalf("wrapped by %s, %v; want %s", there.Key, err, arns[1])
			}
			s.Heal()
			opens(t, quick(), r, k, there)              // the first Region opens what the second wrapped
			opens(t, quick(), named(arns[0]), k, there) // also when the policy no longer names the second
		})
	}
}

// TestRegionCauses: of two Regions that fail, the one that says more is told.
func TestRegionCauses(t *testing.T) {
	for name, tt := range map[string]struct {
		first, second kmstest.Fault
		kind          keys.Kind
		want          string
	}{
		"missing there":         {kmstest.AccessDenied, kmstest.Code(400, "NotFoundException", ""), keys.Denied, "not in eu-west-1, or does not allow kms:Decrypt"},
		"missing here":          {kmstest.Code(400, "NotFoundException", ""), kmstest.AccessDenied, keys.Denied, "not in us-east-1"},
		"missing in both":       {kmstest.Code(400, "NotFoundException", ""), kmstest.Code(400, "NotFoundException", ""), keys.NotFound, "not in eu-west-1"},
		"both fail":             {kmstest.Throttle, kmstest.AccessDenied, keys.Throttled, "too many requests to AWS KMS in eu-west-1"},
		"tampered is final":     {kmstest.Code(400, "InvalidCiphertextException", ""), kmstest.Hang, keys.Tampered, "does not open"},
		"expired is final":      {kmstest.ExpiredToken, kmstest.Hang, keys.Expired, ""},
		"tampered in the other": {kmstest.Throttle, kmstest.WrongKeyID, keys.Tampered, "another key than was asked"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			r := named(s.CreateMultiRegionKey(ireland, virginia)[0], "region", virginia)
			_, w := wrapped(t, r)
			s.Inject(kmstest.At{Region: ireland}, tt.first)
			s.Inject(kmstest.At{Region: virginia}, tt.second)
			p := quick()
			p.slow = time.Hour
			refuses(t, p, r, w, tt.kind, tt.want)
		})
	}
}

// TestAliasRegions: an alias that names an ordinary key in a further Region
// would wrap what no other Region opens.
func TestAliasRegions(t *testing.T) {
	s := start(t)
	here := s.SetAlias("prod", s.CreateKey(ireland))
	s.SetAlias("prod", s.CreateKey(virginia))
	r := named(here, "region", virginia)
	k, w := wrapped(t, r)
	opens(t, quick(), r, k, w)
	s.Inject(kmstest.At{Region: ireland}, kmstest.AccessDenied)
	p := quick()
	_, err := p.Wrap(t.Context(), r, keystest.Context(), k)
	failed(t, err, keys.Denied, "not in eu-west-1") // the first Region's cause
	s.Inject(kmstest.At{Region: ireland}, kmstest.Code(400, "NotFoundException", ""))
	_, err = p.Wrap(t.Context(), r, keystest.Context(), k)
	failed(t, err, keys.Unsupported, "its key in us-east-1 is not a multi-Region key")
}

func TestResolve(t *testing.T) {
	s := start(t)
	key, multi := s.CreateKey(ireland), s.CreateMultiRegionKey(ireland, virginia)
	id := func(arn string) string { return arn[strings.Index(arn, "/")+1:] }
	here, there := s.SetAlias("prod/x", key), s.SetAlias("prod/x", multi[1])
	signing := s.CreateKey(ireland)
	s.SetAlias("sign", signing)
	s.SetUsage(signing, "SIGN_VERIFY", "RSA_2048")
	registry := keys.NewRegistry(New(Options{}))
	for typed, want := range map[string]keys.Recipient{
		"alias/prod/x":                  named(here), // AWS_REGION decides
		"alias/prod/x?region=us-east-1": named(there),
		id(key):                         named(key),
		id(multi[0]) + "?region=us-east-1,eu-west-1": named(multi[1], "region", ireland),
		here: named(here),
	} {
		got, err := registry.Canonical(t.Context(), named(typed))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v; want %v", typed, got, err, want)
		}
	}
	for typed, tt := range map[string]struct {
		kind keys.Kind
		want string
	}{
		"alias/none": {keys.NotFound, "not in eu-west-1"},
		"alias/sign": {keys.Unsupported, "not a symmetric key for encryption (SIGN_VERIFY, RSA_2048)"},
	} {
		_, err := registry.Canonical(t.Context(), named(typed))
		failed(t, err, tt.kind, tt.want)
	}
	t.Setenv("AWS_REGION", "")
	_, err := registry.Canonical(t.Context(), named("alias/prod/x"))
	failed(t, err, keys.Unsupported, "alias/prod/x?region=eu-west-1")
}

func TestPrincipal(t *testing.T) {
	s := start(t)
	s.AddRole(kmstest.Role{ARN: role})
	p := quick()
	for _, tt := range []struct {
		r    keys.Recipient
		want string
	}{
		{named(alias), kmstest.Principal},
		{named(alias, "role", role), "arn:aws:sts::111122223333:assumed-role/ci+x=y,z.@_-/git-envelope"},
	} {
		if got, err := p.Principal(t.Context(), tt.r); err != nil || got != tt.want {
			t.Errorf("Principal = %q, %v; want %q", got, err, tt.want)
		}
	}
}

// TestNothingLocal: what is recorded depends on the policy alone, not on how
// this machine came to its credentials.
func TestNothingLocal(t *testing.T) {
	s := start(t)
	r := named(s.CreateKey(ireland))
	k, want := wrapped(t, r)
	profiles(t, s, "[profile my-private-name]\nregion = us-east-1\naws_access_key_id = "+env(s, "AWS_ACCESS_KEY_ID")+"\naws_secret_access_key = "+env(s, "AWS_SECRET_ACCESS_KEY")+"\n")
	w, err := New(Options{Profile: "my-private-name"}).Wrap(t.Context(), r, keystest.Context(), k)
	if err != nil || w.Key != want.Key || w.Algorithm != want.Algorithm || len(w.Ciphertext) != len(want.Ciphertext) {
		t.Errorf("Wrapped{%q, %q, %d bytes}, %v; want %q, %q, %d", w.Key, w.Algorithm, len(w.Ciphertext), err, want.Key, want.Algorithm, len(want.Ciphertext))
	}
	for _, q := range s.Requests() {
		for name, value := range q.Context {
			if strings.Contains(name+value, "my-private-name") {
				t.Errorf("the context holds %s=%s", name, value)
			}
		}
	}
}

// TestUnused: a provider that is never asked reads nothing and calls nobody.
func TestUnused(t *testing.T) {
	s := start(t)
	p := quick()
	_ = p.Check(named(alias))
	_, _ = p.Canonical(named("alias/x"))
	if p.config != nil || len(p.services) != 0 || len(s.Requests()) != 0 {
		t.Error("something was loaded")
	}
}

// env is the value of one variable of the server's environment.
func env(s *kmstest.Server, name string) string {
	value := ""
	for _, kv := range s.Env() {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			value = v
		}
	}
	return value
}
