package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/agent"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

type lockOptions struct{ rings []string }

type unlockOptions struct {
	lockOptions
	ttl, idle time.Duration
}

func (o *lockOptions) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&o.rings, "ring", nil, "only this ring (may be repeated; default: all)")
}

func (a *app) newUnlock() *cobra.Command {
	var o unlockOptions
	cmd := &cobra.Command{
		Use:   "unlock",
		Short: "Make the work tree plaintext",
		Long: `Opens the rings you have a key for and rewrites their files in the work tree as
plaintext, through Git. Sets the clone up first, as 'git envelope install' does.
Files that differ from the index are left alone.

With --ttl the keys of the rings, those of older generations too, are given to
the key agent ('git envelope agent'), and no command asks a key service until
the time is over.` + exitCodesHelp,
		Example: "  git envelope unlock\n  git envelope unlock --ring prod --ttl 8h --idle 1h",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("ttl") && o.ttl < time.Second || o.ttl > agent.DefaultMaxTTL {
				return usage(fmt.Errorf("--ttl is a time of 1s to %s", brief(agent.DefaultMaxTTL)), "for example --ttl 8h")
			}
			if cmd.Flags().Changed("idle") && (o.idle < time.Second || o.ttl == 0) {
				return usage(errors.New("--idle is a time of at least 1s, and goes with --ttl"), "for example --ttl 8h --idle 1h")
			}
			return a.unlock(cmd.Context(), o)
		},
	}
	o.flags(cmd)
	a.completeRings(cmd)
	cmd.Flags().DurationVar(&o.ttl, "ttl", 0, "keep the keys in the agent for this `TIME`, such as 8h")
	cmd.Flags().DurationVar(&o.idle, "idle", 0, "and no longer than this `TIME` without use")
	return cmd
}

func (a *app) newLock() *cobra.Command {
	var o lockOptions
	cmd := &cobra.Command{
		Use:   "lock",
		Short: "Make the work tree ciphertext",
		Long: `Rewrites the files of the rings in the work tree as ciphertext, through Git, and
keeps this clone locked until 'git envelope unlock'. The filter stays
registered: adding plaintext in a locked clone is refused. Nothing is done if a
file has changes that are not in the index, since they would be lost. The key
agent wipes the keys of the rings, for every clone of this repository.` + exitCodesHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.lock(cmd.Context(), o) },
	}
	o.flags(cmd)
	a.completeRings(cmd)
	return cmd
}

// wanted are the rings a command is about: the named ones, or all.
func (o lockOptions) wanted(p *policy.Policy) ([]string, error) {
	all := ringNames(p)
	for _, name := range o.rings {
		if !slices.Contains(all, name) {
			return nil, usage(fmt.Errorf("the policy has no ring %q", name), "the rings are: "+strings.Join(all, ", "))
		}
	}
	if len(o.rings) > 0 {
		return slices.Compact(slices.Sorted(slices.Values(o.rings))), nil
	}
	return all, nil
}

func (a *app) unlock(ctx context.Context, o unlockOptions) error {
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	rings, err := o.wanted(p)
	if err != nil {
		return err
	}
	before, err := c.readLocked()
	if err != nil {
		return err
	}
	// Set up first: who has no key must not store plaintext either.
	if _, err := c.setUp(ctx); err != nil {
		return err
	}
	c.locked = func() (lockState, error) { return nil, nil }
	opened, err := c.openRings(ctx, rings, len(o.rings) > 0)
	if err != nil {
		return err
	}
	if o.ttl > 0 { // before Git starts a filter, which shall find them there
		if err := c.grant(ctx, p, opened, o); err != nil {
			return err
		}
	}
	if err := c.writeLocked(before.without(everyName(p, opened...), p)); err != nil {
		return err
	}
	files, edited, err := c.toRewrite(ctx, opened, treeSealed)
	if err != nil {
		return err
	}
	for _, path := range edited {
		c.warningf("left alone, since it differs from the index: %s", show(path))
	}
	paths, err := c.openable(ctx, files, len(o.rings) > 0)
	if err != nil {
		return err
	}
	n, err := c.rewrite(ctx, paths, treePlain)
	if err != nil {
		return err
	}
	a.printf("unlocked ring %s: %s now plaintext in the work tree\n", strings.Join(opened, ", "), plural(n, "file"))
	return nil
}

// grant gives the keys of rings to the agent.
func (c *clone) grant(ctx context.Context, p *policy.Policy, rings []string, o unlockOptions) error {
	k, err := c.keyAgent()
	if err != nil {
		return err
	}
	if k.settings.mode == agentOff {
		return usage(errors.New("--ttl needs the key agent, which GIT_ENVELOPE_AGENT or envelope.agent switches off"), "unset GIT_ENVELOPE_AGENT, or: git config --unset envelope.agent")
	}
	kr, err := c.keyring()
	if err != nil {
		return err
	}
	n, err := k.keep(ctx, kr, p.Repository, everyName(p, rings...), agent.TTL{Max: o.ttl, Idle: o.idle, Renew: true})
	if err != nil {
		return err
	}
	until := brief(o.ttl)
	if o.idle > 0 {
		until += ", or until " + brief(o.idle) + " without use"
	}
	c.printf("the key agent holds %s for %s\n", plural(n, "key"), until)
	return nil
}

