// Package kmstest is AWS KMS and STS for tests: a TLS server on a loopback
// address that keeps keys, aliases, principals and denials in memory, checks
// signatures and encryption contexts, answers with the error codes and texts of
// the real services, and misbehaves on demand.
//
// It tells by a request's signature which Region and principal it is for, so
// one server stands for every Region. It does not evaluate policies (Deny and
// Role say who may do what), and it knows symmetric keys only.
package kmstest

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// The account everything is in, and who asks with the credentials of Env.
const (
	Account   = "111122223333"
	Principal = "arn:aws:iam::" + Account + ":user/tester"
	Region    = "eu-west-1"

	accessKeyID = "AKIAIOSFODNN7EXAMPLE"
	secretKey   = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// A Server is one fake of AWS. It is safe for concurrent use.
type Server struct {
	URL    string // https://127.0.0.1:PORT
	CAFile string // PEM file of the authority that signed its certificate

	dir     string
	http    *http.Server
	closing chan struct{}
	ended   chan struct{}
	certs   *authority
	once    sync.Once

	mu         sync.Mutex
	keys       map[string]*key   // by key ARN
	aliases    map[string]string // alias ARN: key ARN
	principals map[string]caller // by access key id
	roles      map[string]Role   // by ARN
	denials    []Denial
	faults     []injected
	requests   []Request
}

// A Request is one that was made, as far as the server could read it.
type Request struct {
	Service   string // "kms", "sts"
	Action    string // "Decrypt"
	Region    string
	Principal string // ARN; "" if the credentials are not known
	Key       string // ARN of the key it was about, if found
	Context   map[string]string
	Session   string // AssumeRole's session name
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Start starts a server. The caller closes it.
func Start() (*Server, error) {
	dir, err := os.MkdirTemp("", "kmstest-")
	if err != nil {
		return nil, err
	}
	s := &Server{
		CAFile: filepath.Join(dir, "ca.pem"), dir: dir,
		closing: make(chan struct{}), ended: make(chan struct{}),
		keys: map[string]*key{}, aliases: map[string]string{}, roles: map[string]Role{},
		principals: map[string]caller{accessKeyID: {secretKey, "", Principal}},
	}
	if err := s.listen(); err != nil {
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("start a fake AWS: %w", err)
	}
	return s, nil
}

func (s *Server) listen() (err error) {
	if s.certs, err = newAuthority(); err != nil {
		return err
	}
	if err := os.WriteFile(s.CAFile, s.certs.pem, 0o600); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.URL = "https://" + l.Addr().String()
	s.http = &http.Server{Handler: s, ReadTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	// Version 1.1 only: the faults need the connection itself.
	secure := tls.NewListener(l, &tls.Config{GetCertificate: s.certs.certificate, NextProtos: []string{"http/1.1"}})
	go func() {
		defer close(s.ended)
		_ = s.http.Serve(secure)
	}()
	return nil
}

// Close ends the server, and every request that hangs. It may be called twice.
func (s *Server) Close() {
	s.once.Do(func() {
		close(s.closing)
		_ = s.http.Close()
		<-s.ended
		_ = os.RemoveAll(s.dir)
	})
}

// Env is the environment that makes any AWS client use the server, as
// Principal, and nothing else of the machine's.
func (s *Server) Env() []string {
	return append(s.EnvWithout(), "AWS_ACCESS_KEY_ID="+accessKeyID, "AWS_SECRET_ACCESS_KEY="+secretKey)
}

// EnvWithout is Env without credentials.
func (s *Server) EnvWithout() []string {
	none := filepath.Join(s.dir, "none")
	return []string{
		"AWS_ENDPOINT_URL_KMS=" + s.URL, "AWS_ENDPOINT_URL_STS=" + s.URL, "AWS_CA_BUNDLE=" + s.CAFile,
		"AWS_REGION=" + Region, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + none, "AWS_SHARED_CREDENTIALS_FILE=" + none,
		"AWS_PROFILE=", "AWS_SESSION_TOKEN=", "AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=",
		"AWS_WEB_IDENTITY_TOKEN_FILE=", "AWS_ROLE_ARN=", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=", "AWS_CONTAINER_CREDENTIALS_FULL_URI=",
	}
}

// SetEnv sets an environment, such as Env, for the test.
func SetEnv(t testing.TB, env []string) {
	t.Helper()
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
}

// Dial connects to the server whatever address is asked for: with it, a client
// that believes to call AWS by its own host names calls the server.
func (s *Server) Dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(s.URL, "https://"))
}

// Calls counts the requests for an action ("Decrypt"), whatever their outcome.
func (s *Server) Calls(action string) int {
	n := 0
	for _, r := range s.Requests() {
		if r.Action == action {
			n++
		}
	}
	return n
}

// Requests are all requests so far, in order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Forget empties the record of requests.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}
