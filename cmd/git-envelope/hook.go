package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/hooks"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/report"
)

func (a *app) newHook() *cobra.Command {
	return &cobra.Command{
		Use:   "hook NAME [ARGUMENT…]",
		Short: "Judge a commit or a push (run by Git's hooks)",
		Long: `Runs as the native Git hook NAME, with the arguments and standard input that Git
gives it. pre-commit and pre-merge-commit judge what is staged, commit-msg the
message, pre-push what is about to leave, pre-receive (on a server) what was
pushed: all verdicts of 'git envelope scan'. Silent about what is in order.

pre-commit takes names of files, as hook managers pass them: of those the index
has as HEAD does, the whole content is searched too. framework-push is pre-push
for the pre-commit framework, which tells what is pushed in the environment.

A hook asks no key service: sealed files are authenticated, and their values
looked for elsewhere, with keys at hand, in the agent or by an identity.` + exitCodesHelp,
		Args:      cobra.MinimumNArgs(1),
		ValidArgs: hooks.Known,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(hooks.Known, args[0]) {
				return usage(fmt.Errorf("unknown hook %q", args[0]), "the hooks are: "+strings.Join(hooks.Known, ", "))
			}
			if args[0] == "commit-msg" && len(args) < 2 {
				return usage(fmt.Errorf("the commit-msg hook needs the file with the message"), "Git gives it as the first argument: 'git-envelope hook commit-msg \"$1\"'")
			}
			return a.hook(cmd.Context(), args[0], args[1:])
		},
	}
}

// hookGC keeps garbage from being collected in a hook that looks at a few files
// only: it is over before that would be of use.
const hookGC = 800

// hook is silent about what is in order.
func (a *app) hook(ctx context.Context, name string, args []string) error {
	defer debug.SetGCPercent(debug.SetGCPercent(hookGC))
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	c.offline = true
	refused, o := "the commit is refused", scanOptions{staged: true, jobs: 1}
	switch name {
	case "pre-push", hooks.FrameworkPush:
		refused, o = "the push is refused", scanOptions{preReceive: true}
	case "pre-receive":
		refused, o = "the push is refused", scanOptions{preReceive: true, noCache: true}
	case "pre-commit", "pre-merge-commit":
		o.paths = args
	}
	var judged *judgement
	r, err := c.judgeBy(ctx, o, func(j *judgement) error {
		judged = j
		switch name {
		case "commit-msg":
			return j.message(ctx, args[0])
		case "pre-push":
			remote := ""
			if len(args) > 0 {
				remote = args[0]
			}
			return j.pushed(ctx, remote)
		case hooks.FrameworkPush:
			return j.pushedByFramework(ctx, a.env.framework)
		}
		return j.run(ctx)
	})
	if err != nil {
		return err
	}
	if len(r.Findings) == 0 && r.Proved() {
		if o.staged && name != "commit-msg" {
			judged.warnOfUpkeep(ctx, name)
		}
		return nil
	}
	if err := report.Write(a.err, "text", r, report.Options{}); err != nil {
		return err
	}
	if len(r.Findings) > 0 {
		a.errorf("%s: %s", refused, plural(len(r.Findings), "finding"))
	} else {
		a.errorf("%s: it could not be looked at as a whole", refused)
	}
	return verdictOf(r)
}

// pushedByFramework is pushed for the pre-commit framework. It tells of one
// reference: where it begins if the remote has some of it, and where it ends unless
// the remote has nothing. Run by hand (--hook-stage pre-push) it may tell nothing;
// then it is all that HEAD leads to.
func (j *judgement) pushedByFramework(ctx context.Context, env frameworkEnvironment) error {
	tip := env.to
	if tip == "" {
		tip = env.branch
	}
	if tip == "" {
		tip = "HEAD"
	}
	push := gitrepo.Push{LocalRef: tip}
	var err error
	if push.LocalOID, err = j.repo.Resolve(ctx, tip); err != nil {
		return fmt.Errorf("what is pushed: %w", err)
	}
	if env.from != "" {
		if push.RemoteOID, err = j.repo.Resolve(ctx, env.from); err != nil {
			return fmt.Errorf("what the remote has: %w", err)
		}
	}
	return j.sent(ctx, env.remote, []gitrepo.Push{push})
}
