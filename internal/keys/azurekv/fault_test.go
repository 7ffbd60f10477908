package azurekv_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv/vaulttest"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

const otherKey = "https://acme-prod.vault.azure.net/keys/other/0123456789abcdef0123456789abcdef"

// faults are what a service or something before it may answer to an unwrap.
var faults = []struct {
	name  string
	fault vaulttest.Fault
	kind  keys.Kind
	says  string
}{
	{"wrong plaintext", vaulttest.WrongPlain, keys.Tampered, "another repository, ring or key id"},
	{"short plaintext", vaulttest.ShortPlain, keys.Tampered, "63 bytes"},
	{"long plaintext", vaulttest.LongPlain, keys.Tampered, "65 bytes"},
	{"empty plaintext", vaulttest.EmptyPlain, keys.Tampered, "0 bytes"},
	{"zeros", vaulttest.ZeroPlain, keys.Tampered, ""},
	{"another key's answer", vaulttest.WrongKid(otherKey), keys.Tampered, "used another key"},
	{"no key id", vaulttest.WrongKid(""), keys.Tampered, "used another key"},
	{"key id without version", vaulttest.WrongKid(vault + "git"), keys.Tampered, "used another key"},
	{"throttled", vaulttest.Throttle(0), keys.Throttled, "too many requests"},
	{"throttled for long", vaulttest.Throttle(time.Hour), keys.Throttled, "too many requests"},
	{"internal error", vaulttest.Internal, keys.Unreachable, "answers 500"},
	{"reset", vaulttest.Reset, keys.Unreachable, ""},
	{"truncated", vaulttest.Truncated, keys.Unreachable, "broke off"},
	{"flood", vaulttest.Flood, keys.Unreachable, "1048576 bytes"},
	{"captive portal", vaulttest.HTML, keys.Unreachable, "captive portal"},
	{"garbage", vaulttest.Garbage, keys.Unreachable, "captive portal"},
	{"redirect", vaulttest.Redirect("https://portal.example.com/login"), keys.Unreachable, "captive portal"},
	{"disabled", vaulttest.Refuse(403, "Forbidden", "KeyDisabled", "Operation unwrapKey is not allowed on a disabled key."), keys.Disabled, "disabled"},
	{"not yet valid", vaulttest.Refuse(403, "Forbidden", "KeyNotYetValid", "Operation is not allowed on a key that is not yet valid."), keys.Disabled, "time it is valid"},
	{"soft-deleted", vaulttest.SoftDeleted, keys.Disabled, "az keyvault key recover"},
	{"gone", vaulttest.Refuse(404, "KeyNotFound", "", "A key with (name/id) git was not found in this key vault."), keys.NotFound, "az keyvault key recover"},
	{"role", vaulttest.Refuse(403, "Forbidden", "ForbiddenByRbac", "Caller is not authorized to perform action on resource.\r\n"), keys.Denied, `"Key Vault Crypto User"`},
	{"access policy", vaulttest.Refuse(403, "Forbidden", "ForbiddenByPolicy", "does not have keys unwrapKey permission"), keys.Denied, "key permission unwrapKey"},
	{"firewall", vaulttest.Refuse(403, "Forbidden", "ForbiddenByFirewall", "Client address is not authorized"), keys.Denied, "firewall"},
	{"private endpoint", vaulttest.Refuse(403, "Forbidden", "ForbiddenByConnection", "Public network access is disabled"), keys.Denied, "private"},
	{"operation forbidden", vaulttest.Refuse(403, "Forbidden", "KeyOperationForbidden", "Operation unwrap is not permitted on this key."), keys.Unsupported, "does not permit unwrapKey"},
	{"forbidden somehow", vaulttest.Refuse(403, "Forbidden", "", "No."), keys.Denied, "unwrap/action"},
	{"token expired", vaulttest.Refuse(401, "Unauthorized", "", "[TokenExpired] Error validating token: 'S2S12086'."), keys.Expired, "az login"},
	{"token of another tenant", vaulttest.Refuse(401, "Unauthorized", "", "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/1/, found https://sts.windows.net/2/."), keys.Denied, "another tenant"},
	{"unauthorized by no vault", vaulttest.BadChallenge(""), keys.Unreachable, "captive portal"},
	{"old protocol", vaulttest.Refuse(400, "BadParameter", "", "The specified version (2025-07-01) is not recognized. Consider using the latest supported version (7.4)."), keys.Unsupported, "protocol"},
	{"bad parameter", vaulttest.Refuse(400, "BadParameter", "", "The parameter is incorrect.\r\n"), keys.Tampered, "does not open it"},
	{"unheard of", vaulttest.Refuse(418, "Teapot", "", "short\nand stout"), keys.Other, "418 Teapot"},
}

