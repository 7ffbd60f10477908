package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

type resealOptions struct {
	lockOptions
	paths        []string // pathspecs, from the current folder
	dryRun, json bool
	branches     bool
}

func (a *app) newReseal() *cobra.Command {
	var o resealOptions
	cmd := &cobra.Command{
		Use:   "reseal [PATH...]",
		Short: "Seal the staged files anew under the current data keys",
		Long: `Takes every covered file of the index that is sealed under an older generation
of its ring's data key, or those that PATH (a pathspec) matches, and seals the
same content under the current one: what 'git envelope rotate' leaves to do. All
of it becomes one change of the index. Nothing else changes: not the work tree,
where edits stay unstaged, no flag of a file, no file that is current. Only a
file that is ciphertext in the work tree is unlocked first.

What is sealed anew is opened again and compared before it counts. If anything
fails, or is interrupted at any point, the index stays as it was, and the same
command does it all. A file that cannot be resealed (in conflict, stored in
plain, damaged, of another ring) is told, and the others are done all the same.

History keeps the older versions, and whoever could open them still can.

--all-branches changes nothing: it tells what the tips of all other branches
still have under older generations, and exits 1 if that is anything.` + exitCodesHelp,
		Example: "  git envelope reseal\n  git envelope reseal --ring prod --dry-run env/\n  git envelope reseal --all-branches",
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.paths = args; o.branches && (len(args) > 0 || o.dryRun) {
				return usage(errors.New("--all-branches looks at whole branches and changes nothing"), "leave PATH and --dry-run out")
			}
			return a.reseal(cmd.Context(), o)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) { return nil, 0 },
	}
	o.flags(cmd)
	a.completeRings(cmd)
	f := cmd.Flags()
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "only tell what would be done; needs no key")
	f.BoolVar(&o.branches, "all-branches", false, "report on all other branches instead")
	f.BoolVar(&o.json, "json", false, "print JSON for machines")
	return cmd
}

// resealReport is the answer of 'reseal --json'. Fields are only ever added.
type resealReport struct {
	Version int          `json:"version"`
	DryRun  bool         `json:"dry_run"`
	Files   int          `json:"files"` // resealed, or with DryRun to be resealed
	Bytes   int64        `json:"bytes"` // of their sealed form before
	Current int          `json:"current"`
	Moves   []resealMove `json:"moves"`
	// Unlocked were ciphertext in the work tree and are plaintext now.
	Unlocked int             `json:"unlocked"`
	Skipped  []resealSkipped `json:"skipped"`

	shut []error // why keys stayed out of reach
}

// resealMove is what went from one generation to another.
type resealMove struct {
	Ring  string `json:"ring"`
	From  string `json:"from"`
	To    string `json:"to"`
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
}

// resealSkipped is a file that stays as it is although it ought not to.
type resealSkipped struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
	// Kind is "finding", "integrity", "unreadable", or "locked" for want of a key.
	Kind string `json:"kind"`
}

func (a *app) reseal(ctx context.Context, o resealOptions) error {
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if o.branches {
		return c.resealBranches(ctx, p, o)
	}
	r, err := c.resealFiles(ctx, p, o)
	if err != nil {
		return err
	}
	if o.json {
		err = a.printJSON(r)
	} else {
		r.print(a)
	}
	return errors.Join(err, r.verdict())
}

// resealFiles seals files of the index anew, as 'git envelope reseal' does. An
// error means that the index is as it was.
func (c *clone) resealFiles(ctx context.Context, p *policy.Policy, o resealOptions) (resealReport, error) {
	plan, err := c.planReseal(ctx, p, o)
	if err != nil {
		return resealReport{}, err
	}
	if !o.dryRun && len(plan.targets) > 0 {
		if err := c.openPlanned(ctx, plan, len(o.rings) > 0); err != nil {
			return resealReport{}, err
		}
		if err := c.carryOut(ctx, plan); err != nil {
			return resealReport{}, err
		}
	}
	return plan.report(o.dryRun), nil
}

// report sums a plan up.
func (p *resealPlan) report(dry bool) resealReport {
	r := resealReport{Version: 1, DryRun: dry, Current: p.current, Unlocked: p.unlocked, Moves: []resealMove{}, Skipped: p.skipped, shut: p.shut}
	for _, t := range p.targets {
		from, to := t.stored.id.String(), p.newest[t.ring].String()
		i := slices.IndexFunc(r.Moves, func(m resealMove) bool { return m.Ring == t.ring && m.From == from })
		if i < 0 {
			i = len(r.Moves)
			r.Moves = append(r.Moves, resealMove{Ring: t.ring, From: from, To: to})
		}
		r.Moves[i].Files++
		r.Moves[i].Bytes += t.stored.size
		r.Files++
		r.Bytes += t.stored.size
	}
	slices.SortFunc(r.Moves, func(a, b resealMove) int { return strings.Compare(a.Ring+" "+a.From, b.Ring+" "+b.From) })
	slices.SortStableFunc(r.Skipped, func(a, b resealSkipped) int { return strings.Compare(a.Path, b.Path) })
	if r.Skipped == nil {
		r.Skipped = []resealSkipped{}
	}
	return r
}

