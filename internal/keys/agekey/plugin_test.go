package agekey_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/agekey"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

// The test binary is a plug-in itself when it is started by this name: its
// recipients and identities hold a native X25519 key each.
const (
	pluginName   = "envelopetest"
	pluginMarker = "ENVELOPE_TEST_PLUGIN_STARTED" // a file that shows it was started
	pluginMood   = "ENVELOPE_TEST_PLUGIN_MOOD"
)

func TestMain(m *testing.M) {
	if strings.HasPrefix(filepath.Base(os.Args[0]), "age-plugin-"+pluginName) {
		os.Exit(runPlugin())
	}
	os.Exit(m.Run())
}

func runPlugin() int {
	if err := os.WriteFile(os.Getenv(pluginMarker), nil, 0o600); err != nil {
		return 1
	}
	p, err := plugin.New(pluginName)
	if err != nil {
		return 1
	}
	ask := func() error {
		switch os.Getenv(pluginMood) {
		case "hangs":
			_, _ = io.Copy(io.Discard, os.Stdin) // until the client is gone
			return errors.New("the client is gone")
		case "asks":
			if _, err := p.RequestValue("PIN", true); err != nil {
				return errors.New("no\nPIN")
			}
		case "speaks":
			return p.DisplayMessage("please touch\nthe token")
		}
		return nil
	}
	p.HandleRecipient(func(data []byte) (age.Recipient, error) {
		if err := ask(); err != nil {
			return nil, err
		}
		return age.ParseX25519Recipient(string(data))
	})
	p.HandleIdentity(func(data []byte) (age.Identity, error) {
		id, err := age.ParseX25519Identity(string(data))
		if err != nil {
			return nil, err
		}
		return asking{id, ask}, nil
	})
	return p.Main()
}

// asking asks its user before it decrypts.
type asking struct {
	age.Identity
	ask func() error
}

func (a asking) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if err := a.ask(); err != nil {
		return nil, err
	}
	return a.Identity.Unwrap(stanzas)
}

// pluginPair makes an identity that only the plug-in can use, and puts the
// plug-in on PATH. started tells whether it has run.
func pluginPair(t *testing.T, mood string) (id pair, started func() bool) {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "age-plugin-"+pluginName)); err != nil {
		t.Skipf("cannot put a plug-in on PATH: %v", err)
	}
	marker := filepath.Join(dir, "started")
	t.Setenv("PATH", dir)
	t.Setenv(pluginMarker, marker)
	t.Setenv(pluginMood, mood)
	native, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	id = pair{
		file:      plugin.EncodeIdentity(pluginName, []byte(native.String())) + "\n",
		recipient: plugin.EncodeRecipient(pluginName, []byte(native.Recipient().String())),
	}
	return id, func() bool { _, err := os.Stat(marker); return err == nil }
}

func TestPluginConformance(t *testing.T) {
	mine, _ := pluginPair(t, "")
	other, _ := pluginPair(t, "")
	keystest.Run(t, func(t *testing.T) keystest.Fixture {
		if strings.HasSuffix(t.Name(), "/Changed") {
			t.Skip("one program start for each bit; what it returns is judged as for native identities")
		}
		if strings.HasSuffix(t.Name(), "/Resized") {
			t.Skip("a plug-in does not say that a file it cannot read was meant for it")
		}
		return keystest.Fixture{
			Provider:  agekey.New(agekey.Options{Identities: files(t, mine.file), AllowPlugins: []string{pluginName}}),
			Mine:      recipient(mine.recipient),
			Other:     recipient(other.recipient),
			Malformed: []keys.Recipient{recipient(strings.ToUpper(mine.recipient)), recipient("age1../x1qqqq")},
		}
	})
}

// TestPluginNeverSucceedsWrongly: a changed or cut file opened through a plug-in
// fails, of whatever kind the error is.
func TestPluginNeverSucceedsWrongly(t *testing.T) {
	mine, _ := pluginPair(t, "")
	p := agekey.New(agekey.Options{Identities: files(t, mine.file), AllowPlugins: []string{pluginName}})
	w, err := p.Wrap(t.Context(), recipient(mine.recipient), keystest.Context(), dataKey(t))
	if err != nil {
		t.Fatal(err)
	}
	n := len(w.Ciphertext)
	for name, b := range map[string][]byte{"cut": w.Ciphertext[:n-1], "header only": w.Ciphertext[:n-100], "one byte": w.Ciphertext[:1]} {
		bad := w
		bad.Ciphertext = b
		if got, err := p.Unwrap(t.Context(), recipient(mine.recipient), keystest.Context(), bad); err == nil || got != nil {
			t.Errorf("%s: opened", name)
		}
	}
	bad := w
	bad.Ciphertext = bytes.Clone(w.Ciphertext)
	bad.Ciphertext[n-1] ^= 1
	if _, err := p.Unwrap(t.Context(), recipient(mine.recipient), keystest.Context(), bad); keys.KindOf(err) != keys.Tampered {
		t.Errorf("last byte changed: %v, want tampered", err)
	}
}

