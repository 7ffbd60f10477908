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
outside the repository (husky, a shared folder) nothing is written there; the
line to add is printed.

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
	changed := false
	if o.global {
		changed, err = c.installDrivers(ctx, true)
	} else {
		changed, err = c.setUp(ctx)
	}
	if err == nil && !changed {
		a.printf("everything is set up already\n")
	}
	return err
}

// setUp makes this clone ready, drivers and hooks, and tells what it changed.
func (c *clone) setUp(ctx context.Context) (changed bool, err error) {
	drivers, err := c.installDrivers(ctx, false)
	if err != nil {
		return drivers, err
	}
	hooks, err := c.installHooks(ctx)
	return drivers || hooks, err
}

// installHooks tells only what it changed or could not do.
func (c *clone) installHooks(ctx context.Context) (changed bool, err error) {
	program, err := c.program()
	if err != nil {
		return false, err
	}
	list, err := hooks.Install(ctx, c.repo, program)
	if err != nil {
		return false, err
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
		}
		changed = changed || h.Changed || !h.Ours && h.State != hooks.Called
	}
	return changed, nil
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

// installDrivers makes the settings and tells that it had to.
func (c *clone) installDrivers(ctx context.Context, global bool) (changed bool, err error) {
	program, err := c.program()
	if err != nil {
		return false, err
	}
	config, err := c.repo.Config(ctx)
	if err != nil {
		return false, err
	}
	scope, where := gitrepo.Local, "this clone"
	if global {
		scope, where = gitrepo.Global, "all repositories of this user"
	}
	for _, s := range drivers(program) {
		old, ok := config.GetScoped(s.key, scope)
		if ok && (old == s.value || s.soft) || global && s.soft {
			continue
		}
		if err := config.Set(ctx, scope, s.key, s.value); err != nil {
			return changed, err
		}
		changed = true
	}
	if changed {
		c.printf("registered the filter, diff and merge drivers for %s\n", where)
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
