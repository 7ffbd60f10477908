package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/policy"
)

type sealOptions struct {
	ring     string
	patterns []string
}

func (a *app) newSeal() *cobra.Command {
	var o sealOptions
	cmd := &cobra.Command{
		Use:   "seal PATTERN...",
		Short: "Add a rule to the policy and seal what it covers",
		Long: `Adds a rule for the patterns to .envelope/policy.yaml, regenerates the block in
.gitattributes, and stages both together with the tracked files that the rule
covers, now sealed. Untracked files are sealed when you add them.

Patterns are doublestar globs, relative to the top of the work tree; quote them
so that the shell leaves them alone. A leading '!' excludes.` + exitCodesHelp,
		Example: "  git envelope seal 'env/prod/**' '!**/README.md'",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.patterns = args
			return a.seal(cmd.Context(), o)
		},
	}
	a.ringFlag(cmd, &o.ring, "the ring that may read them\n(default: default_ring, or the only ring)")
	return cmd
}

func (a *app) newUnseal() *cobra.Command {
	return &cobra.Command{
		Use:   "unseal PATTERN...",
		Short: "Remove patterns from the policy and store their files in plain",
		Long: `Removes the patterns from the rules in .envelope/policy.yaml, word for word as
they stand there, regenerates the block in .gitattributes, and stages both
together with the files concerned, now in plain. History keeps the sealed
versions.

The pre-commit hook stops such a commit, since it weakens protection: if you
mean it, commit with --no-verify.` + exitCodesHelp,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.unseal(cmd.Context(), args) },
	}
}

func (a *app) seal(ctx context.Context, o sealOptions) error {
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ring, err := chooseRing(p, o.ring)
	if err != nil {
		return err
	}
	kr, err := c.keyring()
	if err != nil {
		return err
	}
	if _, err := kr.Current(ctx, ring); err != nil {
		return err
	}
	n, err := c.changePolicy(ctx, func(old []byte) ([]byte, error) { return policy.AddRule(old, o.patterns, ring) })
	if err != nil {
		return err
	}
	a.printf("sealed for ring %s: %s; %s staged\n", ring, strings.Join(o.patterns, " "), plural(n, "tracked file"))
	if n == 0 {
		a.printf("next: 'git add' the files themselves, then commit\n")
		return nil
	}
	a.printf("next: look with 'git envelope status', then commit\n")
	a.warningf("what these files held so far stays in the history in plain: replace the secrets in them")
	return nil
}

func (a *app) unseal(ctx context.Context, patterns []string) error {
	c, _, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	n, err := c.changePolicy(ctx, func(old []byte) ([]byte, error) { return policy.RemovePatterns(old, patterns) })
	if err != nil {
		return err
	}
	a.printf("no longer sealed: %s; %s staged in plain\n", strings.Join(patterns, " "), plural(n, "file"))
	a.hintf("the hook stops this commit because it weakens protection; if you mean it: git commit --no-verify")
	return nil
}

// changePolicy edits the policy, brings the attributes in line, and stages both
// with every tracked file whose cover changed. If any step fails, the files are
// put back as they were.
func (c *clone) changePolicy(ctx context.Context, edit func([]byte) ([]byte, error)) (restaged int, err error) {
	oldPolicy, err := c.readTree(policyPath)
	if err != nil {
		return 0, err
	}
	newPolicy, err := edit(oldPolicy)
	if err != nil {
		return 0, usage(err, "")
	}
	before, err := policy.Parse(oldPolicy, policyPath)
	if err != nil {
		return 0, err
	}
	after, err := policy.Parse(newPolicy, policyPath)
	if err != nil {
		return 0, err
	}
	paths, err := c.coverChanges(ctx, before, after)
	if err != nil {
		return 0, err
	}
	_, attrs, err := c.syncedAttributes(after)
	if err != nil {
		return 0, err
	}
	files := []keyring.File{{Path: policyPath, Data: newPolicy}, {Path: attrsPath, Data: attrs}}
	return len(paths), c.replace(files, func() error {
		if err := c.repo.Add(ctx, paths); err != nil {
			return err
		}
		return c.repo.Stage(ctx, []string{policyPath, attrsPath})
	})
}

// coverChanges lists the tracked files whose ring the change alters. They must
// be plaintext in the work tree, since their content is stored anew.
func (c *clone) coverChanges(ctx context.Context, before, after *policy.Policy) ([]string, error) {
	index, err := c.repo.Index(ctx)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, e := range index {
		was, _ := before.RingOf(e.Path)
		is, _ := after.RingOf(e.Path)
		if was == is || !gitrepo.IsFile(e.Mode) {
			continue
		}
		if e.Stage != 0 {
			return nil, withHint(fmt.Errorf("%s is in conflict", show(e.Path)), "resolve it first")
		}
		switch c.treeState(e.Path) {
		case treeSealed:
			return nil, withHint(fmt.Errorf("%s is locked in the work tree", show(e.Path)), "run 'git envelope unlock' first")
		case treePlain:
			paths = append(paths, e.Path)
		}
	}
	return paths, nil
}

// syncedAttributes gives .gitattributes as it is and as the policy wants it.
func (c *clone) syncedAttributes(p *policy.Policy) (was, want []byte, err error) {
	was, err = c.readTree(attrsPath)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	want, err = policy.Sync(was, p)
	if err != nil {
		err = usage(err, "")
	}
	return was, want, err
}