func TestUnwrapFaults(t *testing.T) {
	s := vaulttest.New(t)
	for _, tt := range faults {
		name := strings.NewReplacer(" ", "-", "'", "").Replace(tt.name)
		s.AddKey(name, vaulttest.RSA2048)
		r := recipient(vault + name)
		k, w := wrapped(t, s, r)
		s.Inject(vaulttest.UnwrapKey, name, tt.fault)
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := provider(s).Unwrap(t.Context(), r, keystest.Context(), w)
			if got != nil {
				t.Fatalf("opened, the right key: %v", got.Equal(k))
			}
			e := failed(t, err, tt.kind, tt.says)
			if e.Recipient != r.Display() {
				t.Errorf("recipient %q", e.Recipient)
			}
			if wantPrincipal := tt.kind == keys.Denied; (e.Principal != "") != wantPrincipal {
				t.Errorf("principal %q", e.Principal)
			}
		})
	}
}

// TestAttempts: three for what may pass, one for what won't.
func TestAttempts(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	r := recipient(vault + "git")
	k, w := wrapped(t, s, r)
	for _, tt := range []struct {
		name  string
		fault vaulttest.Fault
		want  int
	}{
		{"internal error", vaulttest.Internal, 3},
		{"throttled", vaulttest.Throttle(time.Second), 3},
		{"throttled for longer than we wait", vaulttest.Throttle(2 * time.Second), 1},
		{"portal", vaulttest.HTML, 1},
		{"denied", vaulttest.Refuse(403, "Forbidden", "ForbiddenByRbac", "no"), 1},
		{"bad parameter", vaulttest.Refuse(400, "BadParameter", "", "no"), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.Mend()
			s.Inject(vaulttest.UnwrapKey, "git", tt.fault)
			s.ResetCounts()
			if _, err := provider(s).Unwrap(t.Context(), r, keystest.Context(), w); err == nil {
				t.Fatal("opened")
			}
			if n := s.Count(vaulttest.UnwrapKey); n != tt.want {
				t.Errorf("%d attempts, want %d", n, tt.want)
			}
		})
	}
	t.Run("passes", func(t *testing.T) {
		s.Mend()
		s.InjectTimes(1, vaulttest.UnwrapKey, "git", vaulttest.Throttle(0))
		if got, err := provider(s).Unwrap(t.Context(), r, keystest.Context(), w); err != nil || !got.Equal(k) {
			t.Error(err)
		}
	})
}

// TestPauseBeyondDeadline: who can't wait for the end of a pause hears why.
func TestPauseBeyondDeadline(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	r := recipient(vault + "git")
	_, w := wrapped(t, s, r)
	s.Inject(vaulttest.UnwrapKey, "git", vaulttest.Throttle(time.Second))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := provider(s).Unwrap(ctx, r, keystest.Context(), w)
	failed(t, err, keys.Throttled)
	if ctx.Err() != nil {
		t.Error("waited all the same")
	}
}

func TestHang(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	r := recipient(vault + "git")
	_, w := wrapped(t, s, r)
	for _, op := range []vaulttest.Op{vaulttest.Challenge, vaulttest.UnwrapKey} {
		s.Mend()
		s.Inject(op, "git", vaulttest.Hang)
		t.Run("deadline, "+string(op), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			_, err := provider(s).Unwrap(ctx, r, keystest.Context(), w)
			failed(t, err, keys.Unreachable, "no answer in time")
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v is no context.DeadlineExceeded", err)
			}
		})
		t.Run("cancelled, "+string(op), func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			s.ResetCounts()
			go func() {
				_, err := provider(s).Unwrap(ctx, r, keystest.Context(), w)
				done <- err
			}()
			s.Await(op, 1)
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}