// TestPluginConsent: a repository alone never starts a program.
func TestPluginConsent(t *testing.T) {
	mine, started := pluginPair(t, "")
	for name, allow := range map[string][]string{"none": nil, "another": {"yubikey"}, "longer": {pluginName + "2"}, "capitals": {strings.ToUpper(pluginName)}} {
		t.Run(name, func(t *testing.T) {
			p := agekey.New(agekey.Options{Identities: files(t, mine.file), AllowPlugins: allow})
			if err := p.Check(recipient(mine.recipient)); err != nil {
				t.Fatalf("Check: %v", err)
			}
			_, err := p.Wrap(t.Context(), recipient(mine.recipient), keystest.Context(), dataKey(t))
			wantConsent(t, err)
			w := keys.Wrapped{Key: mine.recipient, Algorithm: agekey.Algorithm, Ciphertext: []byte("age-encryption.org/v1\n")}
			_, err = p.Unwrap(t.Context(), recipient(mine.recipient), keystest.Context(), w)
			wantConsent(t, err)
		})
	}
	t.Run("native recipient", func(t *testing.T) {
		p, foreign := agekey.New(agekey.Options{Identities: files(t, mine.file)}), x25519(t)
		w, err := p.Wrap(t.Context(), recipient(foreign.recipient), keystest.Context(), dataKey(t))
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Unwrap(t.Context(), recipient(foreign.recipient), keystest.Context(), w)
		var e *keys.Error
		if !errors.As(err, &e) || e.Kind != keys.NotMine || !strings.Contains(e.Hint, "envelope.agePlugin "+pluginName) {
			t.Errorf("Unwrap: %v, want not mine, and a hint", err)
		}
	})
	if started() {
		t.Error("the plug-in was started without consent")
	}
}

func wantConsent(t *testing.T, err error) {
	t.Helper()
	var e *keys.Error
	if !errors.As(err, &e) || e.Kind != keys.Consent || e.Hint != "git config --global --add envelope.agePlugin "+pluginName {
		t.Errorf("error %v, want consent with a hint", err)
	}
}

// TestPluginOpensNative: some plug-ins hold keys of recipients that name none.
func TestPluginOpensNative(t *testing.T) {
	pluginPair(t, "")
	native, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	identity := plugin.EncodeIdentity(pluginName, []byte(native.String())) + "\n"
	p, k := agekey.New(agekey.Options{Identities: files(t, identity), AllowPlugins: []string{pluginName}}), dataKey(t)
	r := recipient(native.Recipient().String())
	w, err := p.Wrap(t.Context(), r, keystest.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.Unwrap(t.Context(), r, keystest.Context(), w); err != nil || !got.Equal(k) {
		t.Errorf("Unwrap: %v", err)
	}
}

func TestPluginMissing(t *testing.T) {
	mine, _ := pluginPair(t, "")
	t.Setenv("PATH", t.TempDir())
	p := agekey.New(agekey.Options{Identities: files(t, mine.file), AllowPlugins: []string{pluginName}})
	_, err := p.Wrap(t.Context(), recipient(mine.recipient), keystest.Context(), dataKey(t))
	if keys.KindOf(err) != keys.Unsupported || !strings.Contains(err.Error(), "age-plugin-"+pluginName+" is not installed") {
		t.Errorf("Wrap: %v", err)
	}
}

// TestPluginQuestions: nothing prompts, and messages reach the user as one line.
func TestPluginQuestions(t *testing.T) {
	mine, _ := pluginPair(t, "asks")
	p := agekey.New(agekey.Options{Identities: files(t, mine.file), AllowPlugins: []string{pluginName}})
	_, err := p.Wrap(t.Context(), recipient(mine.recipient), keystest.Context(), dataKey(t))
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("Wrap by a plug-in that asks: %q", err)
	}
	var said []string
	mine, _ = pluginPair(t, "speaks")
	p = agekey.New(agekey.Options{Identities: files(t, mine.file), AllowPlugins: []string{pluginName}, Warn: func(m string) { said = append(said, m) }})
	if _, err := p.Wrap(t.Context(), recipient(mine.recipient), keystest.Context(), dataKey(t)); err != nil {
		t.Fatal(err)
	}
	if len(said) != 1 || said[0] != "age plug-in "+pluginName+": please touch the token" {
		t.Errorf("said %q", said)
	}
}

func TestPluginHangs(t *testing.T) {
	mine, started := pluginPair(t, "hangs")
	p := agekey.New(agekey.Options{Identities: files(t, mine.file), AllowPlugins: []string{pluginName}})
	ctx, cancel := context.WithCancel(t.Context())
	done, k := make(chan error, 1), dataKey(t)
	go func() {
		_, err := p.Wrap(ctx, recipient(mine.recipient), keystest.Context(), k)
		done <- err
	}()
	for !started() {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Wrap: %v", err)
	}
	if p.Patience(recipient(mine.recipient)) < 30*time.Second || agekey.New(agekey.Options{}).Patience(recipient(mine.recipient)) != 0 {
		t.Error("Patience: want time for a touch where plug-ins are allowed, else the ordinary deadline")
	}
}

// weakModulus is an RSA modulus of 1,024 bits, odd and of no use.
func weakModulus(t *testing.T) *big.Int {
	t.Helper()
	n, err := rand.Prime(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
