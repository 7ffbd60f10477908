package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/scan/exact"
	"github.com/git-envelope/git-envelope/policy"
)

type recipientRemoveOptions struct {
	ring   string
	list   []keys.Recipient
	rotate bool
}

func (a *app) newRecipientRemove() *cobra.Command {
	var o recipientRemoveOptions
	cmd := &cobra.Command{
		Use:   "remove",
		Short: "Take recipients out of a ring",
		Long: `Takes recipients out of the policy, and their wrapped keys out of the work tree
and the index. What was sealed so far they can open for ever: the data key they
know stays in use, and whoever has a clone has their wrapped keys.

With --rotate the ring gets a new data key that they do not have, and its files
are sealed under that key. Their content is the same, and they could read it:
the files are listed, so that you can replace the secrets at their source.

The pre-commit hook stops such a commit, since a removed recipient may also be a
loss: if you mean it, commit with --no-verify.` + exitCodesHelp,
		Example: `  git envelope recipient remove --ring prod --age age1... --rotate`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.recipientRemove(cmd.Context(), o) },
	}
	a.ringFlag(cmd, &o.ring, "the ring they leave\n(default: default_ring, or the only ring)")
	for _, f := range []struct{ kind, usage string }{
		{policy.KindAWSKMS, "an AWS KMS key, an `ARN` as the policy has it\n(may be repeated)"},
		{policy.KindAzureKey, "a key in Azure, a `URL` as the policy has it\n(may be repeated)"},
		{policy.KindAge, "an age `RECIPIENT`, as the policy has it\n(may be repeated)"},
	} {
		cmd.Flags().Var(&recipientFlag{f.kind, &o.list}, f.kind, f.usage)
	}
	cmd.MarkFlagsOneRequired(policy.KindAWSKMS, policy.KindAzureKey, policy.KindAge)
	cmd.Flags().BoolVar(&o.rotate, "rotate", false, "then rotate the ring and reseal its files")
	return cmd
}

// recipientRemove edits the policy last: if anything before it fails, everybody
// is where they were.
func (a *app) recipientRemove(ctx context.Context, o recipientRemoveOptions) error {
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if o.ring, err = chooseRing(p, o.ring); err != nil {
		return err
	}
	gone, err := c.listed(ctx, p, o)
	if err != nil {
		return err
	}
	text, err := c.readTree(policyPath)
	if err != nil {
		return err
	}
	for _, r := range gone {
		if indexOf(recipientsOf(p, o.ring), r) < 0 {
			continue
		}
		if text, err = policy.RemoveRecipient(text, o.ring, r.Kind, r.URI); err != nil {
			return usage(err, "edit "+policyPath)
		}
	}
	drop, err := c.wrappedFor(ctx, p, o.ring, gone)
	if err != nil {
		return err
	}
	if o.rotate {
		if err := c.othersOpen(ctx, o.ring, gone); err != nil {
			return err
		}
	}
	if err := c.put(ctx, append(drop, keyring.File{Path: policyPath, Data: text})); err != nil {
		return err
	}
	for _, r := range gone {
		a.printf("removed from ring %s: %s: %s\n", o.ring, r.Kind, show(r.URI))
	}
	a.printf("staged %s, and %s less\n", policyPath, plural(len(drop), "wrapped key"))
	if o.rotate {
		return a.replaceKey(ctx, o.ring)
	}
	return c.whatRemains(ctx, o.ring)
}

// listed finds the recipients in the policy: as it spells them, else as their
// provider would. Those that the last commit still has count too, so that a removal
// that was interrupted can be done to its end.
func (c *clone) listed(ctx context.Context, p *policy.Policy, o recipientRemoveOptions) (out []keys.Recipient, err error) {
	registry, err := c.providers()
	if err != nil {
		return nil, err
	}
	have := recipientsOf(p, o.ring)
	if head, err := c.policies.fromObject(ctx, "HEAD:"+policyPath); err == nil && head != nil {
		have = append(have, recipientsOf(head, o.ring)...)
	}
	for _, r := range o.list {
		same := func(h keys.Recipient) bool { return h.Kind == r.Kind && h.URI == r.URI }
		i := slices.IndexFunc(have, same)
		if i < 0 {
			if r, err := registry.Canonical(ctx, r); err == nil {
				i = indexOf(have, r)
			}
		}
		if i < 0 {
			return nil, usage(fmt.Errorf("ring %q has no such recipient: %s", o.ring, r.Display()), "git envelope recipient list --ring "+o.ring)
		}
		if indexOf(out, have[i]) < 0 {
			out = append(out, have[i])
		}
	}
	return out, nil
}

// wrappedFor are the wrapped-key files of recipients of a ring, as files to
// remove. Each generation must keep one for somebody who stays.
func (c *clone) wrappedFor(ctx context.Context, p *policy.Policy, ring string, gone []keys.Recipient) (drop []keyring.File, err error) {
	kr, err := c.keyring()
	if err != nil {
		return nil, err
	}
	staying := map[string]bool{}
	for _, r := range recipientsOf(p, ring) {
		staying[r.ID()] = true
	}
	for _, r := range gone {
		delete(staying, r.ID())
	}
	for _, name := range everyName(p, ring) {
		generations, err := kr.Generations(ctx, name)
		if err != nil {
			return nil, err
		}
		for _, g := range generations {
			stays := false
			for _, r := range g.Recipients {
				stays = stays || staying[r.ID()]
			}
			for _, r := range gone {
				if indexOf(g.Recipients, r) < 0 {
					continue
				}
				if !stays {
					return nil, usage(fmt.Errorf("nobody else has a wrapped key of generation %s of ring %s", g.ID.Short(), name),
						"let the others have theirs first: git envelope rewrap --ring "+ring)
				}
				drop = append(drop, keyring.File{Path: keyring.Path(name, g.ID, r.ID())})
			}
		}
	}
	return drop, nil
}

