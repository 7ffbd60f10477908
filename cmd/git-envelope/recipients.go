package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
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

// recipientOptions are the recipients that a command line names, in the order
// in which it names them: the policy keeps that order, and they are asked in it.
type recipientOptions struct {
	list    []keys.Recipient
	untried bool
}

func (o *recipientOptions) flags(cmd *cobra.Command) {
	for _, f := range []struct{ kind, usage string }{
		{policy.KindAWSKMS, "an AWS KMS key, an `ARN` of a key or alias, perhaps with\n?role=ARN&region=R,R; alias/NAME?region=R is completed\n(may be repeated)"},
		{policy.KindAzureKey, "a key in Azure Key Vault or a Managed HSM, a `URL` with\nor without version (may be repeated)"},
		{policy.KindAge, "an age `RECIPIENT`: age1..., ssh-ed25519 ...,\nssh-rsa ... (may be repeated)"},
	} {
		cmd.Flags().Var(&recipientFlag{f.kind, &o.list}, f.kind, f.usage)
	}
	cmd.Flags().BoolVar(&o.untried, "untried", false, "accept a cloud key that wraps, but cannot be opened\nfrom here")
}

// recipientFlag appends to a list that flags of several kinds share.
type recipientFlag struct {
	kind string
	list *[]keys.Recipient
}

func (f *recipientFlag) String() string { return "" }
func (f *recipientFlag) Type() string   { return "string" }
func (f *recipientFlag) Set(uri string) error {
	*f.list = append(*f.list, keys.Recipient{Kind: f.kind, URI: uri})
	return nil
}

// recipientForms say what each kind looks like, for those who mistyped one.
var recipientForms = map[string]string{
	policy.KindAWSKMS:   "an AWS KMS recipient is the ARN of a key or alias, or alias/NAME?region=REGION; for another one repeat the flag",
	policy.KindAzureKey: "an Azure recipient is a key URL, https://VAULT.vault.azure.net/keys/NAME",
	policy.KindAge:      "an age recipient begins with age1, ssh-ed25519 or ssh-rsa; 'git envelope doctor' shows your own, --age \"$(cat FILE.pub)\" takes one from a file",
}

// canonical gives the named recipients their one spelling; with none named, they
// are the user's own age identities.
func (c *clone) canonical(ctx context.Context, registry *keys.Registry, o recipientOptions) ([]keys.Recipient, error) {
	list := o.list
	if len(list) == 0 {
		own, err := c.ownRecipients(ctx)
		if err != nil {
			return nil, err
		}
		for _, uri := range own {
			list = append(list, keys.Recipient{Kind: policy.KindAge, URI: uri})
		}
	}
	var out []keys.Recipient
	for _, named := range list {
		r, err := registry.Canonical(ctx, named)
		switch {
		case keys.KindOf(err) == keys.Unsupported:
			return nil, usage(err, recipientForms[named.Kind])
		case err != nil:
			return nil, err
		}
		i := indexOf(out, r)
		switch {
		case i < 0:
			out = append(out, r)
		case !maps.Equal(out[i].Options, r.Options):
			return nil, usage(fmt.Errorf("%s is named twice, with different options", r.Display()), "name it once")
		}
	}
	return out, nil
}

// indexOf is where a recipient stands in a list, whatever its options; -1 if it
// does not.
func indexOf(list []keys.Recipient, r keys.Recipient) int {
	return slices.IndexFunc(list, func(have keys.Recipient) bool { return have.ID() == r.ID() })
}

// named repeats recipients as flags, for a hint.
func named(list []keys.Recipient) string {
	if len(list) == 0 {
		return " --age RECIPIENT"
	}
	var b strings.Builder
	for _, r := range list {
		b.WriteString(" --" + r.Kind + " " + shellQuote(typed(r)))
	}
	return b.String()
}