// openRings tries the rings. Without strict, some may stay shut as long as one
// opens: most people may read only some of a repository's rings.
func (c *clone) openRings(ctx context.Context, rings []string, strict bool) (opened []string, err error) {
	kr, err := c.keyring()
	if err != nil {
		return nil, err
	}
	var shut []error
	for _, ring := range rings {
		_, err := kr.Current(ctx, ring)
		if errors.Is(err, keys.ErrTampered) {
			return nil, err
		}
		if err != nil {
			shut = append(shut, err)
			continue
		}
		opened = append(opened, ring)
	}
	if len(shut) > 0 && (strict || len(opened) == 0) {
		return nil, errors.Join(shut...)
	}
	for _, err := range shut {
		c.warningf("stays locked: %s", inLines(err))
	}
	return opened, nil
}

// openable are the paths of those files whose very key opens: of a ring that opens,
// older generations, or such that a merge brought, may be out of reach. With strict
// that is an error.
func (c *clone) openable(ctx context.Context, files []coveredFile, strict bool) (paths []string, err error) {
	kr, err := c.keyring()
	if err != nil {
		return nil, err
	}
	tried, left := map[keys.ID]error{}, map[keys.ID]int{}
	var shut []keys.ID
	for _, f := range files {
		id := f.stored.id
		err, known := tried[id]
		if !known {
			if _, err = kr.Open(ctx, id, ""); err != nil {
				if strict || !isAny(err, keys.ErrLocked, keys.ErrNoAccess, keys.ErrUnknownKey) {
					return nil, err
				}
				shut = append(shut, id)
			}
			tried[id] = err
		}
		if err != nil {
			left[id]++
			continue
		}
		paths = append(paths, f.entry.Path)
	}
	for _, id := range shut {
		c.warningf("left sealed: %s: %s", plural(left[id], "file"), inLines(tried[id]))
		c.hintf("if you should have that key, somebody who has it can give it to you: git envelope rewrap")
	}
	return paths, nil
}

// without takes rings out of the state; "all" becomes every other ring.
func (l lockState) without(rings []string, p *policy.Policy) lockState {
	if slices.Contains(l, allRings) {
		l = ringNames(p)
	}
	return slices.DeleteFunc(slices.Clone(l), func(r string) bool { return slices.Contains(rings, r) })
}

func (a *app) lock(ctx context.Context, o lockOptions) error {
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	rings, err := o.wanted(p)
	if err != nil {
		return err
	}
	files, edited, err := c.toRewrite(ctx, rings, treePlain)
	// To compare files may have taken the agent's key. Whatever came of it, who
	// locks wants no key to be at hand.
	k := c.userAgent()
	wiped := k.forget(ctx, p.Repository, everyName(p, o.rings...)...)
	if err != nil {
		return errors.Join(withHint(err, "if you have no key any more, files can't be compared with the index: to give their plaintext up, remove them, then 'git checkout -- PATH'"), wiped)
	}
	if len(edited) > 0 {
		return errors.Join(refuseEdits(edited), wiped)
	}
	state, err := c.readLocked()
	if err != nil {
		return err
	}
	if len(o.rings) == 0 {
		state = append(state, allRings)
	}
	if _, err := c.setUp(ctx); err != nil {
		return err
	}
	if err := c.writeLocked(append(state, everyName(p, rings...)...)); err != nil {
		return err
	}
	// Again: a command that ran meanwhile did not know of the lock yet.
	wiped = k.forget(ctx, p.Repository, everyName(p, o.rings...)...)
	var paths []string
	for _, f := range files {
		paths = append(paths, f.entry.Path)
	}
	n, err := c.rewrite(ctx, paths, treeSealed)
	if err != nil {
		return errors.Join(fmt.Errorf("the clone is locked, but some files may still be plaintext: %w", err), wiped)
	}
	a.printf("locked ring %s: %s now ciphertext in the work tree\n", strings.Join(rings, ", "), plural(n, "file"))
	return wiped
}

// refuseEdits is the error for files whose changes the index does not have.
func refuseEdits(paths []string) error {
	var shown []string
	for _, p := range paths[:min(len(paths), 5)] {
		shown = append(shown, show(p))
	}
	return withHint(fmt.Errorf("%s changes that locking would lose: %s", has(len(paths)), strings.Join(shown, ", ")),
		"'git add' them, or put them aside with 'git stash', then lock again")
}

func has(n int) string {
	if n == 1 {
		return "1 sealed file has"
	}
	return fmt.Sprintf("%d sealed files have", n)
}

// toRewrite lists the sealed files of the rings that the work tree has in a
// state, apart from those that differ from the index.
func (c *clone) toRewrite(ctx context.Context, rings []string, state treeState) (files []coveredFile, edited []string, err error) {
	all, err := c.covered(ctx)
	if err != nil {
		return nil, nil, err
	}
	modified, err := c.repo.Modified(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range all {
		path := f.entry.Path
		switch {
		case !f.sealed() || !slices.Contains(rings, f.ring) || f.entry.SkipWorktree || c.treeState(path) != state:
		case modified[path]:
			edited = append(edited, path)
		default:
			files = append(files, f)
		}
	}
	return files, edited, nil
}

// rewrite makes Git write files anew, after which they must be in a state.
func (c *clone) rewrite(ctx context.Context, paths []string, want treeState) (done int, err error) {
	if len(paths) == 0 {
		return 0, nil
	}
	if err := c.repo.CheckoutIndex(ctx, paths); err != nil {
		return 0, withHint(err, "nothing is lost: once the cause is mended, 'git checkout -- PATH' brings back a file that is missing")
	}
	for _, p := range paths {
		if c.treeState(p) == want {
			done++
		}
	}
	if done < len(paths) {
		return done, fmt.Errorf("%s could not be rewritten", plural(len(paths)-done, "file"))
	}
	return done, nil
}
