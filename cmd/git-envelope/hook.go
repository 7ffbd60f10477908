package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/hooks"
)

func (a *app) newHook() *cobra.Command {
	return &cobra.Command{
		Use:   "hook NAME",
		Short: "Judge a commit (run by Git's hooks)",
		Long: `Runs as the native Git hook NAME (` + strings.Join(hooks.Names, ", ") + `): judges
what is staged and refuses the commit if the policy wants something sealed that
is not, or if protection was weakened.` + exitCodesHelp,
		Args:      cobra.MinimumNArgs(1),
		ValidArgs: hooks.Names,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(hooks.Names, args[0]) {
				return usage(fmt.Errorf("unknown hook %q", args[0]), "the hooks are: "+strings.Join(hooks.Names, ", "))
			}
			return a.hook(cmd.Context())
		},
	}
}

// hook is silent about a commit that is in order.
func (a *app) hook(ctx context.Context) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	// A hook answers at once: it authenticates with keys that are at hand, in the
	// agent or by an identity, and asks no key service. CI does.
	c.offline = true
	v, err := c.judgeStaged(ctx)
	if err != nil {
		return err
	}
	if len(v.Findings) > 0 {
		c.app = &app{in: a.in, out: a.err, err: a.err, env: a.env, now: a.now, exe: a.exe}
		c.printVerdict(v)
		a.errorf("the commit is refused: %s", plural(len(v.Findings), "finding"))
	}
	return v.err()
}
