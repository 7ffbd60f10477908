package main

import (
	"bytes"
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

func (a *app) newRecipient() *cobra.Command {
	return family("recipient", "Recipients: the keys that open a ring",
		"A recipient is a key of AWS KMS, Azure Key Vault or a Managed HSM, or an age\nrecipient. Any one of them opens its ring.",
		a.newRecipientList(), a.newRecipientAdd(), a.newRecipientRemove())
}

type recipientAddOptions struct {
	ring       string
	recipients recipientOptions
}

func (a *app) newRecipientAdd() *cobra.Command {
	var o recipientAddOptions
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Let further recipients open a ring",
		Long: `Wraps every generation of the ring's data key to the recipients named, and adds
them to the policy. You must be able to open the ring. Each recipient is tried
before anything is written: it has to wrap a key of no value, and give it back.
A recipient that the policy lists already gets the wrapped keys it lacks.

Sealed files stay as they are: the data key is the same. Policy and key files
are staged.` + exitCodesHelp,
		Example: `  git envelope recipient add --age age1...
  git envelope recipient add --ring prod \
      --aws-kms 'alias/prod-secrets?region=eu-west-1'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.recipientAdd(cmd.Context(), o) },
	}
	a.ringFlag(cmd, &o.ring, "the ring they may open\n(default: default_ring, or the only ring)")
	o.recipients.flags(cmd)
	cmd.MarkFlagsOneRequired(policy.KindAWSKMS, policy.KindAzureKey, policy.KindAge)
	return cmd
}

// recipientAdd writes and stages the wrapped keys first: they harm nobody if the
// rest fails, and a policy must not name who cannot open.
func (a *app) recipientAdd(ctx context.Context, o recipientAddOptions) error {
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ring, err := chooseRing(p, o.ring)
	if err != nil {
		return err
	}
	registry, err := c.providers()
	if err != nil {
		return err
	}
	recipients, err := c.canonical(ctx, registry, o.recipients)
	if err != nil {
		return err
	}
	before, err := c.readTree(policyPath)
	if err != nil {
		return err
	}
	text := before
	for _, r := range inPolicy(recipients) {
		if text, err = policy.AddRecipient(text, ring, r); err != nil {
			return usage(err, "edit "+policyPath)
		}
	}
	if _, err := policy.Parse(text, policyPath); err != nil {
		return err
	}
	if _, err := c.try(ctx, registry, p.Repository, ring, recipients, o.recipients.untried); err != nil {
		return err
	}
	kr, err := c.keyring()
	if err != nil {
		return err
	}
	var files []keyring.File
	for _, name := range everyName(p, ring) { // keys of before it was renamed, too
		more, err := kr.Extend(ctx, name, recipients)
		if err != nil {
			return err
		}
		files = append(files, more...)
	}
	if err := c.put(ctx, files); err != nil {
		return err
	}
	if err := c.put(ctx, []keyring.File{{Path: policyPath, Data: text}}); err != nil {
		return err
	}
	if len(files) == 0 && bytes.Equal(text, before) { // staged all the same: one that was killed may not have
		a.printf("nothing to do: they can open every generation of ring %s already\n", ring)
		return nil
	}
	if len(files) == 0 {
		a.printf("added to ring %s of the policy; the wrapped keys were there already\n", ring)
	} else {
		a.printf("made %s of ring %s for %s\n", plural(len(files), "wrapped key"), ring, plural(len(recipients), "recipient"))
	}
	a.printf("staged %s and %s\nnext: commit\n", policyPath, keysDir)
	return nil
}

func (a *app) newRecipientList() *cobra.Command {
	var ring string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the recipients of the rings",
		Long: `Lists who may open which ring by the policy, and for how many of the ring's
generations there is a wrapped key. Opens nothing; 'doctor --keys' tries them
all.` + exitCodesHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.recipientList(cmd.Context(), ring, asJSON) },
	}
	a.ringFlag(cmd, &ring, "only this ring")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON for machines")
	return cmd
}

// recipientEntry is a recipient of 'recipient list --json'. Fields are only ever added.
type recipientEntry struct {
	Kind    string            `json:"kind"`
	URI     string            `json:"uri"`
	Options map[string]string `json:"options,omitempty"`
	// Wrapped is for how many generations it has a wrapped key.
	Wrapped int `json:"wrapped"`
}

func recipientEntries(ring policy.Ring, generations []keyring.Metadata) []recipientEntry {
	wrapped := map[string]int{}
	for _, g := range generations {
		for _, r := range g.Recipients {
			wrapped[r.ID()]++
		}
	}
	out := []recipientEntry{}
	for _, r := range ring.Recipients {
		out = append(out, recipientEntry{r.Kind, r.URI, r.Options, wrapped[fromPolicy(r).ID()]})
	}
	return out
}

func (a *app) recipientList(ctx context.Context, only string, asJSON bool) error {
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if only != "" {
		if _, err := chooseRing(p, only); err != nil {
			return err
		}
	}
	entries, err := c.ringEntries(ctx, p, only)
	if err != nil {
		return err
	}
	if asJSON {
		return a.printRingsJSON(entries)
	}
	t := tabwriter.NewWriter(a.out, 0, 8, 2, ' ', 0)
	for _, e := range entries {
		for _, r := range e.Recipients {
			uri := typed(keys.Recipient{URI: r.URI, Options: r.Options})
			fmt.Fprintf(t, "%s\t%d of %s\t%s: %s\n", e.Name, r.Wrapped, plural(e.Generations, "generation"), r.Kind, show(uri))
		}
	}
	return t.Flush()
}
