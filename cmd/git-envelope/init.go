package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/policy"
)

type initOptions struct {
	ring       string
	recipients recipientOptions
}

func (a *app) newInit() *cobra.Command {
	o := initOptions{ring: "default"}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Start using git-envelope in this repository",
		Long: `Makes the policy with one ring, the ring's first data key wrapped to its
recipients, the block in .gitattributes, and sets this clone up (see 'install').
Without recipients the ring is for your own age identity; if you have none, one
is made. Each recipient is tried before anything is written: it has to wrap a
key of no value, and give it back. They are asked in the order in which you name
them. What is there already stays as it is, so running it again is safe. On a
repository that has a policy, a --ring that it lacks is added, as 'git envelope
ring add' does.` + exitCodesHelp,
		Example: `  git envelope init
  git envelope init --ring prod --age age1... --age "ssh-ed25519 AAAA..."
  git envelope init --aws-kms arn:aws:kms:eu-west-1:111122223333:alias/secrets \
      --azure-key https://acme.vault.azure.net/keys/secrets`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.init(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.ring, "ring", o.ring, "name of the ring")
	o.recipients.flags(cmd)
	return cmd
}

func (a *app) init(ctx context.Context, o initOptions) error {
	if err := checkRingName(o.ring); err != nil {
		return err
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
	if err := c.writeRing(ctx, p, o.ring, text); err != nil {
		return err
	}
	if _, err := c.setUp(ctx); err != nil {
		return err
	}
	committed, err := c.readObject(ctx, "HEAD:"+policyPath)
	if err != nil {
		return err
	}
	stage := []string{policyPath, attrsPath}
	if committed == nil {
		stage = append(stage, keysDir) // the first time, which may have been interrupted before
	}
	if err := c.repo.Stage(ctx, stage); err != nil {
		return err
	}
	a.printf("staged %s, %s and %s\n", policyPath, keysDir, attrsPath)
	if len(p.Rules) == 0 {
		a.printf("next: git envelope seal 'PATTERN', then commit\n")
	}
	return nil
}

// writeRing writes and stages the first data key of a ring, then its policy (nil:
// it is there already) and the attributes: a policy must not promise what is not
// there. Whatever else lies below .envelope/keys may be somebody else's doing: put
// tells of it.
func (c *clone) writeRing(ctx context.Context, p *policy.Policy, ring string, text []byte) error {
	_, attrs, err := c.syncedAttributes(p)
	if err != nil {
		return err
	}
	if err := c.initKey(ctx, p, ring, text != nil); err != nil {
		return err
	}
	files := []keyring.File{{Path: attrsPath, Data: attrs}}
	if text != nil {
		files = append(files, keyring.File{Path: policyPath, Data: text})
	}
	if err := c.put(ctx, files); err != nil {
		return err
	}
	if text != nil {
		c.printf("wrote %s\n", policyPath)
	}
	return nil
}

// initPolicy gives the policy to write (nil: it is there already) and its
// meaning. The recipients of a ring that is new were tried.
func (c *clone) initPolicy(ctx context.Context, old *policy.Policy, o initOptions) ([]byte, *policy.Policy, error) {
	if old != nil {
		if ring, ok := old.Ring(o.ring); ok {
			missing, err := c.missingRecipients(ctx, ring, o.recipients)
			if err == nil && len(missing) > 0 {
				err = usage(fmt.Errorf("ring %q is there already, without %s", o.ring, strings.Join(missing, ", ")),
					"git envelope recipient add --ring "+o.ring+named(o.recipients.list))
			}
			return nil, old, err
		}
	}
	return c.withRing(ctx, old, o.ring, o.recipients)
}

// withRing is the policy's text with one more ring, or the first policy.
func (c *clone) withRing(ctx context.Context, old *policy.Policy, ring string, o recipientOptions) ([]byte, *policy.Policy, error) {
	registry, err := c.providers()
	if err != nil {
		return nil, nil, err
	}
	recipients, err := c.canonical(ctx, registry, o)
	if err != nil {
		return nil, nil, err
	}
	var text []byte
	if old == nil {
		text = policy.New(newUUID(), ring, inPolicy(recipients))
	} else {
		if text, err = c.readTree(policyPath); err != nil {
			return nil, nil, err
		}
		if text, err = policy.AddRing(text, ring, inPolicy(recipients)); err != nil {
			return nil, nil, usage(err, "")
		}
	}
	p, err := policy.Parse(text, policyPath)
	if err != nil {
		return nil, nil, err
	}
	opens, err := c.try(ctx, registry, p.Repository, ring, recipients, o.untried)
	if err == nil && !opens {
		c.warningf("none of these opens from here: you will not be able to add files or recipients to ring %s", ring)
	}
	return text, p, err
}

func (c *clone) missingRecipients(ctx context.Context, ring policy.Ring, o recipientOptions) (missing []string, err error) {
	if len(o.list) == 0 {
		return nil, nil
	}
	registry, err := c.providers()
	if err != nil {
		return nil, err
	}
	named, err := c.canonical(ctx, registry, o)
	if err != nil {
		return nil, err
	}
	for _, r := range named {
		same := func(have policy.Recipient) bool {
			return have.Kind == r.Kind && have.URI == r.URI && maps.Equal(have.Options, r.Options)
		}
		if !slices.ContainsFunc(ring.Recipients, same) {
			missing = append(missing, typed(r))
		}
	}
	return missing, nil
}

// initKey makes the ring's first data key if it has none. A ring that is new must
// not have any: whoever made it, it is not wrapped for the recipients named now.
func (c *clone) initKey(ctx context.Context, p *policy.Policy, ring string, fresh bool) error {
	have, err := newKeySources(c).Generations(ctx, ring)
	if err == nil && len(have) > 0 && fresh {
		dir := keyring.RingDir(ring)
		err = usage(errors.New(dir+" has keys already, of a ring that is not in "+policyPath),
			"if its policy was lost: git checkout HEAD -- "+policyPath+"; if nothing is sealed under these keys: git rm -rf "+dir)
	}
	if err != nil || len(have) > 0 {
		return err
	}
	registry, err := c.providers()
	if err != nil {
		return err
	}
	g, files, err := keyring.NewGeneration(ctx, registry, p.Repository, ring, recipientsOf(p, ring), c.now(), rand.Reader)
	if err != nil {
		return err
	}
	defer g.Key.Wipe()
	if err := c.put(ctx, files); err != nil {
		return err
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
