package agekey

import (
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"
)

// NewIdentity makes an X25519 identity and writes it to w in the form of
// age-keygen, so that the age command reads the file too. The caller creates
// the file with mode 0600.
func NewIdentity(w io.Writer, now time.Time) (recipient string, err error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", fmt.Errorf("make an age identity: %w", err)
	}
	recipient = id.Recipient().String()
	_, err = fmt.Fprintf(w, "# created: %s\n# public key: %s\n%s\n", now.UTC().Format(time.RFC3339), recipient, id)
	if err != nil {
		return "", fmt.Errorf("write an age identity: %w", err)
	}
	return recipient, nil
}

// RecipientOf lists the recipients whose private halves an identity file holds,
// in its order. Identities of plug-ins do not tell theirs and are left out; a
// file that holds nothing else is an error.
func RecipientOf(file []byte) ([]string, error) {
	if len(file) > maxIdentityFile {
		return nil, fmt.Errorf("identity file is larger than %d bytes", maxIdentityFile)
	}
	ids, t := parseIdentities(file)
	if t != nil {
		return nil, errors.New("identity file: " + t.message)
	}
	var out []string
	for _, id := range ids {
		if id.recipient != "" {
			out = append(out, id.recipient)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("identity file: holds no identity whose recipient is known")
	}
	return out, nil
}
