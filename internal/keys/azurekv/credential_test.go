package azurekv_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv/vaulttest"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

// setenv makes the environment hold what is given and nothing else that an Azure
// credential looks at; PATH leads to no program.
func setenv(t *testing.T, env []string) {
	t.Helper()
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		for _, prefix := range []string{"AZURE_", "IDENTITY_", "IMDS_", "MSI_", "DEFAULT_IDENTITY"} {
			if strings.HasPrefix(name, prefix) {
				unset(t, name)
			}
		}
	}
	t.Setenv("PATH", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		t.Setenv(name, value)
	}
}

func unset(t *testing.T, name string) {
	t.Helper()
	t.Setenv(name, "") // so that it comes back after the test
	if err := os.Unsetenv(name); err != nil {
		t.Fatal(err)
	}
}

// credentialed is a provider with the credentials of the environment.
func credentialed(s *vaulttest.Server) *azurekv.Provider {
	return provider(s, func(o *azurekv.Options) { o.Credential, o.AuthorityHost = nil, s.URL()+"/" })
}

func write(t *testing.T, name, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

const person = "ann@example.com"

// fakeAz puts an az command on PATH that prints a token, or fails with a text.
func fakeAz(t *testing.T, s *vaulttest.Server, fails string) {
	t.Helper()
	answer, err := json.Marshal(map[string]any{"accessToken": s.NewToken(person, "https://vault.azure.net"), "expires_on": time.Now().Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\ncase \"$*\" in\n'account get-access-token -o json --resource https://vault.azure.net'*) ;;\n*) echo \"unexpected: $*\" >&2; exit 2;;\nesac\necho '" + string(answer) + "'\n"
	if fails != "" {
		script = "#!/bin/sh\necho '" + fails + "' >&2\nexit 1\n"
	}
	program(t, "az", script)
}

// program puts a shell script on PATH, alone.
func program(t *testing.T, name, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	t.Setenv("PATH", filepath.Dir(write(t, name, script, 0o755)))
}

// certificate is an application's key and certificate.
func certificate(t *testing.T) []byte {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
}

// TestCredentials: each kind opens a key, and is named as whom it is.
func TestCredentials(t *testing.T) {
	// The SDK keeps tokens of managed identities for the whole process, so each
	// test has another one.
	const (
		service = "bbbbbbbb-0000-4000-8000-000000000001"
		machine = "bbbbbbbb-0000-4000-8000-000000000002"
		chosen  = "bbbbbbbb-0000-4000-8000-000000000003"
	)
	app := "appid " + vaulttest.AppID
	for _, tt := range []struct {
		name string
		set  func(*testing.T, *vaulttest.Server)
		want string
	}{
		{"client secret", func(t *testing.T, s *vaulttest.Server) { setenv(t, s.Env()) }, app},
		{"client secret among all", func(t *testing.T, s *vaulttest.Server) {
			setenv(t, s.Env())
			unset(t, "AZURE_TOKEN_CREDENTIALS")
		}, app},
		{"workload identity", func(t *testing.T, s *vaulttest.Server) {
			setenv(t, []string{"AZURE_TENANT_ID=" + vaulttest.Tenant, "AZURE_CLIENT_ID=" + vaulttest.AppID,
				"AZURE_FEDERATED_TOKEN_FILE=" + write(t, "token", "from.kubernetes.x", 0o600)})
		}, app},
		{"managed identity of an app service", func(t *testing.T, s *vaulttest.Server) {
			setenv(t, append(s.IdentityEnv(), "AZURE_CLIENT_ID="+service))
			s.SetIdentity(service)
		}, "appid " + service},
		{"managed identity, no other tried", func(t *testing.T, s *vaulttest.Server) {
			setenv(t, []string{"AZURE_CLIENT_ID=" + chosen, "AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential"})
			s.SetIdentity(chosen)
		}, "appid " + chosen},
		{"managed identity of a virtual machine", func(t *testing.T, s *vaulttest.Server) {
			setenv(t, nil)
			s.SetIdentity(machine)
		}, "appid " + machine},
		{"az", func(t *testing.T, s *vaulttest.Server) {
			setenv(t, nil)
			fakeAz(t, s, "")
		}, person},
		{"client certificate", func(t *testing.T, s *vaulttest.Server) {
			setenv(t, []string{"AZURE_TENANT_ID=" + vaulttest.Tenant, "AZURE_CLIENT_ID=" + vaulttest.AppID,
				"AZURE_CLIENT_CERTIFICATE_PATH=" + write(t, "client.pem", string(certificate(t)), 0o600)})
		}, app},
		{"azd", func(t *testing.T, s *vaulttest.Server) {
			setenv(t, nil)
			token := fmt.Sprintf(`{"token":%q,"expiresOn":"2099-01-01T00:00:00Z"}`, s.NewToken(person, "https://vault.azure.net"))
			program(t, "azd", "#!/bin/sh\necho '"+token+"'\n")
		}, person},
		{"az beside another cloud's metadata service", func(t *testing.T, s *vaulttest.Server) {
			setenv(t, nil)
			s.SetNeighbor(true)
			fakeAz(t, s, "")
		}, person},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := vaulttest.New(t)
			s.AddKey("git", vaulttest.RSA2048)
			r := recipient(vault + "git")
			k, w := wrapped(t, s, r)
			tt.set(t, s)
			p := credentialed(s)
			if got, err := p.Unwrap(t.Context(), r, keystest.Context(), w); err != nil || !got.Equal(k) {
				t.Fatal(err)
			}
			who, err := p.Principal(t.Context(), r)
			if err != nil || !strings.HasPrefix(who, tt.want) || !strings.Contains(who, " oid ") {
				t.Errorf("Principal: %q, %v; want %q", who, err, tt.want)
			}
		})
	}
}

// TestLoginFaults: a login that fails says how to mend it. A machine without any
// credentials is not a network fault.
func TestLoginFaults(t *testing.T) {
	env := func(t *testing.T, s *vaulttest.Server) { setenv(t, s.Env()) }
	entra := func(f vaulttest.Fault) func(*testing.T, *vaulttest.Server) {
		return func(t *testing.T, s *vaulttest.Server) {
			env(t, s)
			s.Inject(vaulttest.Token, "", f)
		}
	}
	az := func(text string) func(*testing.T, *vaulttest.Server) {
		return func(t *testing.T, s *vaulttest.Server) {
			setenv(t, nil)
			fakeAz(t, s, text)
		}
	}
	for _, tt := range []struct {
		name string
		set  func(*testing.T, *vaulttest.Server)
		kind keys.Kind
		says string
	}{
		{"nothing at hand", func(t *testing.T, _ *vaulttest.Server) { setenv(t, nil) }, keys.NoIdentity, "az login"},
		{"nothing but another cloud's metadata service", func(t *testing.T, s *vaulttest.Server) {
			setenv(t, nil)
			s.SetNeighbor(true)
		}, keys.NoIdentity, "az login"},
		{"managed identity asked for where there is none", func(t *testing.T, _ *vaulttest.Server) {
			setenv(t, []string{"AZURE_CLIENT_ID=" + vaulttest.AppID, "AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential"})
		}, keys.NoIdentity, "no managed identity"},
		{"another managed identity than the machine has", func(t *testing.T, s *vaulttest.Server) {
			setenv(t, []string{"AZURE_CLIENT_ID=" + vaulttest.AppID})
			s.SetIdentity("bbbbbbbb-0000-4000-8000-000000000002")
		}, keys.NoIdentity, "AZURE_CLIENT_ID"},
		{"another managed identity than the app service has", func(t *testing.T, s *vaulttest.Server) {
			setenv(t, append(s.IdentityEnv(), "AZURE_CLIENT_ID=cccccccc-0000-4000-8000-000000000001"))
			s.SetIdentity("bbbbbbbb-0000-4000-8000-000000000002")
		}, keys.NoIdentity, "AZURE_CLIENT_ID"},
		{"AZURE_TOKEN_CREDENTIALS misspelt", func(t *testing.T, _ *vaulttest.Server) { setenv(t, []string{"AZURE_TOKEN_CREDENTIALS=azure"}) }, keys.NoIdentity, "unset AZURE_TOKEN_CREDENTIALS"},
		{"token file missing", func(t *testing.T, _ *vaulttest.Server) {
			setenv(t, []string{"AZURE_TENANT_ID=" + vaulttest.Tenant, "AZURE_CLIENT_ID=" + vaulttest.AppID, "AZURE_FEDERATED_TOKEN_FILE=/nonexistent"})
		}, keys.NoIdentity, "open /nonexistent: no such file or directory"},
		{"an answer that is no JSON", entra(vaulttest.Garbage), keys.Unreachable, "something else answered"},
		{"an answer without end", entra(vaulttest.Flood), keys.Unreachable, "something else answered"},
		{"a timeout of the service", entra(vaulttest.Refuse(http.StatusRequestTimeout, "", "", "")), keys.Unreachable, "answers 408"},
		{"wrong secret", func(t *testing.T, s *vaulttest.Server) {
			env(t, s)
			t.Setenv("AZURE_CLIENT_SECRET", "wrong")
		}, keys.Denied, "AADSTS7000215"},
		{"secret expired", entra(vaulttest.Login(7000222)), keys.Expired, "AZURE_CLIENT_SECRET"},
		{"assertion expired", entra(vaulttest.Login(700024)), keys.Expired, "AZURE_FEDERATED_TOKEN_FILE"},
		{"application not in the tenant", entra(vaulttest.Login(700016)), keys.Denied, "AADSTS700016"},
		{"another tenant", func(t *testing.T, s *vaulttest.Server) {
			env(t, s)
			t.Setenv("AZURE_TENANT_ID", "99999999-2222-4333-8444-555555555555")
		}, keys.Denied, "tenant"},
		{"Entra unavailable", entra(vaulttest.Login(90033)), keys.Unreachable, "not available"},
		{"Entra down", entra(vaulttest.Internal), keys.Unreachable, "answers 500"},
		{"Entra throttles", entra(vaulttest.Throttle(time.Hour)), keys.Throttled, "login"},
		{"Entra resets", entra(vaulttest.Reset), keys.Unreachable, "login"},
		{"portal", entra(vaulttest.HTML), keys.Unreachable, "login: something else answered"},
		{"Entra refuses in its own words", entra(vaulttest.Refuse(400, "invalid_client", "", "no")), keys.Denied, "(400)"},
		{"portal that refuses", entra(func(_ *vaulttest.Server, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			http.Error(w, "<html>Pay first.</html>", http.StatusPaymentRequired)
		}), keys.Unreachable, "login: something else answered"},
		{"az not logged in", az(`ERROR: Please run "az login" to setup account.`), keys.NoIdentity, "az login"},
		{"az expired", az("ERROR: AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks. Trace ID: 0\nInteractive authentication is needed. Please run: az login"), keys.Expired, "az login"},
		{"az needs a second factor", az("Run this command then retry the operation: az login --claims-challenge eyJhY2Nlc3Nf"), keys.Expired, "az login"},
		{"az offline", az("HTTPSConnectionPool(host=login.microsoftonline.com, port=443): Max retries exceeded with url: /organizations (Caused by NewConnectionError)"), keys.Unreachable, "az"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := vaulttest.New(t)
			s.AddKey("git", vaulttest.RSA2048)
			r := recipient(vault + "git")
			_, w := wrapped(t, s, r)
			tt.set(t, s)
			_, err := credentialed(s).Unwrap(t.Context(), r, keystest.Context(), w)
			e := failed(t, err, tt.kind, tt.says)
			if !tt.kind.Transient() && e.Hint == "" {
				t.Errorf("no hint with %v", err)
			}
			_, whoErr := credentialed(s).Principal(t.Context(), r)
			failed(t, whoErr, tt.kind)
		})
	}
}

