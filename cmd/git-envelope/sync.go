package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/spf13/cobra"
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
	wrong, err := c.recipientProblems(ctx, p)
	if err != nil {
		return err
	}
	for _, w := range wrong {
		a.warningf("%s", w.Message)
		a.hintf("%s", w.Hint)
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
