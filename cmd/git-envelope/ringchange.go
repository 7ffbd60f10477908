package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/policy"
)

func (a *app) newRingRemove() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Take a ring out of the policy",
		Long: `Takes a ring out of the policy that no rule names any more and for which no
tracked file is sealed. Its wrapped keys stay, since old commits need them.

The pre-commit hook stops such a commit: if you mean it, commit with
--no-verify.` + exitCodesHelp,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.ringRemove(cmd.Context(), args[0]) },
	}
}

func (a *app) ringRemove(ctx context.Context, name string) error {
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if name, err = chooseRing(p, name); err != nil {
		return err
	}
	if err := c.inUse(ctx, p, name); err != nil {
		return err
	}
	if _, err := c.changePolicy(ctx, func(old []byte) ([]byte, error) { return policy.RemoveRing(old, name) }); err != nil {
		return err
	}
	a.printf("removed ring %s from %s, staged; its keys stay below %s, since old commits need them\n", name, policyPath, keyring.RingDir(name))
	a.hintf("the hook stops this commit because a ring goes; if you mean it: git commit --no-verify")
	return nil
}

// inUse refuses while files are sealed for a ring, by a rule or by attributes
// written by hand.
func (c *clone) inUse(ctx context.Context, p *policy.Policy, ring string) error {
	files, err := c.covered(ctx)
	if err != nil {
		return err
	}
	kr, err := c.keyring()
	if err != nil {
		return err
	}
	for _, f := range files {
		used := f.ring == ring
		if f.sealed() && !used {
			name, err := kr.Find(ctx, f.stored.id, "")
			used = err == nil && p.Today(name) == ring
		}
		if used {
			return usage(fmt.Errorf("ring %q is in use: %s is sealed for it", ring, show(f.entry.Path)),
				"git envelope unseal the patterns, or seal them for another ring; 'git envelope status' lists the files")
		}
	}
	return nil
}

func (a *app) newRingRename() *cobra.Command {
	return &cobra.Command{
		Use:   "rename OLD NEW",
		Short: "Give a ring another name",
		Long: `Renames a ring in the policy, and makes a data key for it under its new name:
the name is part of what each key service is asked, so conditions on it in key
policies (kms:EncryptionContext:ring) need the new name beside the old one.
The policy notes the old name: files that were sealed under it stay as they are
and readable, until their content changes or 'git envelope reseal' runs.

Merge the rename into other branches before they change files of the ring, or
git asks you to choose a side.` + exitCodesHelp,
		Example: "  git envelope ring rename prod production",
		Args:    cobra.ExactArgs(2),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.ringRename(cmd.Context(), args[0], args[1]) },
	}
}

func (a *app) ringRename(ctx context.Context, old, name string) error {
	if err := checkRingName(name); err != nil {
		return err
	}
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, ok := p.Ring(old); !ok {
		return usage(fmt.Errorf("the policy has no ring %q", old), "the rings are: "+strings.Join(ringNames(p), ", "))
	}
	before, err := c.readTree(policyPath)
	if err != nil {
		return err
	}
	text, err := policy.RenameRing(before, old, name)
	if err != nil {
		return usage(err, "")
	}
	renamed, err := policy.Parse(text, policyPath)
	if err != nil {
		return err
	}
	registry, err := c.providers()
	if err != nil {
		return err
	}
	opens, err := c.try(ctx, registry, p.Repository, name, recipientsOf(renamed, name), true)
	if err == nil && !opens {
		err = errors.New("none of the ring's recipients opens from here")
	}
	if err != nil {
		return withHint(err, "whoever renames a ring must be able to open it; key policies with a condition on its name need the new one: 'kms:EncryptionContext:ring' %s", name)
	}
	if err := c.writeRing(ctx, renamed, name, text); err != nil {
		return err
	}
	a.printf("renamed ring %s to %s; staged %s, %s and %s\n", old, name, policyPath, keysDir, attrsPath)
	a.printf("next: commit; what is sealed stays so, 'git envelope reseal --ring %s' seals it under the new key\n", name)
	return nil
}
