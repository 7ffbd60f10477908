package awskms

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/awskms/kmstest"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

const (
	ireland  = "eu-west-1"
	virginia = "us-east-1"
)

// start makes a fake AWS, which is all of AWS that the test can see.
func start(t *testing.T) *kmstest.Server {
	t.Helper()
	s := kmstest.New(t)
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	kmstest.SetEnv(t, s.Env())
	return s
}

// quick is a provider that tries again at once.
func quick() *Provider { return quickAs("") }

func quickAs(profile string) *Provider {
	p := New(Options{Profile: profile})
	p.backoff = time.Millisecond
	return p
}

// profiles writes a shared configuration, and takes the environment's keys away.
func profiles(t *testing.T, s *kmstest.Server, text string) {
	t.Helper()
	kmstest.SetEnv(t, s.EnvWithout())
	file := filepath.Join(t.TempDir(), "config")
	write(t, file, text, 0o600)
	t.Setenv("AWS_CONFIG_FILE", file)
}

func write(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// wrapped is a new data key, wrapped for r by another provider than the test's.
func wrapped(t *testing.T, r keys.Recipient) (*keys.DataKey, keys.Wrapped) {
	t.Helper()
	k, err := keys.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	w, err := New(Options{}).Wrap(t.Context(), r, keystest.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return k, w
}

// opens asks that p opens w, and finds k.
func opens(t *testing.T, p *Provider, r keys.Recipient, k *keys.DataKey, w keys.Wrapped) {
	t.Helper()
	got, err := p.Unwrap(t.Context(), r, keystest.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(k) {
		t.Fatal("unwrapped another key")
	}
}

// refuses asks that p does not open w, for a reason of a kind that says want.
func refuses(t *testing.T, p *Provider, r keys.Recipient, w keys.Wrapped, kind keys.Kind, want string) *keys.Error {
	t.Helper()
	got, err := p.Unwrap(t.Context(), r, keystest.Context(), w)
	if got != nil {
		t.Fatal("opened")
	}
	return failed(t, err, kind, want)
}

// failed asks for a *keys.Error of a kind, in one short line, that says want.
func failed(t *testing.T, err error, kind keys.Kind, want string) *keys.Error {
	t.Helper()
	var e *keys.Error
	if !errors.As(err, &e) {
		t.Fatalf("no *keys.Error: %v", err)
	}
	if e.Kind != kind || !strings.Contains(e.Error()+" | "+e.Hint, want) {
		t.Errorf("got %q, hint %q; want kind %v and …%s", e, e.Hint, kind, want)
	}
	if e.Recipient == "" {
		t.Errorf("%q names no recipient", e)
	}
	if text := e.Error() + e.Hint; strings.ContainsAny(text, "\n\r\t") || len(text) > 700 || strings.Contains(text, "operation error") {
		t.Errorf("not a short line of our own: %q", text)
	}
	return e
}

// unset removes variables that the SDK takes for set when they are empty.
func unset(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		t.Setenv(name, "") // so that the old value comes back
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
}
