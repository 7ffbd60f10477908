package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/hooks"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
)

type uninstallOptions struct{ global, force bool }

func (a *app) newUninstall() *cobra.Command {
	var o uninstallOptions
	cmd := &cobra.Command{
		Use:   "uninstall",
		Short: "Remove the drivers and hook from this clone",
		Long: `Removes what 'git envelope install' set up and puts a hook that it kept back in
its place. It refuses while the work tree holds plaintext of sealed files:
without the filter Git would store that plaintext with the next 'git add'.` + exitCodesHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.uninstall(cmd.Context(), o) },
	}
	cmd.Flags().BoolVar(&o.global, "global", false, "remove the drivers from your own configuration")
	cmd.Flags().BoolVar(&o.force, "force", false, "remove them although plaintext is in the work tree")
	return cmd
}

func (a *app) uninstall(ctx context.Context, o uninstallOptions) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if !o.force && !o.global && c.tree != nil {
		if err := c.refuseExposure(ctx); err != nil {
			return err
		}
	}
	scope := gitrepo.Local
	if o.global {
		scope = gitrepo.Global
	}
	config, err := c.repo.Config(ctx)
	if err != nil {
		return err
	}
	for _, section := range []string{"filter.envelope", "diff.envelope", "merge.envelope"} {
		if err := config.RemoveSection(ctx, scope, section); err != nil {
			return err
		}
	}
	a.printf("removed the filter, diff and merge drivers\n")
	if o.global {
		return nil
	}
	program, err := c.program()
	if err != nil {
		return err
	}
	removed, err := hooks.Uninstall(ctx, c.repo, program)
	for _, h := range removed {
		a.printf("removed the %s hook\n", h.Name)
	}
	return err
}

// refuseExposure refuses to leave plaintext in the work tree without a filter.
func (c *clone) refuseExposure(ctx context.Context) error {
	files, err := c.covered(ctx)
	if err != nil {
		return err
	}
	open := 0
	for _, f := range files {
		if f.sealed() && c.treeState(f.entry.Path) == treePlain {
			open++
		}
	}
	if open == 0 {
		return nil
	}
	return withHint(fmt.Errorf("%s in the work tree in plaintext, which Git would store as it is", plural(open, "sealed file")),
		"run 'git envelope lock' first, or use --force")
}