// blackhole swallows what is sent to the metadata service, as a network does
// that has none.
type blackhole struct{ http.RoundTripper }

func (b blackhole) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == "169.254.169.254" {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return b.RoundTripper.RoundTrip(r)
}

// TestSilentMetadata: a machine whose network swallows what is sent to the
// metadata service has no identity; it is not out of reach.
func TestSilentMetadata(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	r := recipient(vault + "git")
	_, w := wrapped(t, s, r)
	setenv(t, nil)
	p := provider(s, func(o *azurekv.Options) { o.Credential, o.Transport = nil, blackhole{s.Transport()} })
	_, err := p.Unwrap(t.Context(), r, keystest.Context(), w)
	failed(t, err, keys.NoIdentity, "az login")
}

// hosts notes which hosts are asked.
type hosts struct {
	http.RoundTripper
	mu   sync.Mutex
	seen []string
}

func (h *hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	h.seen = append(h.seen, r.URL.Host)
	h.mu.Unlock()
	return h.RoundTripper.RoundTrip(r)
}

// TestAuthorities: tokens for a sovereign cloud's vault come from that cloud,
// unless the user says otherwise; nobody is asked about a private authority.
func TestAuthorities(t *testing.T) {
	for _, tt := range []struct{ host, set, want string }{
		{"acme.vault.azure.net", "", "login.microsoftonline.com"},
		{"acme.managedhsm.azure.net", "", "login.microsoftonline.com"},
		{"acme.vault.azure.cn", "", "login.chinacloudapi.cn"},
		{"acme.managedhsm.azure.cn", "", "login.chinacloudapi.cn"},
		{"acme.vault.usgovcloudapi.net", "", "login.microsoftonline.us"},
		{"acme.managedhsm.usgovcloudapi.net", "", "login.microsoftonline.us"},
		{"vault.example", "", "login.microsoftonline.com"},
		{"acme.vault.azure.net", "https://login.example.com/", "login.example.com"},
		{"acme.vault.azure.cn", "login.example.com", "login.example.com"},
		{"acme.vault.azure.net", "https://login.microsoftonline.us", "login.microsoftonline.us"},
	} {
		t.Run(tt.host+" "+tt.set, func(t *testing.T) {
			s := vaulttest.New(t)
			s.AddKey("git", vaulttest.RSA2048)
			setenv(t, s.Env())
			unset(t, "AZURE_AUTHORITY_HOST") // whose value we are given, not read
			seen := &hosts{RoundTripper: s.Transport()}
			p := provider(s, func(o *azurekv.Options) {
				o.Credential, o.Transport, o.AuthorityHost, o.AllowHosts = nil, seen, tt.set, []string{"vault.example"}
			})
			if _, err := p.Wrap(t.Context(), recipient("https://"+tt.host+"/keys/git"), keystest.Context(), newKey(t)); err != nil {
				t.Error(err)
			}
			if !slices.Contains(seen.seen, tt.want) {
				t.Errorf("asked %q, want %s among them", seen.seen, tt.want)
			}
			for _, host := range seen.seen {
				if tt.want == "login.example.com" && host != tt.want && host != tt.host {
					t.Errorf("asked %s", host)
				}
			}
		})
	}
}

// TestPlainAuthority: secrets are sent to no authority without TLS.
func TestPlainAuthority(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	setenv(t, s.Env())
	p := provider(s, func(o *azurekv.Options) { o.Credential, o.AuthorityHost = nil, "http://login.example.com" })
	_, err := p.Wrap(t.Context(), recipient(vault+"git"), keystest.Context(), newKey(t))
	failed(t, err, keys.NoIdentity, "AZURE_AUTHORITY_HOST")
	if n := s.Count(vaulttest.Token); n != 0 {
		t.Errorf("%d tokens asked for", n)
	}
}

// TestOneLogin: vaults of one cloud share the search for credentials, however
// many are asked at once.
func TestOneLogin(t *testing.T) {
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	setenv(t, s.Env())
	p := credentialed(s)
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			r := recipient("https://" + string(rune('a'+i%3)) + ".vault.azure.net/keys/git")
			if _, err := p.Wrap(t.Context(), r, keystest.Context(), newKey(t)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := s.Count(vaulttest.Token); n != 1 {
		t.Errorf("%d tokens fetched, want 1", n)
	}
}
