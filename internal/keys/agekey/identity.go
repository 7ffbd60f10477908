package agekey

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/plugin"
	"golang.org/x/crypto/ssh"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Limits on identity files. A hybrid identity takes 80 bytes, an OpenSSH
// RSA key of 16,384 bits 13 KiB.
const (
	maxIdentityFile = 1 << 20
	maxIdentities   = 1000 // in all files together
)

// IdentityFile names one file with private keys.
type IdentityFile struct {
	Path     string // absolute
	Origin   string // who named it, for messages: "GIT_ENVELOPE_IDENTITY"
	Optional bool   // it may be absent
}

// Places are where identity files may be named, as the command found them.
type Places struct {
	Environment string   // GIT_ENVELOPE_IDENTITY: paths, separated as in PATH
	Config      []string // every value of envelope.identity
	ConfigDir   string   // ${XDG_CONFIG_HOME:-~/.config}
	Home        string   // for paths that begin with ~/
}

// DefaultPath is the identity file used when nobody names another, "" if the
// user has no configuration directory.
func (p Places) DefaultPath() string {
	dir := p.ConfigDir
	if dir == "" && p.Home != "" {
		dir = filepath.Join(p.Home, ".config")
	}
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "git-envelope", "identities.txt")
}

// Lookup lists the identity files: those of the environment; if it names none,
// those of Git's configuration; if that names none either, the default file.
func Lookup(p Places) []IdentityFile {
	if out := p.list(filepath.SplitList(p.Environment), "GIT_ENVELOPE_IDENTITY"); len(out) > 0 {
		return out
	}
	if out := p.list(p.Config, "envelope.identity"); len(out) > 0 {
		return out
	}
	if path := p.DefaultPath(); path != "" {
		return []IdentityFile{{Path: path, Origin: "the default", Optional: true}}
	}
	return nil
}

func (p Places) list(paths []string, origin string) []IdentityFile {
	var out []IdentityFile
	for _, path := range paths {
		if path == "" {
			continue
		}
		if rest, ok := strings.CutPrefix(path, "~/"); ok && p.Home != "" {
			path = filepath.Join(p.Home, rest)
		}
		out = append(out, IdentityFile{Path: path, Origin: origin})
	}
	return out
}

// identity is one private key, or the handle of one that a plug-in holds.
type identity struct {
	secret    age.Identity // nil for a plug-in
	recipient string       // its public half as a URI; "" for a plug-in
	plugin    string
	encoding  string // AGE-PLUGIN-…, for a plug-in only
}

// trouble is an identity file that could not be used. It matters only when no
// identity serves, so it is kept until then.
type trouble struct {
	kind      keys.Kind
	recipient string // the public half, where the file tells it
	message   string
	hint      string
}

// keychain is what all identity files together hold.
type keychain struct {
	ids      []identity
	troubles []trouble
	files    []IdentityFile
}

func (k *keychain) find(uri string) *identity {
	for i := range k.ids {
		if k.ids[i].recipient == uri {
			return &k.ids[i]
		}
	}
	return nil
}

// plugins lists the plug-in identities of that name, or of every name for "".
func (k *keychain) plugins(name string) []identity {
	var out []identity
	for _, id := range k.ids {
		if id.plugin != "" && (name == "" || id.plugin == name) {
			out = append(out, id)
		}
	}
	return out
}

// trouble finds the file that would have held uri's private half, else any
// file that could not be read at all.
func (k *keychain) trouble(uri string) *trouble {
	var any *trouble
	for i := range k.troubles {
		t := &k.troubles[i]
		if t.recipient == uri {
			return t
		}
		if t.recipient == "" && any == nil {
			any = t
		}
	}
	return any
}

func (k *keychain) none(r keys.Recipient) *keys.Error {
	e := fault(r, keys.NoIdentity, "no identity file is configured")
	if len(k.files) > 0 {
		f := k.files[0]
		e.Message = fmt.Sprintf("there is no identity in %s (%s)", f.Path, f.Origin)
	}
	e.Hint = "git config --global envelope.identity /path/to/identity-file; if you have none: 'age-keygen -o FILE' makes one, and who can open the ring lets its public key in with 'git envelope recipient add'"
	return e
}

// keychain reads the identity files at the first call, and again as long as
// there is no identity: the user may be making one just now.
func (p *Provider) keychain() (*keychain, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.loaded != nil {
		return p.loaded, nil
	}
	k := &keychain{}
	if p.opt.Identities != nil {
		files, err := p.opt.Identities()
		if err != nil {
			return nil, err
		}
		k.files = files
	}
	for _, f := range k.files {
		p.load(k, f)
	}
	if len(k.ids) > 0 {
		p.loaded = k
	}
	return k, nil
}

func (p *Provider) load(k *keychain, f IdentityFile) {
	data, mode, err := readFile(f.Path)
	if err != nil {
		if !(f.Optional && errors.Is(err, fs.ErrNotExist)) {
			k.troubles = append(k.troubles, trouble{kind: keys.NoIdentity, message: fmt.Sprintf("%v (named by %s)", err, f.Origin)})
		}
		return
	}
	defer clear(data)
	if mode.Perm()&0o077 != 0 && runtime.GOOS != "windows" && !p.warned[f.Path] {
		p.warned[f.Path] = true
		p.warn(fmt.Sprintf("identity file %s can be read by others (mode %04o): chmod 600 it", f.Path, mode.Perm()))
	}
	ids, t := parseIdentities(data)
	if t == nil && len(k.ids)+len(ids) > maxIdentities {
		t = &trouble{kind: keys.Unsupported, message: fmt.Sprintf("there are more than %d identities", maxIdentities)}
	}
	if t != nil {
		t.message = fmt.Sprintf("identity file %s (named by %s): %s", f.Path, f.Origin, t.message)
		k.troubles = append(k.troubles, *t)
		return
	}
	k.ids = append(k.ids, ids...)
}

