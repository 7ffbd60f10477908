package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/policy"
)

type syncOptions struct{ check bool }

func (a *app) newSync() *cobra.Command {
	var o syncOptions
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Regenerate the block in .gitattributes from the policy",
		Long: `Writes the attributes that make Git give the policy's files to git-envelope into
a marked block at the end of .gitattributes; every other line stays as it is. A
pattern that has no exact counterpart there is refused.` + exitCodesHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.sync(cmd.Context(), o) },
	}
	cmd.Flags().BoolVar(&o.check, "check", false, "change nothing; exit 1 if the block is out of date")
	return cmd
}

func (a *app) sync(ctx context.Context, o syncOptions) error {
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	was, want, err := c.syncedAttributes(p)
	if err != nil {
		return err
	}
	if err := c.warnOfRecipients(ctx, p); err != nil {
		return err
	}
	switch {
	case bytes.Equal(was, want):
		a.printf("%s is up to date\n", attrsPath)
		return nil
	case o.check:
		a.printf("%s is out of date\n", attrsPath)
		a.hintf("run 'git envelope sync' and commit %s", attrsPath)
		return errFindings
	}
	if err := c.writeTree(attrsPath, want); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "wrote %s\nnext: 'git add %s', and 'git add --renormalize .' to store covered files anew\n", attrsPath, attrsPath)
	return nil
}

// warnOfRecipients tells which recipients of the policy can't be of use: whoever
// edits it by hand runs sync next.
func (c *clone) warnOfRecipients(ctx context.Context, p *policy.Policy) error {
	registry, err := c.providers()
	if err != nil {
		return err
	}
	kr, err := c.keyring()
	if err != nil {
		return err
	}
	for _, ring := range p.Rings {
		generations, err := kr.Generations(ctx, ring.Name)
		if err != nil {
			return err
		}
		for _, w := range recipientProblems(ctx, registry, ring, generations) {
			c.warningf("%s", w.Message)
			c.hintf("%s", w.Hint)
		}
	}
	return nil
}