// othersOpen tells whether the ring can be resealed from here once the removed
// ones are gone.
func (c *clone) othersOpen(ctx context.Context, ring string, gone []keys.Recipient) error {
	kr, err := c.keyring()
	if err != nil {
		return err
	}
	_, probes, err := kr.Probe(ctx, ring)
	if err != nil {
		return err
	}
	failed := &keys.RingError{Ring: ring, Cause: keys.ErrNoAccess, Hint: "let somebody who stays remove them, or leave out --rotate"}
	for _, probe := range probes {
		switch {
		case indexOf(gone, probe.Recipient) >= 0:
		case probe.Failed == nil:
			return nil
		default:
			failed.Failed = append(failed.Failed, probe.Failed)
		}
	}
	return fmt.Errorf("none of those who stay can be opened from here: %w", failed)
}

// whatRemains says what a removed recipient can still read, and the way on.
func (c *clone) whatRemains(ctx context.Context, ring string) error {
	paths, err := c.sealedFor(ctx, ring)
	if err != nil {
		return err
	}
	c.warningf("they can still open all that was sealed for ring %s so far, here and in the history%s, and what is sealed from now on, until the key changes", ring, among(paths))
	c.hintf("git envelope rotate --ring %s && git envelope reseal --ring %s; then replace the secrets at their source", ring, ring)
	c.hintf("the hook stops this commit because a recipient goes; if you mean it: git commit --no-verify")
	return nil
}

func among(paths []string) string {
	if len(paths) == 0 {
		return ""
	}
	return ", among it " + plural(len(paths), "file") + " of the index"
}

// sealedFor lists the tracked files that are sealed for a ring.
func (c *clone) sealedFor(ctx context.Context, ring string) (paths []string, err error) {
	files, err := c.covered(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.ring == ring && f.sealed() {
			paths = append(paths, f.entry.Path)
		}
	}
	return paths, nil
}

// replaceKey gives a ring a new data key and seals its files under it, after
// recipients left. Each step is staged by itself: what is done stays done if a
// later one fails, and is said.
func (a *app) replaceKey(ctx context.Context, ring string) error {
	c, p, err := a.openPolicy(ctx) // the policy without them
	if err != nil {
		return err
	}
	defer c.Close()
	m, err := c.rotateRing(ctx, p, ring)
	if err != nil {
		return withHint(fmt.Errorf("they are removed, but the key is the old one: %w", err), "git envelope rotate --ring %s && git envelope reseal --ring %s", ring, ring)
	}
	a.printf("rotated ring %s: new generation %s for %s\n", ring, m.ID.Short(), plural(len(m.Recipients), "recipient"))
	r, err := c.resealFiles(ctx, p, resealOptions{lockOptions: lockOptions{rings: []string{ring}}})
	if err != nil {
		return withHint(fmt.Errorf("the key is new, but the files are under the old one: %w", err), "git envelope reseal --ring %s", ring)
	}
	for _, m := range r.Moves {
		a.printf("resealed %s of ring %s: from generation %s to %s\n", plural(m.Files, "file"), m.Ring, m.From[:8], m.To[:8])
	}
	for _, s := range r.Skipped {
		a.warningf("not resealed: %s: %s", show(s.Path), s.Reason)
	}
	if err := c.printToReplace(ctx, ring); err != nil {
		return err
	}
	a.printf("next: commit; other branches keep the old key until they merge this: git envelope reseal --all-branches\n")
	a.hintf("the hook stops this commit because a recipient goes; if you mean it: git commit --no-verify")
	return r.verdict()
}

// Limits of the list of secrets to replace.
const (
	maxToReplace = 200     // lines
	maxLookedAt  = 4 << 20 // bytes of a file whose values are told apart
)

// printToReplace lists the files of a ring, each with the places of the values in
// it that look like secrets. It prints no value.
func (c *clone) printToReplace(ctx context.Context, ring string) error {
	files, err := c.covered(ctx)
	if err != nil {
		return err
	}
	f := c.filter()
	defer f.Close()
	n := 0
	for _, file := range files {
		if file.ring != ring || !file.sealed() {
			continue
		}
		if n++; n == 1 {
			c.printf("they could read these files: replace the secrets in them at their source\n")
		}
		if n > maxToReplace {
			continue
		}
		places, err := c.secretPlaces(ctx, f, file)
		if err != nil {
			return err
		}
		c.printf("  %s%s\n", show(file.entry.Path), places)
	}
	if n > maxToReplace {
		c.printf("  and %d more: git envelope status\n", n-maxToReplace)
	}
	return nil
}

// secretPlaces names the values in a sealed file that look like secrets, by their
// keys: ": db.password, api.token", or "" where none can be told.
func (c *clone) secretPlaces(ctx context.Context, f *filter.Filter, file coveredFile) (string, error) {
	if file.stored.size > maxLookedAt {
		return "", nil
	}
	o, err := c.blobs.Open(ctx, file.entry.OID)
	if err != nil {
		return "", err
	}
	defer o.Close()
	plain, err := f.Show(ctx, o)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(plain, maxLookedAt))
	if err != nil {
		return "", err
	}
	defer clear(text)
	var keys []string
	for _, v := range exact.Extract(file.entry.Path, text) {
		if _, key, ok := strings.Cut(v.Source, ": "); ok && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	const most = 12
	switch {
	case len(keys) == 0:
		return "", nil
	case len(keys) > most:
		keys = append(keys[:most], fmt.Sprintf("and %d more", len(keys)-most))
	}
	return ": " + harmless(strings.Join(keys, ", ")), nil
}