// typed is a recipient as a command line names it.
func typed(r keys.Recipient) string {
	options := url.Values{}
	for name, value := range r.Options {
		options.Set(name, value)
	}
	if len(options) == 0 {
		return r.URI
	}
	return r.URI + "?" + options.Encode()
}

// try has each recipient wrap and unwrap a key of no value, before anything is
// written: a recipient that opens nothing shows today, not on the day it is
// needed. It tells whether any of them opens from here.
func (c *clone) try(ctx context.Context, registry *keys.Registry, repository, ring string, recipients []keys.Recipient, untried bool) (opens bool, err error) {
	for _, r := range recipients {
		trial, err := keyring.Try(ctx, registry, repository, ring, r)
		opens = opens || err == nil && trial.Shut == nil
		switch {
		case err != nil:
			return false, err
		case trial.Shut == nil && r.Kind != policy.KindAge:
			c.printf("tried %s: it wraps and opens, with %s\n", r.Display(), show(trial.Wrapped.Key))
		case trial.Shut == nil:
		case r.Kind == policy.KindAge:
			c.printf("not tried, since only its owner can open it: %s\n", r.Display())
		case untried:
			c.warningf("%v: it wraps, but whether it opens is not proven", trial.Shut)
		default:
			return false, withHint(fmt.Errorf("the recipient wraps, but cannot be opened from here: %w", trial.Shut),
				"mend that, or add it all the same with --untried")
		}
	}
	return opens, nil
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
			"set XDG_CONFIG_HOME, or say who may read with --age RECIPIENT, --aws-kms ARN or --azure-key URL")
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

// inPolicy converts recipients to the policy's own type, which knows nothing of keys.
func inPolicy(recipients []keys.Recipient) []policy.Recipient {
	out := make([]policy.Recipient, len(recipients))
	for i, r := range recipients {
		out[i] = policy.Recipient{Kind: r.Kind, URI: r.URI, Options: r.Options}
	}
	return out
}

// fromPolicy converts the other way.
func fromPolicy(r policy.Recipient) keys.Recipient {
	return keys.Recipient{Kind: r.Kind, URI: r.URI, Options: r.Options}
}

// recipientsOf are the recipients of a ring; none if the policy has no such ring.
func recipientsOf(p *policy.Policy, ring string) []keys.Recipient {
	r, _ := p.Ring(ring)
	out := make([]keys.Recipient, len(r.Recipients))
	for i, rec := range r.Recipients {
		out[i] = fromPolicy(rec)
	}
	return out
}

// recipientProblems lists recipients of a ring that can't be of use: those whose
// form is wrong, and those for which wrapped keys are missing, as after an edit
// by hand. It opens nothing.
func recipientProblems(ctx context.Context, registry *keys.Registry, ring policy.Ring, generations []keyring.Metadata) (out []problem) {
	for i, entry := range recipientEntries(ring, generations) {
		r := fromPolicy(ring.Recipients[i])
		if _, err := registry.Provider(r.Kind); err != nil {
			continue // nothing this build could say of it
		}
		switch err := registry.Check(r); {
		case err != nil:
			out = append(out, problem{policyPath, fmt.Sprintf("ring %s: %v", ring.Name, err), spelling(ctx, registry, r)})
		case entry.Wrapped < len(generations):
			out = append(out, problem{policyPath, fmt.Sprintf("ring %s: %s opens %d of %s", ring.Name, r.Display(), entry.Wrapped, plural(len(generations), "generation")),
				"git envelope recipient add --ring " + ring.Name + named([]keys.Recipient{r})})
		}
	}
	return out
}

// spelling is how a recipient that Check refuses has to be written, if that can
// be told.
func spelling(ctx context.Context, registry *keys.Registry, r keys.Recipient) string {
	if right, err := registry.Canonical(ctx, keys.Recipient{Kind: r.Kind, URI: r.URI}); err == nil {
		return "write it as: " + right.URI
	}
	return recipientForms[r.Kind]
}
