package kmstest_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/keys/awskms/kmstest"
)

// client trusts the server as AWS_CA_BUNDLE makes an SDK trust it.
func client(t *testing.T, s *kmstest.Server) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate in the file")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func encrypt(t *testing.T, s *kmstest.Server, authorization string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL, strings.NewReader(`{"KeyId":"alias/x","Plaintext":"AAAA"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "TrentService.Encrypt")
	req.Header.Set("Authorization", authorization)
	return client(t, s).Do(req)
}

// TestUnsigned: a request must be signed by somebody known. That signatures and
// contexts are right is tested with the SDK, by package awskms.
func TestUnsigned(t *testing.T) {
	s := kmstest.New(t)
	forged := "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/eu-west-1/kms/aws4_request, SignedHeaders=host, Signature=" + strings.Repeat("0", 64)
	for authorization, want := range map[string]string{
		"":     "MissingAuthenticationTokenException",
		forged: "InvalidSignatureException",
		strings.Replace(forged, "7EXAMPLE", "7UNKNOWN", 1): "UnrecognizedClientException",
	} {
		resp, err := encrypt(t, s, authorization)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 400 || !strings.Contains(string(body), want) {
			t.Errorf("%d %s, want %s", resp.StatusCode, body, want)
		}
	}
	if n := s.Calls("Encrypt"); n != 3 {
		t.Errorf("%d calls counted, want 3", n)
	}
}

// TestClose: whoever hangs is let go, and nothing stays.
func TestClose(t *testing.T) {
	s, err := kmstest.Start()
	if err != nil {
		t.Fatal(err)
	}
	s.Inject(kmstest.At{}, kmstest.Hang)
	done := make(chan error)
	go func() {
		resp, err := encrypt(t, s, "")
		if err == nil {
			resp.Body.Close()
		}
		done <- err
	}()
	for s.Calls("Encrypt") == 0 {
		select {
		case err := <-done:
			t.Fatalf("it did not hang: %v", err)
		default:
		}
	}
	s.Close()
	s.Close()
	if err := <-done; err == nil {
		t.Error("the request that hung was answered")
	}
	if _, err := os.Stat(s.CAFile); !os.IsNotExist(err) {
		t.Errorf("the certificate file stays: %v", err)
	}
}

func TestEnv(t *testing.T) {
	s := kmstest.New(t)
	env := strings.Join(s.Env(), "\n") + "\n"
	for _, want := range []string{"AWS_ENDPOINT_URL_KMS=" + s.URL, "AWS_ENDPOINT_URL_STS=" + s.URL, "AWS_CA_BUNDLE=" + s.CAFile, "AWS_REGION=eu-west-1", "AWS_EC2_METADATA_DISABLED=true"} {
		if !strings.Contains(env, want+"\n") {
			t.Errorf("Env lacks %s", want)
		}
	}
	if without := strings.Join(s.EnvWithout(), "\n"); strings.Contains(without, "AWS_ACCESS_KEY_ID=A") {
		t.Error("EnvWithout holds credentials")
	}
}