func TestSlowLogin(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	r := recipient(vault + "git")
	_, w := wrapped(t, s, r)
	setenv(t, s.Env())
	s.Inject(vaulttest.Token, "", vaulttest.Hang)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	p := provider(s, func(o *azurekv.Options) { o.Credential, o.AuthorityHost = nil, s.URL() })
	_, err := p.Unwrap(ctx, r, keystest.Context(), w)
	failed(t, err, keys.Unreachable, "no login in time", "AZURE_TOKEN_CREDENTIALS")
}

// TestNoNetwork: faults below HTTP name what failed and no more.
func TestNoNetwork(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	r := recipient(vault + "git")
	_, w := wrapped(t, s, r)
	for _, tt := range []struct {
		name string
		err  error
		says string
	}{
		{"no such host", &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "acme-prod.vault.azure.net", IsNotFound: true}}, "no address found for acme-prod.vault.azure.net"},
		{"refused", &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}, "dial: connection refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := provider(s, func(o *azurekv.Options) { o.Transport = broken{tt.err} })
			_, err := p.Unwrap(t.Context(), r, keystest.Context(), w)
			failed(t, err, keys.Unreachable, tt.says)
			// Who has no login at all does not wait for a network.
			p = provider(s, func(o *azurekv.Options) { o.Transport, o.Credential = broken{tt.err}, nobody{} })
			_, err = p.Unwrap(t.Context(), r, keystest.Context(), w)
			failed(t, err, keys.NoIdentity, "az login")
		})
	}
	t.Run("certificate", func(t *testing.T) {
		transport := s.Transport()
		transport.TLSClientConfig = nil
		p := provider(s, func(o *azurekv.Options) { o.Transport = transport })
		_, err := p.Unwrap(t.Context(), r, keystest.Context(), w)
		failed(t, err, keys.Unreachable, "certificate is not trusted")
	})
}

type broken struct{ err error }

func (b broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, b.err }

// TestBadChallenges: what asks for a token is not believed. The SDK's own parser
// panics at some of these.
func TestBadChallenges(t *testing.T) {
	for _, tt := range []struct {
		name, header string
		kind         keys.Kind
		says         string
	}{
		{"none", "", keys.Unreachable, "captive portal"},
		{"authority without tenant", `Bearer authorization="https://login.microsoftonline.com", resource="https://vault.azure.net"`, keys.Unreachable, "captive portal"},
		{"authority that is none", `Bearer authorization="x", resource="https://vault.azure.net"`, keys.Unreachable, "captive portal"},
		{"two authorities", `Bearer authorization="https://login.microsoftonline.com/t", authorization=x resource="https://vault.azure.net"`, keys.Unreachable, "captive portal"},
		{"empty authority", `Bearer authorization="" resource="https://vault.azure.net"`, keys.Unreachable, "captive portal"},
		{"another domain", `Bearer authorization="https://login.microsoftonline.com/t", resource="https://management.azure.com"`, keys.Denied, "refused a token"},
		{"the parent domain", `Bearer authorization="https://login.microsoftonline.com/t", resource="https://azure.net"`, keys.Denied, "refused a token"},
		{"a scope beside", `Bearer authorization="https://login.microsoftonline.com/t", scope="https://azure.net/.default" resource="https://vault.azure.net"`, keys.Denied, "refused a token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := vaulttest.New(t)
			s.AddKey("git", vaulttest.RSA2048)
			s.Inject(vaulttest.Challenge, "", vaulttest.BadChallenge(tt.header))
			l := &login{server: s, principal: vaulttest.AppID}
			p := provider(s, func(o *azurekv.Options) { o.Credential = l })
			_, err := p.Wrap(t.Context(), recipient(vault+"git"), keystest.Context(), newKey(t))
			failed(t, err, tt.kind, tt.says)
			if len(l.scopes) > 0 {
				t.Errorf("a token was fetched for %q", l.scopes)
			}
		})
	}
}

// challenger asks for a token, whatever it is sent.
type challenger string

func (c challenger) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusUnauthorized, Header: http.Header{"Www-Authenticate": {string(c)}}, Body: http.NoBody, Request: r}, nil
}

