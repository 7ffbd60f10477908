package agekey_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/crypto/ssh"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/agekey"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

// pair is an identity file's text and its recipient.
type pair struct {
	file      string
	recipient string
}

func x25519(t *testing.T) pair {
	t.Helper()
	var b strings.Builder
	recipient, err := agekey.NewIdentity(&b, time.Unix(1_700_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	return pair{b.String(), recipient}
}

func hybrid(t *testing.T) pair {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return pair{id.String() + "\n", id.Recipient().String()}
}

func sshPair(t *testing.T, private, public any, passphrase string) pair {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(private, "someone@example.com")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "someone@example.com", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	pub, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return pair{string(pem.EncodeToMemory(block)), strings.TrimSpace(string(ssh.MarshalAuthorizedKey(pub)))}
}

func sshEd25519(t *testing.T, passphrase string) pair {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return sshPair(t, private, public, passphrase)
}

func sshRSA(t *testing.T) pair {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return sshPair(t, private, &private.PublicKey, "")
}

// write puts an identity file into a folder of the test's own.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "identity.txt")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// provider reads the given identity files.
func provider(t *testing.T, texts ...string) *agekey.Provider {
	t.Helper()
	return agekey.New(agekey.Options{Identities: files(t, texts...)})
}

func files(t *testing.T, texts ...string) func() ([]agekey.IdentityFile, error) {
	t.Helper()
	var list []agekey.IdentityFile
	for _, text := range texts {
		list = append(list, agekey.IdentityFile{Path: write(t, text), Origin: "the test"})
	}
	return func() ([]agekey.IdentityFile, error) { return list, nil }
}

func recipient(uri string) keys.Recipient { return keys.Recipient{Kind: "age", URI: uri} }

func dataKey(t *testing.T) *keys.DataKey {
	t.Helper()
	k, err := keys.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestConformance(t *testing.T) {
	for name, newPair := range map[string]func(*testing.T) pair{
		"X25519":      x25519,
		"Hybrid":      hybrid,
		"ssh-ed25519": func(t *testing.T) pair { return sshEd25519(t, "") },
		"ssh-rsa":     sshRSA,
	} {
		t.Run(name, func(t *testing.T) {
			mine, other := newPair(t), newPair(t)
			keystest.Run(t, func(t *testing.T) keystest.Fixture {
				return keystest.Fixture{
					Provider: provider(t, x25519(t).file, mine.file),
					Mine:     recipient(mine.recipient),
					Other:    recipient(other.recipient),
					Locked:   provider(t),
					Malformed: []keys.Recipient{
						recipient(mine.recipient + " comment"),
						recipient(mine.recipient[:len(mine.recipient)-1]),
						recipient(strings.ToUpper(mine.recipient)),
						recipient(mine.file),
						{Kind: "age-like", URI: mine.recipient},
					},
					EveryBit: name == "X25519",
				}
			})
		})
	}
}

func TestMalformedRecipients(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	weak, err := ssh.NewPublicKey(&rsa.PublicKey{N: weakModulus(t), E: 65537})
	if err != nil {
		t.Fatal(err)
	}
	good := x25519(t)
	p := provider(t)
	for name, c := range map[string]struct{ uri, want string }{
		"ecdsa":           {sshPair(t, private, &private.PublicKey, "").recipient, "only ssh-ed25519 and ssh-rsa"},
		"weak RSA":        {strings.TrimSpace(string(ssh.MarshalAuthorizedKey(weak))), "too small"},
		"ssh options":     {"no-pty " + sshEd25519(t, "").recipient, "begins with"},
		"ssh garbage":     {"ssh-ed25519 AAAA", "not an OpenSSH public key"},
		"ssh certificate": {"ssh-ed25519-cert-v01@openssh.com AAAA", "only ssh-ed25519"},
		"typo":            {strings.Replace(good.recipient, "1", "1q", 1), "checksum"},
		"plug-in name":    {"age1a/b1qqqq", "checksum"},
		"no type":         {"hello", "begins with"},
		"URL":             {"https://example.com/key", "begins with"},
		"empty hybrid":    {"age1pq1", "checksum"},
		"identity":        {strings.TrimSpace(lastLine(good.file)), "must stay secret"},
		"lower identity":  {strings.ToLower(lastLine(good.file)), "must stay secret"},
	} {
		t.Run(name, func(t *testing.T) {
			err := p.Check(recipient(c.uri))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("Check: %v, want an error that says %q", err, c.want)
			}
			if secret := strings.TrimSpace(lastLine(good.file)); strings.Contains(strings.ToUpper(err.Error()), secret[20:30]) {
				t.Error("the error holds a private key")
			}
		})
	}
}

func lastLine(file string) string {
	lines := strings.Split(strings.TrimSpace(file), "\n")
	return lines[len(lines)-1]
}

func TestCanonicalSSH(t *testing.T) {
	id := sshEd25519(t, "")
	p := provider(t)
	got, err := keys.NewRegistry(p).Canonical(t.Context(), recipient(id.recipient+" someone@example.com\n"))
	if err != nil || got.URI != id.recipient {
		t.Errorf("Canonical = %q, %v, want %q", got.URI, err, id.recipient)
	}
	var e *keys.Error
	if err := p.Check(recipient(id.recipient + " someone@example.com")); !errors.As(err, &e) || !strings.Contains(e.Hint, id.recipient) {
		t.Errorf("Check with a comment: %v, want a hint with the right form", err)
	}
	if _, err := p.Canonical(recipient(id.recipient + "\n" + id.recipient)); err == nil {
		t.Error("Canonical accepts two lines")
	}
}

// TestIdentityFiles: why an identity file is of no use, and what to do.
func TestIdentityFiles(t *testing.T) {
	id := x25519(t)
	locked := sshEd25519(t, "hunter2")
	ecdsaKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	utf16 := "\xff\xfe" + strings.Join(strings.Split(id.file, ""), "\x00")
	for name, c := range map[string]struct {
		file, recipient string
		kind            keys.Kind
		want            string
	}{
		"comments":        {"# mine\r\n\r\n" + id.file + "\r\n# end", id.recipient, -1, ""},
		"byte order mark": {"\xef\xbb\xbf" + id.file, id.recipient, -1, ""},
		"no line end":     {strings.TrimSpace(id.file), id.recipient, -1, ""},
		"many":            {hybrid(t).file + x25519(t).file + id.file, id.recipient, -1, ""},
		"another":         {x25519(t).file, id.recipient, keys.NotMine, ""},
		"empty":           {"", id.recipient, keys.NoIdentity, "no identity in"},
		"only comments":   {"# nothing\n", id.recipient, keys.NoIdentity, "no identity in"},
		"public key":      {id.recipient + "\n", id.recipient, keys.NoIdentity, "public key"},
		"typo":            {id.file[:len(id.file)-3] + "\n", id.recipient, keys.NoIdentity, "line 3 is not an age identity"},
		"UTF-16":          {utf16, id.recipient, keys.Unsupported, "PowerShell"},
		"encrypted":       {"age-encryption.org/v1\n-> scrypt\n", id.recipient, keys.Unsupported, "passphrase"},
		"armored":         {"-----BEGIN AGE ENCRYPTED FILE-----\n", id.recipient, keys.Unsupported, "passphrase"},
		"passphrase":      {locked.file, locked.recipient, keys.Unsupported, "passphrase"},
		"foreign locked":  {locked.file, id.recipient, keys.NoIdentity, "no identity in"},
		"ecdsa":           {sshPair(t, ecdsaKey, &ecdsaKey.PublicKey, "").file, id.recipient, keys.Unsupported, "only ssh-ed25519 and ssh-rsa"},
		"broken PEM":      {"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", id.recipient, keys.NoIdentity, "not an OpenSSH private key"},
		"too large":       {strings.Repeat("# filler\n", 1<<17), id.recipient, keys.NoIdentity, "larger than"},
		"too many":        {strings.Repeat(lastLine(id.file)+"\n", 1001), id.recipient, keys.Unsupported, "more than 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			p, k := provider(t, c.file), dataKey(t)
			w, err := p.Wrap(t.Context(), recipient(c.recipient), keystest.Context(), k)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Unwrap(t.Context(), recipient(c.recipient), keystest.Context(), w)
			if c.kind < 0 {
				if err != nil || !got.Equal(k) {
					t.Fatalf("Unwrap: %v", err)
				}
				return
			}
			if keys.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Unwrap: %v (kind %v), want kind %v and %q", err, keys.KindOf(err), c.kind, c.want)
			}
			if strings.Contains(err.Error(), lastLine(id.file)[15:25]) {
				t.Error("the error holds a private key")
			}
		})
	}
}

