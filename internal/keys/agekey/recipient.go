package agekey

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/plugin"
	"filippo.io/age/tag"
	"golang.org/x/crypto/ssh"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// recipient is a parsed URI: either something to encrypt to, or the name of the
// plug-in that can.
type recipient struct {
	to     age.Recipient
	plugin string
}

// parse accepts the one spelling of a recipient, and no options. Nothing is
// started, so the data part of a plug-in's recipient remains unchecked.
func parse(r keys.Recipient) (recipient, error) {
	if r.Kind != Kind {
		return recipient{}, fault(r, keys.Unsupported, "not an age recipient")
	}
	for name := range r.Options {
		return recipient{}, fault(r, keys.Unsupported, fmt.Sprintf("age recipients have no option %q", keys.OneLine(name, 40)))
	}
	rc, spelling, err := parseURI(r.URI)
	if err != nil {
		return recipient{}, fault(r, keys.Unsupported, err.Error())
	}
	if spelling != r.URI {
		e := fault(r, keys.Unsupported, "not written in its only valid form")
		e.Hint = "write it as: " + spelling
		return recipient{}, e
	}
	return rc, nil
}

// canonical finds the one spelling of what a person typed.
func canonical(typed string) (string, error) {
	r := keys.Recipient{Kind: Kind, URI: strings.TrimSpace(typed)}
	_, spelling, err := parseURI(r.URI)
	if err != nil {
		return "", fault(r, keys.Unsupported, err.Error())
	}
	return spelling, nil
}

// parseURI tells the recipient types apart by their prefixes. No error quotes
// the input: people paste the wrong half of a key pair.
func parseURI(uri string) (rc recipient, spelling string, err error) {
	upper := strings.ToUpper(uri)
	switch {
	case uri == "":
		return rc, "", errors.New("empty")
	case len(uri) > keys.MaxURI:
		return rc, "", fmt.Errorf("longer than %d bytes", keys.MaxURI)
	case strings.HasPrefix(upper, "AGE-SECRET-KEY-"), strings.HasPrefix(upper, "AGE-PLUGIN-"), strings.Contains(upper, "PRIVATE KEY"):
		return rc, "", errors.New("this is a private identity, which must stay secret; name its public recipient")
	case !printable(uri):
		return rc, "", errors.New("holds a character other than printable ASCII")
	case strings.HasPrefix(uri, "age1"):
		return parseAge(uri)
	case strings.HasPrefix(uri, "ssh-ed25519 "), strings.HasPrefix(uri, "ssh-rsa "):
		return parseSSH(uri)
	case strings.HasPrefix(uri, "ssh-"), strings.HasPrefix(uri, "ecdsa-"), strings.HasPrefix(uri, "sk-"):
		return rc, "", errors.New("only ssh-ed25519 and ssh-rsa keys can encrypt")
	}
	return rc, "", errors.New("an age recipient begins with age1, ssh-ed25519 or ssh-rsa")
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func parseAge(uri string) (recipient, string, error) {
	// One recipient's human-readable part is "age"; every other names a plug-in,
	// two of which (tag, tagpq) need none for encrypting, and one (pq) none at all.
	if r, err := age.ParseX25519Recipient(uri); err == nil {
		return recipient{to: r}, r.String(), nil
	}
	name, data, err := plugin.ParseRecipient(uri)
	if err != nil {
		return recipient{}, "", errors.New("mistyped or cut off: its checksum does not match")
	}
	switch name {
	case "pq":
		if r, err := age.ParseHybridRecipient(uri); err == nil {
			return recipient{to: r}, r.String(), nil
		}
		return recipient{}, "", errors.New("not a hybrid post-quantum public key")
	case "tag", "tagpq":
		if r, err := tag.ParseRecipient(uri); err == nil {
			return recipient{to: r}, r.String(), nil
		}
		return recipient{}, "", errors.New("not the public key of a tagged recipient")
	}
	spelling := plugin.EncodeRecipient(name, data)
	if spelling == "" || name != strings.ToLower(name) {
		return recipient{}, "", errors.New("not a plug-in's recipient")
	}
	return recipient{plugin: name}, spelling, nil
}

func parseSSH(uri string) (recipient, string, error) {
	pub, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(uri))
	if err != nil || len(rest) != 0 {
		return recipient{}, "", errors.New("not an OpenSSH public key")
	}
	var to age.Recipient
	switch pub.Type() {
	case ssh.KeyAlgoED25519:
		to, err = agessh.NewEd25519Recipient(pub)
	case ssh.KeyAlgoRSA:
		to, err = agessh.NewRSARecipient(pub)
	default:
		err = errors.New("only ssh-ed25519 and ssh-rsa keys can encrypt")
	}
	if err != nil {
		return recipient{}, "", errors.New(keys.OneLine(err.Error(), maxForeign))
	}
	return recipient{to: to}, sshURI(pub), nil
}

// sshURI is the one spelling of an OpenSSH key: type and base64, no comment.
func sshURI(pub ssh.PublicKey) string {
	return pub.Type() + " " + base64.StdEncoding.EncodeToString(pub.Marshal())
}