func (r resealReport) print(a *app) {
	done := "resealed"
	if r.DryRun {
		done = "would reseal"
	}
	if r.Unlocked > 0 {
		a.printf("unlocked %s first, which the work tree had as ciphertext\n", plural(r.Unlocked, "file"))
	}
	for _, m := range r.Moves {
		a.printf("%s %s of ring %s (%s): from generation %s to %s\n", done, plural(m.Files, "file"), m.Ring, bytesOf(m.Bytes), m.From[:8], m.To[:8])
	}
	for _, s := range r.Skipped {
		if s.Kind != skippedLocked { // the error says it, once for all of a ring
			a.warningf("not resealed: %s: %s", show(s.Path), s.Reason)
		}
	}
	switch {
	case r.Files > 0 && !r.DryRun:
		a.printf("staged %s\n", plural(r.Files, "file"))
		a.printf("next: commit\n")
		a.hintf("history keeps the older versions: who could open them still can, so a secret that leaked has to be replaced at its source; other branches: git envelope reseal --all-branches")
	case r.Files == 0 && len(r.Skipped) == 0:
		a.printf("nothing to reseal: %s under the current generation\n", plural(r.Current, "file"))
	}
}

// Kinds of resealSkipped.
const (
	skippedFinding    = "finding"
	skippedIntegrity  = "integrity"
	skippedUnreadable = "unreadable"
	skippedLocked     = "locked"
)

// verdict is nil if nothing was left to do.
func (r resealReport) verdict() error {
	errs := slices.Clone(r.shut)
	kinds := map[string]error{skippedFinding: errFindings, skippedIntegrity: errIntegrityFinding, skippedUnreadable: errUndetermined}
	for _, s := range r.Skipped {
		if err := kinds[s.Kind]; err != nil && !slices.Contains(errs, err) {
			errs = append(errs, err)
		}
	}
	if len(r.shut) == 0 { // the others were told already, and are silent
		return errors.Join(errs...)
	}
	return withHint(errors.Join(errs...), "what could be opened is done; the rest by somebody who has the keys")
}

// openPlanned opens every key that a plan needs, each once, before anything is
// done with them. Files whose keys stay out of reach leave the plan, unless rings
// were named: then, and where trying again may help, nothing is done at all.
func (c *clone) openPlanned(ctx context.Context, p *resealPlan, strict bool) error {
	kr, err := c.keyring()
	if err != nil {
		return err
	}
	asked := map[keys.ID]error{}
	for _, t := range p.targets {
		if _, known := asked[p.newest[t.ring]]; !known {
			g, err := kr.Current(ctx, t.ring)
			if err == nil && g.ID != p.newest[t.ring] {
				err = fmt.Errorf("the keys of ring %s changed meanwhile", t.ring)
			}
			asked[p.newest[t.ring]] = err
		}
		if _, known := asked[t.stored.id]; !known && asked[p.newest[t.ring]] == nil {
			_, asked[t.stored.id] = kr.Open(ctx, t.stored.id, "")
		}
	}
	for _, err := range asked {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil:
		case strict, errors.Is(err, keys.ErrTransient), !isAny(err, keys.ErrLocked, keys.ErrNoAccess, keys.ErrUnknownKey, keys.ErrTampered):
			return err
		}
	}
	told := map[keys.ID]bool{}
	p.targets = slices.DeleteFunc(p.targets, func(t coveredFile) bool {
		for _, id := range []keys.ID{p.newest[t.ring], t.stored.id} {
			err := asked[id]
			if err == nil {
				continue
			}
			kind := skippedLocked
			if errors.Is(err, keys.ErrTampered) {
				kind = skippedIntegrity
			}
			p.skip(t.entry.Path, kind, "key %s of ring %s can't be opened", id.Short(), t.ring)
			if !told[id] {
				told[id] = true
				p.shut = append(p.shut, err)
			}
			return true
		}
		return false
	})
	return nil
}

// planned is what there is to do.
type resealPlan struct {
	newest   map[string]keys.ID // by ring
	targets  []coveredFile
	skipped  []resealSkipped
	current  int
	unlocked int
	shut     []error
}

func (p *resealPlan) skip(path, kind, format string, args ...any) {
	p.skipped = append(p.skipped, resealSkipped{path, fmt.Sprintf(format, args...), kind})
}

// drop takes files out of the plan.
func (p *resealPlan) drop(paths map[string]bool) {
	p.targets = slices.DeleteFunc(p.targets, func(t coveredFile) bool { return paths[t.entry.Path] })
}
