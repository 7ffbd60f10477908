package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/hooks"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
)

type installOptions struct{ global bool }

func (a *app) newInstall() *cobra.Command {
	var o installOptions
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Set this clone up: filter, diff, merge and hook",
		Long: `Registers git-envelope in this clone's configuration as filter, diff and merge
driver, and installs the pre-commit hook. Running it again changes nothing.

A hook that is there already is kept and run first. Where core.hooksPath points
outside the repository (husky, a shared folder) nothing is written there; the line
to add is printed.

With --global the drivers go into your own configuration, for every repository;
hooks are then not installed.` + exitCodesHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.install(cmd.Context(), o) },
	}
	cmd.Flags().BoolVar(&o.global, "global", false, "register the drivers for all repositories of this user")
	return cmd
}

func (a *app) install(ctx context.Context, o installOptions) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	changed, err := c.installDrivers(ctx, o.global)
	if err != nil {
		return err
	}
	where := "this clone"
	if o.global {
		where = "all repositories of this user"
	}
	if len(changed) == 0 {
		a.printf("the drivers are registered for %s already\n", where)
	} else {
		a.printf("registered the filter, diff and merge drivers for %s\n", where)
	}
	if o.global {
		return nil
	}
	changes, err := c.installHooks(ctx)
	if err == nil && changes == 0 {
		a.printf("the hook is installed already\n")
	}
	return err
}

// installHooks tells only what it changed or could not do.
func (c *clone) installHooks(ctx context.Context) (changes int, err error) {
	program, err := c.program()
	if err != nil {
		return 0, err
	}
	list, err := hooks.Install(ctx, c.repo, program)
	if err != nil {
		return 0, err
	}
	for _, h := range list {
		switch {
		case h.Changed && h.Chained:
			c.printf("installed the %s hook; it runs the one that was there first\n", h.Name)
		case h.Changed:
			c.printf("installed the %s hook\n", h.Name)
		case h.State == hooks.Foreign || h.State == hooks.Absent || h.State == hooks.Outdated:
			c.warningf("the hooks folder %s is not this repository's own, so nothing was written there", show(filepath.Dir(h.Path)))
			c.hintf("add this line to its %s hook: %s", h.Name, h.Line())
			changes++
		}
		if h.Changed {
			changes++
		}
	}
	return changes, nil
}

// setting is one line of Git configuration.
type setting struct {
	key, value string
	// soft settings are only made where the user has none in this clone.
	soft bool
}

// drivers are the settings that make Git call program.
func drivers(program string) []setting {
	return []setting{
		{key: "filter.envelope.process", value: program + " filter-process"},
		{key: "filter.envelope.clean", value: program + " clean -- %f"},
		{key: "filter.envelope.smudge", value: program + " smudge -- %f"},
		{key: "filter.envelope.required", value: "true"},
		{key: "diff.envelope.textconv", value: program + " textconv --"},
		{key: "diff.envelope.cachetextconv", value: "false"},
		{key: "merge.envelope.name", value: "merge of sealed files (git-envelope)"},
		{key: "merge.envelope.driver", value: program + " merge --marker-size=%L --ancestor-label=%S --ours-label=%X --theirs-label=%Y -- %O %A %B %P"},
		// What Git itself would keep in clear: resolved conflicts, and the diff
		// below the message of 'git commit -v'.
		{key: "rerere.enabled", value: "false", soft: true},
		{key: "commit.verbose", value: "false", soft: true},
	}
}

// installDrivers makes the settings and tells which it had to change.
func (c *clone) installDrivers(ctx context.Context, global bool) (changed []string, err error) {
	program, err := c.program()
	if err != nil {
		return nil, err
	}
	config, err := c.repo.Config(ctx)
	if err != nil {
		return nil, err
	}
	scope := gitrepo.Local
	if global {
		scope = gitrepo.Global
	}
	for _, s := range drivers(program) {
		old, ok := config.GetScoped(s.key, scope)
		if ok && (old == s.value || s.soft) || global && s.soft {
			continue
		}
		if err := config.Set(ctx, scope, s.key, s.value); err != nil {
			return changed, err
		}
		changed = append(changed, s.key)
	}
	return changed, nil
}

// program is how Git is told to start us, in shell syntax: by bare name where
// PATH finds this very program, else by its absolute path. Never relative to the
// work tree, where the repository could put a program of its own.
func (c *clone) program() (string, error) {
	exe, err := c.exe()
	if err != nil {
		return "", fmt.Errorf("find out where this program is: %w", err)
	}
	if found, err := exec.LookPath("git-envelope"); err == nil && filepath.IsAbs(found) && sameFile(found, exe) {
		return "git-envelope", nil
	}
	if exe, err = filepath.Abs(exe); err != nil {
		return "", err
	}
	if c.repo.WorkTree != "" {
		if rel, err := filepath.Rel(c.repo.WorkTree, exe); err == nil && filepath.IsLocal(rel) {
			return "", withHint(errors.New("this program lies inside the work tree, where the repository could replace it"),
				"copy git-envelope to a folder on your PATH")
		}
	}
	return shellQuote(filepath.ToSlash(exe)), nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
