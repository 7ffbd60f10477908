package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/agekey"
	"github.com/git-envelope/git-envelope/policy"
)

type initOptions struct {
	ring string
	age  []string
}

func (a *app) newInit() *cobra.Command {
	o := initOptions{ring: "default"}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Start using git-envelope in this repository",
		Long: `Makes the policy with one ring, the ring's first data key wrapped to its
recipients, the block in .gitattributes, and sets this clone up (see 'install').
Without --age the ring is for your own age identity; if you have none, one is made.
What is there already stays as it is, so running it again is safe. On a repository
that has a policy, --ring NAME with --age adds a ring.` + exitCodesHelp,
		Example: `  git envelope init
  git envelope init --ring prod --age age1... --age "ssh-ed25519 AAAA..."`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.init(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.ring, "ring", o.ring, "name of the ring")
	cmd.Flags().StringArrayVar(&o.age, "age", nil, "an age `RECIPIENT`: age1..., ssh-ed25519 ..., ssh-rsa ... (may be repeated)")
	return cmd
}

func (a *app) init(ctx context.Context, o initOptions) error {
	if !policy.ValidRingName(o.ring) {
		return usage(fmt.Errorf("%q cannot be the name of a ring", o.ring), "use lower-case letters, digits, '-' and '_'")
	}
	c, err := a.openTree(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	old, err := c.policies.CheckIn(ctx)
	if err != nil {
		return err
	}
	text, p, err := c.initPolicy(ctx, old, o)
	if err != nil {
		return err
	}
	_, attrs, err := c.syncedAttributes(p)
	if err != nil {
		return err
	}
	if err := c.initKey(ctx, p, o.ring); err != nil {
		return err
	}
	if text != nil {
		if err := c.writeTree(policyPath, text); err != nil {
			return err
		}
		a.printf("wrote %s\n", policyPath)
	}
	if err := c.writeTree(attrsPath, attrs); err != nil {
		return err
	}
	if _, err := c.setUp(ctx); err != nil {
		return err
	}
	if err := c.repo.Stage(ctx, []string{policyPath, keysDir, attrsPath}); err != nil {
		return err
	}
	a.printf("staged %s, %s and %s\n", policyPath, keysDir, attrsPath)
	if len(p.Rules) == 0 {
		a.printf("next: git envelope seal 'PATTERN', then commit\n")
	}
	return nil
}

// initPolicy gives the policy to write (nil: it is there already) and its meaning.
func (c *clone) initPolicy(ctx context.Context, old *policy.Policy, o initOptions) ([]byte, *policy.Policy, error) {
	if old != nil {
		if ring, ok := old.Ring(o.ring); ok {
			if missing := missingRecipients(ring, o.age); len(missing) > 0 {
				return nil, nil, usage(fmt.Errorf("ring %q is there already, without %s", o.ring, strings.Join(missing, ", ")),
					"adding recipients to a ring is not part of 'init'")
			}
			return nil, old, nil
		}
	}
	recipients, err := c.initRecipients(ctx, o.age)
	if err != nil {
		return nil, nil, err
	}
	var text []byte
	if old == nil {
		text = policy.New(newUUID(), o.ring, recipients)
	} else {
		if text, err = c.readTree(policyPath); err != nil {
			return nil, nil, err
		}
		if text, err = policy.AddRing(text, o.ring, recipients); err != nil {
			return nil, nil, usage(err, "")
		}
	}
	p, err := policy.Parse(text, policyPath)
	return text, p, err
}

func missingRecipients(r policy.Ring, age []string) (missing []string) {
	for _, uri := range age {
		if !slices.ContainsFunc(r.Recipients, func(have policy.Recipient) bool { return have.URI == uri }) {
			missing = append(missing, uri)
		}
	}
	return missing
}

// initRecipients are the named ones, or the user's own identities.
func (c *clone) initRecipients(ctx context.Context, age []string) ([]policy.Recipient, error) {
	if len(age) == 0 {
		own, err := c.ownRecipients(ctx)
		if err != nil {
			return nil, err
		}
		age = own
	}
	var out []policy.Recipient
	for _, uri := range age {
		r, err := agekey.New(agekey.Options{}).Canonical(keys.Recipient{Kind: agekey.Kind, URI: uri})
		if err != nil {
			return nil, usage(err, "an age recipient begins with age1, ssh-ed25519 or ssh-rsa; 'age-keygen -y FILE' prints yours")
		}
		out = append(out, policy.Recipient{Kind: r.Kind, URI: r.URI})
	}
	return out, nil
}

// ownRecipients are the recipients of the user's identities; with none at all,
// an identity is made in the default file.
func (c *clone) ownRecipients(ctx context.Context) ([]string, error) {
	config, err := c.repo.Config(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, file := range c.identityFiles(config) {
		b, err := os.ReadFile(file.Path)
		if errors.Is(err, fs.ErrNotExist) && file.Optional {
			recipient, err := c.makeIdentity(file.Path)
			return []string{recipient}, err
		}
		if err != nil {
			return nil, usage(fmt.Errorf("read the identity file that %s names: %w", file.Origin, err), "correct "+file.Origin)
		}
		own, err := agekey.RecipientOf(b)
		if err != nil {
			return nil, usage(fmt.Errorf("identity file %s: %w", file.Path, err), "say who may read with --age RECIPIENT")
		}
		out = append(out, own...)
	}
	if len(out) == 0 {
		return nil, usage(errors.New("you have no age identity, and no home folder to keep one in"),
			"set XDG_CONFIG_HOME, or say who may read with --age RECIPIENT")
	}
	return out, nil
}

// makeIdentity writes a new age identity where only its user can read it. It
// never replaces a file.
func (c *clone) makeIdentity(name string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return "", fmt.Errorf("make the folder for identities: %w", err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("make an identity file: %w", err)
	}
	recipient, err := agekey.NewIdentity(f, c.now())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(name)
		return "", fmt.Errorf("write an identity file: %w", err)
	}
	c.printf("made an age identity for you in %s: keep a copy of it in a safe place\n", name)
	return recipient, nil
}

// initKey makes the ring's first data key if it has none.
func (c *clone) initKey(ctx context.Context, p *policy.Policy, ring string) error {
	have, err := newKeySources(c).Generations(ctx, ring)
	if err != nil || len(have) > 0 {
		return err
	}
	registry, err := c.providers(ctx)
	if err != nil {
		return err
	}
	g, files, err := keyring.NewGeneration(ctx, registry, p.Repository, ring, recipientsOf(p, ring), c.now(), rand.Reader)
	if err != nil {
		return err
	}
	defer g.Key.Wipe()
	for _, f := range files {
		if err := c.writeTree(f.Path, f.Data); err != nil {
			return err
		}
	}
	c.printf("made the first data key of ring %s (%s) for %s\n", ring, g.ID.Short(), plural(len(files), "recipient"))
	return nil
}

// newUUID is a random UUID, version 4 (RFC 9562).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
