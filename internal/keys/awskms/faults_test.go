package awskms

import (
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/awskms/kmstest"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

func TestFaults(t *testing.T) {
	const captive = "something else answered in place of AWS KMS in eu-west-1: a captive portal or proxy?"
	for name, tt := range map[string]struct {
		fault kmstest.Fault
		kind  keys.Kind
		want  string
		calls int // attempts
	}{
		"throttled":       {kmstest.Throttle, keys.Throttled, "too many requests to AWS KMS in eu-west-1", 3},
		"internal":        {kmstest.Internal500, keys.Unreachable, "AWS KMS in eu-west-1 has an internal fault (KMSInternalException)", 3},
		"reset":           {kmstest.Reset, keys.Unreachable, "closed the connection", 3},
		"truncated":       {kmstest.Truncated, keys.Unreachable, "cut off", 1},
		"page":            {kmstest.HTML, keys.Unreachable, captive, 1},
		"page of a proxy": {kmstest.HTML503, keys.Unreachable, "internal fault (503)", 3},
		"nothing":         {kmstest.EmptyBody, keys.Unreachable, captive, 1},
		"redirect":        {kmstest.Redirect, keys.Unreachable, captive, 1},
		"found elsewhere": {kmstest.Found, keys.Unreachable, captive, 1},
		"another key":     {kmstest.WrongKeyID, keys.Tampered, "another key than was asked", 1},
		"zeros":           {kmstest.ZeroKey, keys.Tampered, "single repeated byte", 1},
		"short":           {kmstest.ShortKey, keys.Tampered, "data key has 16 bytes", 1},
		"empty":           {kmstest.EmptyKey, keys.Tampered, "data key has 0 bytes", 1},
		"expired":         {kmstest.ExpiredToken, keys.Expired, "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN anew", 1},
		"denied":          {kmstest.AccessDenied, keys.Denied, "the key is not in eu-west-1, or does not allow kms:Decrypt | allow kms:Decrypt on", 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			r := named(s.CreateKey(ireland))
			_, w := wrapped(t, r)
			s.Inject(kmstest.At{Key: r.URI}, tt.fault)
			refuses(t, quick(), r, w, tt.kind, tt.want)
			if n := s.Calls("Decrypt"); n != tt.calls {
				t.Errorf("%d attempts, want %d", n, tt.calls)
			}
		})
	}
}

// TestFaultsOfGenerate: a bad answer must not become the key of a ring.
func TestFaultsOfGenerate(t *testing.T) {
	for name, tt := range map[string]struct {
		fault kmstest.Fault
		kind  keys.Kind
	}{
		"zeros":       {kmstest.ZeroKey, keys.Tampered},
		"short":       {kmstest.ShortKey, keys.Tampered},
		"empty":       {kmstest.EmptyKey, keys.Tampered},
		"another key": {kmstest.WrongKeyID, keys.Tampered},
		"nothing":     {kmstest.EmptyBody, keys.Unreachable},
		"page":        {kmstest.HTML, keys.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			r := named(s.CreateKey(ireland))
			s.Inject(kmstest.At{}, tt.fault)
			k, w, err := quick().Generate(t.Context(), r, keystest.Context())
			failed(t, err, tt.kind, "")
			if k != nil || w.Key != "" || w.Ciphertext != nil {
				t.Errorf("a key all the same: %q", w.Key)
			}
		})
	}
}

// TestWrongKey: another plaintext of the right length is the one fault nobody
// can see here; the caller's metadata MAC finds it out.
func TestWrongKey(t *testing.T) {
	s := start(t)
	r := named(s.CreateKey(ireland))
	k, w := wrapped(t, r)
	s.Inject(kmstest.At{}, kmstest.WrongKey)
	if got, err := quick().Unwrap(t.Context(), r, keystest.Context(), w); err != nil || got.Equal(k) {
		t.Errorf("the fault does not work: %v", err)
	}
}