// readFile reads a regular file of bounded size. A pipe is refused since every
// Git command starts filters anew, and only the first would find a key in it.
func readFile(path string) ([]byte, fs.FileMode, error) {
	if !filepath.IsAbs(path) {
		return nil, 0, fmt.Errorf("identity file %s: the path must be absolute, Git runs filters in other folders than yours", path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, fmt.Errorf("identity file %w", bare(err))
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("identity file %s: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("identity file %w", bare(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxIdentityFile+1))
	if err != nil {
		return nil, 0, fmt.Errorf("identity file %w", bare(err))
	}
	if len(data) > maxIdentityFile {
		return nil, 0, fmt.Errorf("identity file %s: larger than %d bytes", path, maxIdentityFile)
	}
	return data, info.Mode(), nil
}

// bare drops the name of the system call.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("%s: %w", pe.Path, pe.Err)
	}
	return err
}

// parseIdentities reads an OpenSSH private key, or age's own form: one identity
// a line, empty lines and lines that begin with # ignored. No message quotes
// the file.
func parseIdentities(data []byte) ([]identity, *trouble) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch head := bytes.TrimLeft(data, " \t\r\n"); {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.IndexByte(data, 0) >= 0 && !isAgeFile(head):
		return nil, &trouble{kind: keys.Unsupported, message: "not a text file in UTF-8; PowerShell's > writes UTF-16"}
	case isAgeFile(head):
		return nil, &trouble{kind: keys.Unsupported, message: "encrypted with a passphrase, and nothing here may prompt",
			hint: "decrypt it with: age -d FILE > OTHER (and chmod 600 OTHER), then name OTHER in envelope.identity"}
	case bytes.HasPrefix(head, []byte("-----BEGIN ")):
		return parseSSHIdentity(head)
	case bytes.HasPrefix(head, []byte("ssh-")), bytes.HasPrefix(head, []byte("age1")):
		return nil, &trouble{kind: keys.NoIdentity, message: "this is a public key; name the private one"}
	}
	return parseLines(data)
}

func isAgeFile(head []byte) bool {
	return bytes.HasPrefix(head, []byte("age-encryption.org/")) || bytes.HasPrefix(head, []byte("-----BEGIN AGE ENCRYPTED FILE-----"))
}

func parseLines(data []byte) ([]identity, *trouble) {
	var out []identity
	n := 0
	for line := range bytes.Lines(data) {
		n++
		s := strings.TrimSpace(string(line))
		if s == "" || strings.HasPrefix(s, "#") {
			continue
		}
		id, ok := parseLine(s)
		if !ok {
			return nil, &trouble{kind: keys.NoIdentity, message: fmt.Sprintf("line %d is not an age identity", n)}
		}
		if out = append(out, id); len(out) > maxIdentities {
			return nil, &trouble{kind: keys.Unsupported, message: fmt.Sprintf("holds more than %d identities", maxIdentities)}
		}
	}
	return out, nil
}

func parseLine(s string) (identity, bool) {
	if id, err := age.ParseX25519Identity(s); err == nil {
		return identity{secret: id, recipient: id.Recipient().String()}, true
	}
	if id, err := age.ParseHybridIdentity(s); err == nil {
		return identity{secret: id, recipient: id.Recipient().String()}, true
	}
	if name, _, err := plugin.ParseIdentity(s); err == nil {
		return identity{plugin: name, encoding: s}, true
	}
	return identity{}, false
}

func parseSSHIdentity(pem []byte) ([]identity, *trouble) {
	key, err := ssh.ParseRawPrivateKey(pem)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		t := &trouble{kind: keys.Unsupported, message: "the OpenSSH key has a passphrase, and nothing here may prompt",
			hint: "use an age identity instead (git envelope init makes one), or a copy of the key without passphrase (ssh-keygen -p)"}
		if locked.PublicKey != nil {
			t.recipient = sshURI(locked.PublicKey)
		}
		return nil, t
	}
	if err != nil {
		return nil, &trouble{kind: keys.NoIdentity, message: "not an OpenSSH private key"}
	}
	id, err := sshIdentity(key)
	if err != nil {
		return nil, &trouble{kind: keys.Unsupported, message: "only ssh-ed25519 and ssh-rsa keys can decrypt"}
	}
	return []identity{id}, nil
}

func sshIdentity(key any) (identity, error) {
	if p, ok := key.(*ed25519.PrivateKey); ok {
		key = *p // what ParseRawPrivateKey returns for OpenSSH's own format
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		return identity{}, err
	}
	var secret age.Identity
	switch k := key.(type) {
	case ed25519.PrivateKey:
		secret, err = agessh.NewEd25519Identity(k)
	case *rsa.PrivateKey:
		secret, err = agessh.NewRSAIdentity(k)
	default:
		err = fmt.Errorf("unsupported key type %T", key)
	}
	return identity{secret: secret, recipient: sshURI(signer.PublicKey())}, err
}