// FuzzChallenge: nothing that a host may say makes the SDK panic, or hands out a
// token for another service.
func FuzzChallenge(f *testing.F) {
	for _, seed := range []string{
		`Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"`,
		`Bearer authorization="https://login.microsoftonline.com" resource="https://vault.azure.net"`,
		`Bearer authorization=//x scope=https://vault.azure.net/.default`,
		`Bearer authorization="x", authorization="https://a/b", error="insufficient_claims", claims="e30="`,
		"Bearer authorization=\"a\"/\tb//\" resource=x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		l := &scopes{}
		p := azurekv.New(azurekv.Options{Transport: challenger(header), Credential: l})
		r := recipient(vault + "git")
		if _, err := p.Wrap(t.Context(), r, keystest.Context(), newKey(t)); err == nil {
			t.Error("wrapped")
		}
		for _, scope := range l.seen {
			if scope != "https://vault.azure.net/.default" {
				t.Errorf("a token was fetched for %q", scope)
			}
		}
	})
}

// scopes notes what tokens are asked for, and has one.
type scopes struct{ seen []string }

func (s *scopes) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	s.seen = append(s.seen, o.Scopes...)
	return azcore.AccessToken{Token: "opaque", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// TestHostileHost: a host that the user allowed gets tokens for keys only.
func TestHostileHost(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	r := recipient("https://vault.example/keys/git")
	for _, resource := range []string{"https://management.azure.com", "https://graph.microsoft.com", "https://vault.azure.net/x", "https://vault.azure.net.example.com", "https://storage.azure.com"} {
		s.SetResource(resource)
		l := &login{server: s, principal: vaulttest.AppID}
		p := provider(s, func(o *azurekv.Options) { o.Credential, o.AllowHosts = l, []string{"vault.example"} })
		_, err := p.Wrap(t.Context(), r, keystest.Context(), newKey(t))
		failed(t, err, keys.Denied, "refused a token", resource)
		if len(l.scopes) > 0 {
			t.Errorf("a token was fetched for %q", l.scopes)
		}
	}
	s.SetResource("https://managedhsm.azure.net")
	p := provider(s, func(o *azurekv.Options) { o.AllowHosts = []string{"vault.example"} })
	if _, err := p.Wrap(t.Context(), r, keystest.Context(), newKey(t)); err != nil {
		t.Error(err)
	}
}

// TestUnknownHost: nothing is asked of a host the user did not allow, not even
// whether it is there.
func TestUnknownHost(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	for _, host := range []string{s.Host(), "vault.example", "acme.vault.azure.net.example.com", "a.b.vault.azure.net", "vault.azure.net", "acme.vault.microsoftazure.de", "acmevault.azure.net"} {
		l := &login{server: s, principal: vaulttest.AppID}
		p := provider(s, func(o *azurekv.Options) {
			o.Credential, o.AllowHosts = l, []string{"other.example", "", "vault.example:8443", "/", "https://" + s.Host(), "example", ".example"}
		})
		r := recipient("https://" + host + "/keys/git")
		if err := p.Check(r); err != nil {
			t.Errorf("Check: %v", err)
		}
		hint := "git config --global --add envelope.azureHost " + host
		_, err := p.Wrap(t.Context(), r, keystest.Context(), newKey(t))
		failed(t, err, keys.Consent, hint)
		_, err = p.Unwrap(t.Context(), r, keystest.Context(), keys.Wrapped{Key: r.URI + "/0123456789abcdef0123456789abcdef", Algorithm: "RSA-OAEP-256", Ciphertext: make([]byte, 256)})
		failed(t, err, keys.Consent, hint)
		_, err = p.Principal(t.Context(), r)
		failed(t, err, keys.Consent, hint)
		if len(l.scopes) > 0 {
			t.Errorf("a token was fetched for %q", l.scopes)
		}
	}
	if n := s.Requests(); n != 0 {
		t.Errorf("%d requests", n)
	}
	p := provider(s, func(o *azurekv.Options) { o.AllowHosts = []string{" " + strings.ToUpper(s.Host())} })
	if _, err := p.Wrap(t.Context(), recipient(s.KeyURL("git")), keystest.Context(), newKey(t)); err != nil {
		t.Error(err)
	}
}
