package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/policy"
)

type mergeOptions struct {
	gitrepo.MergeOptions
	base, ours, theirs, path string
}

func (a *app) newMerge() *cobra.Command {
	var o mergeOptions
	cmd := &cobra.Command{
		Use:   "merge BASE OURS THEIRS PATH",
		Short: "Merge a sealed file (merge.envelope.driver)",
		Long: `Opens the three versions, merges their plaintext as 'git merge-file' does, and
replaces OURS with the sealed result. Without a key OURS stays as it is and the
file conflicts. The policy, which is never sealed, is merged by its meaning
where its lines conflict. Exits 0 if the merge is clean, 1 if it conflicts.` + exitCodesHelp,
		Args: cobra.ExactArgs(4),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.base, o.ours, o.theirs, o.path = args[0], args[1], args[2], args[3]
			return a.merge(cmd.Context(), o)
		},
	}
	cmd.Flags().IntVar(&o.MarkerSize, "marker-size", 7, "length of conflict markers (%L)")
	cmd.Flags().StringVar(&o.BaseLabel, "ancestor-label", "", "label of the common ancestor (%S)")
	cmd.Flags().StringVar(&o.OursLabel, "ours-label", "", "label of our version (%X)")
	cmd.Flags().StringVar(&o.TheirsLabel, "theirs-label", "", "label of their version (%Y)")
	return cmd
}

// merge is Git's merge driver: whatever it leaves in OURS, Git stores as it is,
// on conflict too. So nothing but a sealed result is ever written there.
func (a *app) merge(ctx context.Context, o mergeOptions) error {
	c, err := a.openTree(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	o.MergeOptions = labelled(o.MergeOptions)
	sides, err := readSides(o)
	if err != nil {
		return err
	}
	result, conflict, err := c.filter().Merge(ctx, o.path, sides, func(s filter.Sides) ([]byte, bool, error) {
		if o.path == policyPath {
			return c.mergePolicy(ctx, s, o)
		}
		return c.repo.MergeFile(ctx, s.Base, s.Ours, s.Theirs, o.MergeOptions)
	})
	if err != nil {
		a.errorf("%s: not merged, our version is kept: %s", show(o.path), inLines(err))
		for _, h := range hints(err) {
			a.hintf("%s", h)
		}
		return errFindings
	}
	if err := writeFile(o.ours, result); err != nil {
		return err
	}
	if conflict {
		return errFindings
	}
	return nil
}

// mergePolicy merges the policy as Git would, and by its meaning where that leaves
// conflicts, or something that is no policy.
func (c *clone) mergePolicy(ctx context.Context, s filter.Sides, o mergeOptions) ([]byte, bool, error) {
	var names [3]string
	for i, name := range []string{o.base, o.ours, o.theirs} {
		var err error
		if names[i], err = filepath.Abs(name); err != nil {
			return nil, false, err
		}
	}
	byLine, conflict, err := c.repo.MergeNamed(ctx, names[0], names[1], names[2], o.MergeOptions)
	if err != nil {
		return nil, false, err
	}
	if _, wrong := policy.Parse(byLine, policyPath); !conflict && wrong == nil {
		return byLine, false, nil
	}
	merged, ok := policy.Merge(s.Base, s.Ours, s.Theirs)
	if !ok {
		return byLine, conflict, nil
	}
	c.hintf("look at %s, which is merged by its meaning", policyPath)
	if !sameBlock(merged, s.Ours) && !sameBlock(merged, s.Theirs) {
		c.hintf("if %s conflicts: git envelope sync, then git add %s", attrsPath, attrsPath)
	}
	return merged, false, nil
}

// sameBlock tells whether two policies have one block of attributes.
func sameBlock(a, b []byte) bool {
	p, err := policy.Parse(a, policyPath)
	q, bad := policy.Parse(b, policyPath)
	if err != nil || bad != nil {
		return false
	}
	x, err := p.Attributes()
	y, bad := q.Attributes()
	return err == nil && bad == nil && bytes.Equal(x, y)
}

// labelled fills in labels that Git before 2.44 does not know: it passes the
// placeholder as it stands.
func labelled(o gitrepo.MergeOptions) gitrepo.MergeOptions {
	for _, l := range []struct {
		label    *string
		fallback string
	}{{&o.BaseLabel, "base"}, {&o.OursLabel, "ours"}, {&o.TheirsLabel, "theirs"}} {
		if *l.label == "" || strings.HasPrefix(*l.label, "%") {
			*l.label = l.fallback
		}
	}
	return o
}

// maxSide bounds one stored side of a merge, which is held in memory.
const maxSide = 512 << 20

func readSides(o mergeOptions) (s filter.Sides, err error) {
	for _, side := range []struct {
		name string
		into *[]byte
	}{{o.base, &s.Base}, {o.ours, &s.Ours}, {o.theirs, &s.Theirs}} {
		f, openErr := os.Open(side.name)
		if openErr != nil {
			return s, openErr
		}
		var readErr error
		*side.into, readErr = io.ReadAll(io.LimitReader(f, maxSide+1))
		if len(*side.into) > maxSide {
			readErr = fmt.Errorf("%s is larger than %d MiB", side.name, maxSide>>20)
		}
		if err := errors.Join(readErr, f.Close()); err != nil {
			return s, err
		}
	}
	return s, nil
}
