package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/policy"
)

// ringFlag adds --ring with completion of the policy's rings.
func (a *app) ringFlag(cmd *cobra.Command, ring *string, usage string) {
	cmd.Flags().StringVar(ring, "ring", *ring, usage)
	a.completeRings(cmd)
}

// completeRings has the shell complete --ring. Outside a repository with a
// policy there is nothing to complete, which is no error.
func (a *app) completeRings(cmd *cobra.Command) {
	_ = cmd.RegisterFlagCompletionFunc("ring", func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		c, p, err := a.openPolicy(cmd.Context())
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer c.Close()
		return ringNames(p), cobra.ShellCompDirectiveNoFileComp
	})
}

func ringNames(p *policy.Policy) []string {
	var names []string
	for _, r := range p.Rings {
		names = append(names, r.Name)
	}
	return names
}

// completeNoFiles keeps the shell from offering file names where a command
// takes no argument, which is its default.
func completeNoFiles(c *cobra.Command) {
	if c.ValidArgsFunction == nil && !strings.Contains(c.Use, " ") {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, member := range c.Commands() {
		completeNoFiles(member)
	}
}