// TestGoodBesideBad: one useless file does not spoil the others.
func TestGoodBesideBad(t *testing.T) {
	id := x25519(t)
	p, k := provider(t, "garbage\n", id.file, "-----BEGIN nonsense"), dataKey(t)
	w, err := p.Wrap(t.Context(), recipient(id.recipient), keystest.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.Unwrap(t.Context(), recipient(id.recipient), keystest.Context(), w); err != nil || !got.Equal(k) {
		t.Errorf("Unwrap: %v", err)
	}
}

func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		file agekey.IdentityFile
		want string
	}{
		"missing":          {agekey.IdentityFile{Path: filepath.Join(dir, "none"), Origin: "envelope.identity"}, "named by envelope.identity"},
		"missing, default": {agekey.IdentityFile{Path: filepath.Join(dir, "none"), Origin: "the default", Optional: true}, "no identity in"},
		"folder":           {agekey.IdentityFile{Path: dir}, "not a regular file"},
		"device":           {agekey.IdentityFile{Path: os.DevNull}, ""},
		"relative":         {agekey.IdentityFile{Path: "identity.txt"}, "must be absolute"},
	} {
		t.Run(name, func(t *testing.T) {
			id, k := x25519(t), dataKey(t)
			p := agekey.New(agekey.Options{Identities: func() ([]agekey.IdentityFile, error) { return []agekey.IdentityFile{c.file}, nil }})
			w, err := p.Wrap(t.Context(), recipient(id.recipient), keystest.Context(), k)
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Unwrap(t.Context(), recipient(id.recipient), keystest.Context(), w)
			if keys.KindOf(err) != keys.NoIdentity || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Unwrap: %v, want no identity and %q", err, c.want)
			}
		})
	}
}