func TestPassingFault(t *testing.T) {
	s := start(t)
	r := named(s.CreateKey(ireland))
	k, w := wrapped(t, r)
	for _, f := range []kmstest.Fault{kmstest.Throttle, kmstest.Internal500, kmstest.Reset, kmstest.HTML503, kmstest.Slow(time.Millisecond)} {
		s.Inject(kmstest.At{Times: 2}, f)
		opens(t, quick(), r, k, w)
	}
}

// TestHang: nothing here waits longer than the caller.
func TestHang(t *testing.T) {
	s := start(t)
	r := named(s.CreateMultiRegionKey(ireland, virginia)[0], "region", virginia)
	_, w := wrapped(t, r)
	p := quick()
	p.slow = time.Millisecond
	s.Inject(kmstest.At{Action: "Decrypt"}, kmstest.Hang)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := p.Unwrap(ctx, r, keystest.Context(), w)
	failed(t, err, keys.Unreachable, "no answer in time from AWS KMS in eu-west-1")
	// That the second Region may answer later counts more than what the first said.
	s.Inject(kmstest.At{Region: ireland}, kmstest.AccessDenied)
	ctx, cancel = context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = p.Unwrap(ctx, r, keystest.Context(), w)
	failed(t, err, keys.Unreachable, "")
}

// TestWorst: a Region that may answer later outweighs one that refuses for good.
func TestWorst(t *testing.T) {
	s := start(t)
	r := named(s.CreateMultiRegionKey(ireland, virginia)[0], "region", virginia)
	_, w := wrapped(t, r)
	for f, kind := range map[kmstest.Fault]keys.Kind{kmstest.Throttle: keys.Throttled, kmstest.Internal500: keys.Unreachable, kmstest.Reset: keys.Unreachable} {
		for _, first := range []kmstest.Fault{kmstest.AccessDenied, kmstest.Code(400, "DisabledException", ""), kmstest.Code(400, "NotFoundException", "")} {
			s.Heal()
			s.Inject(kmstest.At{Region: ireland}, first)
			s.Inject(kmstest.At{Region: virginia}, f)
			refuses(t, quick(), r, w, kind, "")
		}
	}
}

func TestNoServer(t *testing.T) {
	s := start(t)
	r := named(s.CreateKey(ireland))
	k, w := wrapped(t, r)
	p := quick()
	opens(t, p, r, k, w) // reads the certificates, which go with the server
	s.Close()
	refuses(t, p, r, w, keys.Unreachable, "connection refused")
}

func TestCertificates(t *testing.T) {
	for name, tt := range map[string]struct {
		flaw kmstest.Flaw
		want string
	}{
		"expired":           {kmstest.ExpiredCertificate, "is the clock right?"},
		"another host":      {kmstest.OtherHost, "the certificate is for another host"},
		"unknown authority": {kmstest.UnknownAuthority, "unknown authority"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			r := named(s.CreateKey(ireland))
			_, w := wrapped(t, r)
			s.SetFlaw(tt.flaw)
			p, dials := quick(), atomic.Int32{}
			p.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				dials.Add(1)
				return new(net.Dialer).DialContext(ctx, network, address)
			}
			refuses(t, p, r, w, keys.Unreachable, tt.want)
			if n := dials.Load(); n != 1 {
				t.Errorf("%d connections: what is wrong stays wrong", n)
			}
		})
	}
}

