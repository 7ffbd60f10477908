// Package vaulttest is a fake of what Azure offers to those who keep keys there:
// Key Vault and Managed HSM with real keys, Entra's token endpoint, and the
// metadata service of a virtual machine, all on the loopback interface.
//
// A test process reaches it by Transport, which leads every host name there, or
// starts other processes with Env, for which it is one private vault. It does
// what the services document and no more; a test says what goes wrong.
package vaulttest

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// What the credentials of Env are.
const (
	Tenant = "11111111-2222-4333-8444-555555555555"
	// Secret is the client secret of every application.
	Secret = "not-a-secret"
	// AppID is the application of Env; it may do everything until a test denies it.
	AppID = "aaaaaaaa-0000-4000-8000-000000000001"
)

// Op is what a request is for.
type Op string

// Operations that are counted, denied, and given faults. A challenge is the
// answer to a request without a token.
const (
	Get       Op = "get"
	WrapKey   Op = "wrapKey"
	UnwrapKey Op = "unwrapKey"
	Challenge Op = "challenge"
	Token     Op = "token"    // Entra's token endpoint
	Metadata  Op = "metadata" // a managed identity's token
)

// Server is the fake. It is safe for concurrent use.
type Server struct {
	tls, plain *httptest.Server
	authority  *authority
	dir        string
	done       chan struct{} // closed when hanging requests have to end
	once       sync.Once

	mu       sync.Mutex
	keys     map[string]*key
	denied   map[deniedKey]Denial
	faults   []*injected
	calls    map[Op]int
	arrived  *sync.Cond // a call was counted
	identity string     // the machine's managed identity, "" if it has none
	neighbor bool       // another cloud's metadata service answers
	resource string     // what a private vault's challenge asks a token for
}

// New starts a Server that lives as long as the test.
func New(t testing.TB) *Server {
	t.Helper()
	s, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Start starts a Server, to be closed by the caller.
func Start() (*Server, error) {
	ca, err := newAuthority()
	if err != nil {
		return nil, fmt.Errorf("vaulttest: make a certificate: %w", err)
	}
	dir, err := os.MkdirTemp("", "vaulttest")
	if err != nil {
		return nil, err
	}
	s := &Server{
		authority: ca, dir: dir, done: make(chan struct{}),
		keys: map[string]*key{}, denied: map[deniedKey]Denial{}, calls: map[Op]int{},
		resource: "https://vault.azure.net",
	}
	s.arrived = sync.NewCond(&s.mu)
	if err := os.WriteFile(s.CAFile(), ca.pem, 0o600); err != nil {
		return nil, err
	}
	s.tls = s.listen()
	s.tls.TLS = &tls.Config{Certificates: []tls.Certificate{ca.leaf}}
	s.tls.StartTLS()
	s.plain = s.listen()
	s.plain.Start()
	return s, nil
}

func (s *Server) listen() *httptest.Server {
	server := httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that hang up are the point of many tests
	return server
}

// Close stops the server and forgets its keys.
func (s *Server) Close() {
	s.once.Do(func() {
		close(s.done)
		s.tls.Close()
		s.plain.Close()
		_ = os.RemoveAll(s.dir)
	})
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/keys/"):
		s.serveKey(w, r)
	case r.URL.Path == "/metadata/identity/oauth2/token", r.URL.Path == identityPath:
		s.serveIdentity(w, r)
	default:
		s.serveEntra(w, r)
	}
}

// URL is the server's address as one private vault.
func (s *Server) URL() string { return "https://" + s.Host() }

// Host is what envelope.azureHost has to allow: a host with a port.
func (s *Server) Host() string { return s.tls.Listener.Addr().String() }

// KeyURL names the newest version of a key.
func (s *Server) KeyURL(name string) string { return s.URL() + "/keys/" + name }

// CAFile holds the certificate to be trusted, CAPEM is what it holds.
func (s *Server) CAFile() string { return filepath.Join(s.dir, "ca.pem") }

// CAPEM is for those who have to trust more than this server.
func (s *Server) CAPEM() []byte { return s.authority.pem }

// Env is the environment, as NAME=value, in which a process uses this server
// with the application AppID. It works where Go honours SSL_CERT_FILE: not on
// macOS and Windows.
func (s *Server) Env() []string {
	return []string{
		"AZURE_AUTHORITY_HOST=" + s.URL() + "/",
		"AZURE_TENANT_ID=" + Tenant,
		"AZURE_CLIENT_ID=" + AppID,
		"AZURE_CLIENT_SECRET=" + Secret,
		"AZURE_TOKEN_CREDENTIALS=EnvironmentCredential",
		"SSL_CERT_FILE=" + s.CAFile(),
	}
}

// IdentityEnv is the environment of a process on an App Service, whose managed
// identity comes from an endpoint that the environment names (see SetIdentity).
func (s *Server) IdentityEnv() []string {
	return []string{
		"IDENTITY_ENDPOINT=" + s.plain.URL + identityPath,
		"IDENTITY_HEADER=" + Secret,
		"SSL_CERT_FILE=" + s.CAFile(),
	}
}

// Transport leads every request to this server, whatever host it names, so that
// keys of Azure's own hosts can be tested. Nothing leaves the machine by it.
func (s *Server) Transport() *http.Transport {
	return &http.Transport{
		DialContext:     s.dial,
		TLSClientConfig: &tls.Config{RootCAs: s.authority.pool, MinVersion: tls.VersionTLS12},
	}
}

// Count is how many requests for an operation arrived, whatever their outcome.
func (s *Server) Count(op Op) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[op]
}

// Requests is how many requests arrived, for anything.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.calls {
		n += c
	}
	return n
}

// ResetCounts starts counting anew.
func (s *Server) ResetCounts() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.calls)
}

func (s *Server) count(op Op) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[op]++
	s.arrived.Broadcast()
}

// plainAddress is the address of the one listener without TLS.
func (s *Server) plainAddress() string { return s.plain.Listener.Addr().String() }

var errNoRoute = &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("no route to host")}

// Await returns when at least n requests for an operation have arrived.
func (s *Server) Await(op Op, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.calls[op] < n {
		s.arrived.Wait()
	}
}