// TestLazy: nothing is read before the first Unwrap, and no more after an
// identity was found; until then every Unwrap looks again.
func TestLazy(t *testing.T) {
	id, k, asked := x25519(t), dataKey(t), 0
	path := filepath.Join(t.TempDir(), "identities.txt")
	p := agekey.New(agekey.Options{Identities: func() ([]agekey.IdentityFile, error) {
		asked++
		return []agekey.IdentityFile{{Path: path, Optional: true}}, nil
	}})
	w, err := p.Wrap(t.Context(), recipient(id.recipient), keystest.Context(), k)
	if err != nil || asked != 0 {
		t.Fatalf("Wrap: %v, asked for identities %d times", err, asked)
	}
	if _, err := p.Unwrap(t.Context(), recipient(id.recipient), keystest.Context(), w); keys.KindOf(err) != keys.NoIdentity {
		t.Fatalf("Unwrap before there is a file: %v", err)
	}
	if err := os.WriteFile(path, []byte(id.file), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := p.Unwrap(t.Context(), recipient(id.recipient), keystest.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 2 {
		t.Errorf("asked for identities %d times, want 2", asked)
	}
}

func TestPermissionWarning(t *testing.T) {
	id, k := x25519(t), dataKey(t)
	path := write(t, id.file)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Skip("this file system has no Unix permissions")
	}
	var warnings []string
	p := agekey.New(agekey.Options{
		Identities: func() ([]agekey.IdentityFile, error) { return []agekey.IdentityFile{{Path: path}}, nil },
		Warn:       func(m string) { warnings = append(warnings, m) },
	})
	w, err := p.Wrap(t.Context(), recipient(id.recipient), keystest.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := p.Unwrap(t.Context(), recipient(id.recipient), keystest.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "0644") || !strings.Contains(warnings[0], path) {
		t.Errorf("warnings: %q, want one that names mode and file", warnings)
	}
}

func TestLookup(t *testing.T) {
	all := agekey.Places{Environment: "/a" + string(os.PathListSeparator) + "~/b", Config: []string{"/c", "~/d"}, ConfigDir: "/home/u/.config", Home: "/home/u"}
	config, def, none := all, all, agekey.Places{}
	config.Environment = ""
	def.Environment, def.Config = "", nil
	for name, c := range map[string]struct {
		places agekey.Places
		want   string
	}{
		"environment":         {all, "/a /home/u/b"},
		"config":              {config, "/c /home/u/d"},
		"default":             {def, "/home/u/.config/git-envelope/identities.txt?"},
		"no config directory": {agekey.Places{Home: "/home/u"}, "/home/u/.config/git-envelope/identities.txt?"},
		"nothing":             {none, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range agekey.Lookup(c.places) {
				path := filepath.ToSlash(f.Path)
				if f.Optional {
					path += "?"
				}
				got = append(got, path)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("Lookup = %q, want %q", got, c.want)
			}
		})
	}
}

func TestRecipientOf(t *testing.T) {
	a, b, s := x25519(t), hybrid(t), sshEd25519(t, "")
	got, err := agekey.RecipientOf([]byte(a.file + b.file))
	if err != nil || len(got) != 2 || got[0] != a.recipient || got[1] != b.recipient {
		t.Errorf("RecipientOf = %q, %v", got, err)
	}
	if got, err := agekey.RecipientOf([]byte(s.file)); err != nil || got[0] != s.recipient {
		t.Errorf("RecipientOf an OpenSSH key = %q, %v", got, err)
	}
	for _, bad := range []string{"", "# empty\n", a.recipient, sshEd25519(t, "hunter2").file, "AGE-PLUGIN-NONE-1QQQQ"} {
		if got, err := agekey.RecipientOf([]byte(bad)); err == nil {
			t.Errorf("RecipientOf(%q) = %q", bad, got)
		}
	}
}

// TestForeignAgeFiles: what is a fine age file, but none that Wrap made.
func TestForeignAgeFiles(t *testing.T) {
	id, k := x25519(t), dataKey(t)
	p := provider(t, id.file)
	to, err := age.ParseX25519Recipient(id.recipient)
	if err != nil {
		t.Fatal(err)
	}
	sealed := keystest.Context().Seal(k)
	for name, payload := range map[string][]byte{
		"empty": {}, "bare key": k.Bytes()[:], "longer": append(bytes.Clone(sealed), 0), "shorter": sealed[:63],
		"zero key": keystest.Context().Seal(new(keys.DataKey)), "much longer": make([]byte, 7000),
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			w, err := age.Encrypt(&b, to)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(payload); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			_, err = p.Unwrap(t.Context(), recipient(id.recipient), keystest.Context(), keys.Wrapped{Key: id.recipient, Algorithm: agekey.Algorithm, Ciphertext: b.Bytes()})
			if keys.KindOf(err) != keys.Tampered {
				t.Errorf("Unwrap: %v, want tampered", err)
			}
		})
	}
}