func TestStates(t *testing.T) {
	for state, want := range map[kmstest.State]string{
		kmstest.Disabled:        "key disabled | aws kms enable-key --key-id arn:",
		kmstest.PendingDeletion: "key disabled: pending deletion | aws kms cancel-key-deletion --key-id arn:",
		kmstest.PendingImport:   "its key material is not imported",
		kmstest.Unavailable:     "its custom key store is not connected",
	} {
		t.Run(string(state), func(t *testing.T) {
			s := start(t)
			key := s.CreateKey(ireland)
			r := named(s.SetAlias("prod", key))
			k, w := wrapped(t, r)
			s.SetState(key, state)
			kind := keys.Disabled
			if state == kmstest.Unavailable {
				kind = keys.Unreachable // until its store is connected again
			}
			refuses(t, quick(), r, w, kind, want)
			_, err := quick().Wrap(t.Context(), r, keystest.Context(), k)
			failed(t, err, kind, want)
		})
	}
	s := start(t)
	key := s.CreateKey(ireland)
	r := named(s.SetAlias("prod", key))
	_, w := wrapped(t, r)
	s.SetUsage(key, "SIGN_VERIFY", "RSA_2048")
	refuses(t, quick(), r, w, keys.Unsupported, "not a symmetric key for encryption")
	s.DeleteKey(key)
	refuses(t, quick(), r, w, keys.NotFound, "not in eu-west-1")
}

// TestCodes: every error code is told as what it means to the caller.
func TestCodes(t *testing.T) {
	s := start(t)
	r := named(s.CreateKey(ireland))
	_, w := wrapped(t, r)
	for kind, codes := range kinds {
		for _, code := range codes {
			s.Heal()
			s.Inject(kmstest.At{}, kmstest.Code(400, code, "a text\nof two lines"))
			refuses(t, quick(), r, w, kind, "")
		}
	}
	for _, tt := range []struct {
		status        int
		code, message string
		kind          keys.Kind
		want          string
	}{
		{400, "NovelException", "what\nis this", keys.Other, "AWS KMS in eu-west-1 answered NovelException: what is this"},
		{418, "", "", keys.Unreachable, "something else answered"},
		{500, "NovelException", "", keys.Unreachable, "internal fault"},
		{400, "UnrecognizedClientException", "", keys.Expired, "AWS does not know these credentials"},
		{403, "InvalidSignatureException", "", keys.Expired, "a wrong secret access key, or a wrong clock"},
		{400, "AccessDeniedException", "User: arn:aws:iam::111122223333:user/a is not authorized to perform: kms:Decrypt on resource: x with an explicit deny in a service control policy", keys.Denied, "kms:Decrypt is explicitly denied (as arn:aws:iam::111122223333:user/a)"},
		{400, "AccessDeniedException", "User: <script> is not authorized to perform: kms:Decrypt on resource: x", keys.Denied, "for the principal in use"},
		{400, "AccessDeniedException", "User: a is not authorized to perform: s3:GetObject", keys.Denied, "or does not allow kms:Decrypt"},
		{400, "DisabledException", "arn:aws:kms:eu-west-1:999999999999:key/1234abcd-12ab-34cd-56ef-1234567890ab is disabled.", keys.Disabled, "--key-id KEY-ID"},
	} {
		s.Heal()
		s.Inject(kmstest.At{}, kmstest.Code(tt.status, tt.code, tt.message))
		refuses(t, quick(), r, w, tt.kind, tt.want)
	}
}

// TestQuotingService: a service that repeats what it was sent in its error does
// not get the data key into a message.
func TestQuotingService(t *testing.T) {
	s := start(t)
	r := named(s.CreateKey(ireland))
	k, _ := wrapped(t, r)
	quoted := base64.StdEncoding.EncodeToString(k.Bytes()[:])
	s.Inject(kmstest.At{}, kmstest.Code(400, "ValidationException", "Value '"+quoted+"' at 'plaintext' failed to satisfy constraint"))
	_, err := quick().Wrap(t.Context(), r, keystest.Context(), k)
	if e := failed(t, err, keys.Other, "answered ValidationException"); strings.Contains(e.Error(), quoted) {
		t.Error("the error quotes the data key")
	}
}

func TestLongAnswer(t *testing.T) {
	l := &limited{io.NopCloser(strings.NewReader("12345")), 4}
	if b, err := io.ReadAll(l); string(b) != "1234" || err != errTooLong {
		t.Errorf("read %q, %v", b, err)
	}
}