// TestAgeCommand: the wrapped key is an age file to others as well.
func TestAgeCommand(t *testing.T) {
	ageCommand, err := exec.LookPath("age")
	if err != nil {
		t.Skip("the age command is not installed: its reading of our wrapped keys stays untested")
	}
	for name, id := range map[string]pair{"X25519": x25519(t), "ssh-ed25519": sshEd25519(t, ""), "ssh-rsa": sshRSA(t)} {
		t.Run(name, func(t *testing.T) {
			k := dataKey(t)
			w, err := provider(t).Wrap(t.Context(), recipient(id.recipient), keystest.Context(), k)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), ageCommand, "--decrypt", "--identity", write(t, id.file))
			cmd.Stdin = bytes.NewReader(w.Ciphertext)
			cmd.Env = []string{"HOME=" + t.TempDir()}
			got, err := cmd.Output()
			if err != nil {
				t.Fatalf("age --decrypt: %v", err)
			}
			if !bytes.Equal(got, keystest.Context().Seal(k)) {
				t.Error("age sees another payload than was sealed")
			}
		})
	}
}

// TestSSHKeygen: keys as OpenSSH itself writes them.
func TestSSHKeygen(t *testing.T) {
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("ssh-keygen is not installed: only keys marshalled by Go were tested")
	}
	for _, args := range [][]string{{"-t", "ed25519"}, {"-t", "rsa", "-b", "2048"}, {"-t", "rsa", "-b", "2048", "-m", "PEM"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "id")
			cmd := exec.CommandContext(t.Context(), keygen, append(args, "-q", "-N", "", "-C", "a comment", "-f", path)...)
			cmd.Env = []string{"HOME=" + t.TempDir()}
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("ssh-keygen: %v: %s", err, out)
			}
			public, err := os.ReadFile(path + ".pub")
			if err != nil {
				t.Fatal(err)
			}
			k := dataKey(t)
			p := agekey.New(agekey.Options{Identities: func() ([]agekey.IdentityFile, error) { return []agekey.IdentityFile{{Path: path}}, nil }})
			r, err := p.Canonical(recipient(string(public)))
			if err != nil {
				t.Fatal(err)
			}
			w, err := p.Wrap(t.Context(), r, keystest.Context(), k)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := p.Unwrap(t.Context(), r, keystest.Context(), w); err != nil || !got.Equal(k) {
				t.Errorf("Unwrap: %v", err)
			}
		})
	}
}

// failing refuses every write.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestNewIdentityWriteFault(t *testing.T) {
	if _, err := agekey.NewIdentity(failing{}, time.Now()); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("NewIdentity: %v, want the writer's error", err)
	}
}

func TestIdentitiesFault(t *testing.T) {
	id, k := x25519(t), dataKey(t)
	p := agekey.New(agekey.Options{Identities: func() ([]agekey.IdentityFile, error) { return nil, errors.New("bad\nconfig") }})
	w, err := p.Wrap(context.Background(), recipient(id.recipient), keystest.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Unwrap(t.Context(), recipient(id.recipient), keystest.Context(), w)
	if keys.KindOf(err) != keys.NoIdentity || !strings.Contains(err.Error(), "bad config") {
		t.Errorf("Unwrap: %v", err)
	}
}