// TestHosts: without an endpoint of the user's own, only hosts of AWS in the
// Region's partition are called, with the user's FIPS and dual-stack switches.
func TestHosts(t *testing.T) {
	const gov, china, sovereign = "us-gov-west-1", "cn-north-1", "eusc-de-east-1"
	for _, tt := range []struct{ region, fips, dual, want string }{
		{ireland, "", "", "kms.eu-west-1.amazonaws.com"},
		{virginia, "true", "", "kms-fips.us-east-1.amazonaws.com"},
		{ireland, "", "true", "kms.eu-west-1.api.aws"},
		{virginia, "true", "true", "kms-fips.us-east-1.api.aws"},
		{gov, "", "", "kms.us-gov-west-1.amazonaws.com"},
		{china, "", "", "kms.cn-north-1.amazonaws.com.cn"},
		{china, "", "true", "kms.cn-north-1.api.amazonwebservices.com.cn"},
		{sovereign, "", "", "kms.eusc-de-east-1.amazonaws.eu"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			s := start(t)
			unset(t, "AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL_STS")
			t.Setenv("AWS_USE_FIPS_ENDPOINT", tt.fips)
			t.Setenv("AWS_USE_DUALSTACK_ENDPOINT", tt.dual)
			p := quick()
			p.dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				if addr != tt.want+":443" {
					t.Errorf("called %s, want %s", addr, tt.want)
				}
				return s.Dial(ctx, network, addr)
			}
			key := s.CreateKey(tt.region)
			k, err := keys.NewDataKey()
			if err != nil {
				t.Fatal(err)
			}
			w, err := p.Wrap(t.Context(), named(key), keystest.Context(), k)
			if err != nil {
				t.Fatal(err)
			}
			opens(t, p, named(key), k, w)
		})
	}
}

func TestGuard(t *testing.T) {
	aws := &guard{suffixes: []string{".amazonaws.com", ".api.aws"}}
	own := &guard{suffixes: aws.suffixes, own: &url.URL{Scheme: "http", Host: "localhost:4566"}}
	for u, want := range map[string]*guard{
		"https://kms.eu-west-1.amazonaws.com/":              aws,
		"https://kms.eu-west-1.api.aws/":                    aws,
		"http://localhost:4566/":                            own,
		"http://kms.eu-west-1.amazonaws.com/":               nil,
		"https://amazonaws.com/":                            nil,
		"https://kms.eu-west-1.amazonaws.com.evil.example/": nil,
		"https://evilamazonaws.com/":                        nil,
		"https://kms.eu-west-1.amazonaws.com:8443/":         nil,
		"https://localhost:4566/":                           nil,
		"http://localhost:4567/":                            nil,
		"https://kms.eu-west-1.amazonaws.eu/":               nil,
	} {
		parsed, err := url.Parse(u)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range []*guard{aws, own} {
			if g.allowed(parsed) != (g == want) {
				t.Errorf("%s: allowed by %v: %v", u, g.own, g.allowed(parsed))
			}
		}
	}
	_, err := aws.Do(&http.Request{URL: &url.URL{Scheme: "https", Host: "evil.example"}})
	q := question{recipient: named(alias), action: "kms:Decrypt"}
	failed(t, q.explain(&smithy.OperationError{Err: err}, &service{place: place{region: ireland}}), keys.Consent, `host "evil.example" is not one of AWS`)
}

// TestOwnEndpoint: the endpoint may come from a profile, too.
func TestOwnEndpoint(t *testing.T) {
	s := start(t)
	r := named(s.CreateKey(ireland))
	k, w := wrapped(t, r)
	profiles(t, s, "[profile lab]\nservices = lab\naws_access_key_id = "+env(s, "AWS_ACCESS_KEY_ID")+"\naws_secret_access_key = "+env(s, "AWS_SECRET_ACCESS_KEY")+
		"\n[services lab]\nkms =\n  endpoint_url = "+s.URL+"\n")
	unset(t, "AWS_ENDPOINT_URL_KMS")
	opens(t, quickAs("lab"), r, k, w)
}
