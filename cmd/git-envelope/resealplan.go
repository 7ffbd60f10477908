package main

import (
	"context"
	"errors"
	"os"
	"slices"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

// planReseal looks which files of the index are sealed under an older generation.
// It opens no key.
func (c *clone) planReseal(ctx context.Context, p *policy.Policy, o resealOptions) (*resealPlan, error) {
	rings, err := o.wanted(p)
	if err != nil {
		return nil, err
	}
	plan := &resealPlan{}
	if plan.newest, err = c.newestGenerations(ctx, rings); err != nil {
		return nil, err
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	entries, err := c.repo.IndexFrom(ctx, dir, o.paths)
	if errors.Is(err, gitrepo.ErrMissing) {
		return nil, usage(err, "name tracked files or folders, or pathspecs that match some")
	}
	if err != nil {
		return nil, err
	}
	filtered, err := c.filtered(ctx)
	if err != nil {
		return nil, err
	}
	var files []coveredFile
	var blobs []string
	for i, e := range entries {
		if e.IntentToAdd || !gitrepo.IsFile(e.Mode) || policy.Reserved(e.Path) || e.Stage != 0 && i > 0 && entries[i-1].Path == e.Path {
			continue
		}
		f := coveredFile{entry: e, filter: filtered[e.Path]}
		if f.ring, f.rule = p.RingOf(e.Path); !f.rule {
			if !f.filter {
				continue
			}
			if f.ring, err = c.ringByAttribute(ctx, e.Path); err != nil {
				return nil, err
			}
		}
		if f.ring != "" && !slices.Contains(rings, f.ring) {
			continue
		}
		files = append(files, f)
		if e.Stage == 0 {
			blobs = append(blobs, e.OID)
		}
	}
	heads, err := c.heads(ctx, blobs)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := c.planFile(ctx, p, plan, f, heads[f.entry.OID]); err != nil {
			return nil, err
		}
	}
	return plan, nil
}

// newestGenerations are the generations that rings seal under. Nothing is opened,
// so this is what the wrapped-key files claim.
func (c *clone) newestGenerations(ctx context.Context, rings []string) (map[string]keys.ID, error) {
	kr, err := c.keyring()
	if err != nil {
		return nil, err
	}
	newest := map[string]keys.ID{}
	for _, ring := range rings {
		all, err := kr.Generations(ctx, ring)
		if err != nil {
			return nil, err
		}
		if len(all) > 0 {
			newest[ring] = all[0].ID
		}
	}
	return newest, nil
}

// planFile decides about one covered file.
func (c *clone) planFile(ctx context.Context, p *policy.Policy, plan *resealPlan, f coveredFile, head headOf) error {
	path := f.entry.Path
	if f.entry.Stage != 0 {
		plan.skip(path, skippedFinding, "it is in conflict")
		return nil
	}
	if head.err != nil {
		plan.skip(path, skippedUnreadable, "%v", head.err)
		return nil
	}
	f.stored = head.stored
	switch {
	case head.size == 0:
		return nil // an empty file is stored empty
	case !head.magic:
		plan.skip(path, skippedFinding, "it is stored in plain; to seal it: git add --renormalize -- PATH")
	case isAny(f.stored.err, envelope.ErrVersion, envelope.ErrSuite):
		plan.skip(path, skippedFinding, "it is sealed by a newer git-envelope")
	case f.stored.err != nil:
		plan.skip(path, skippedIntegrity, "it is damaged: %v", f.stored.err)
	case f.ring == "":
		plan.skip(path, skippedFinding, "it is sealed, but its path belongs to no ring")
	default:
		return c.planSealed(ctx, p, plan, f)
	}
	return nil
}

func (c *clone) planSealed(ctx context.Context, p *policy.Policy, plan *resealPlan, f coveredFile) error {
	id, path := f.stored.id, f.entry.Path
	if id == plan.newest[f.ring] {
		plan.current++
		return nil
	}
	kr, err := c.keyring()
	if err != nil {
		return err
	}
	ring, err := kr.Find(ctx, id, "")
	switch {
	case errors.Is(err, keys.ErrUnknownKey):
		plan.skip(path, skippedFinding, "it is sealed under key %s, which this repository does not know", id.Short())
	case errors.Is(err, keys.ErrTampered):
		plan.skip(path, skippedIntegrity, "%v", err)
	case err != nil:
		return err
	case p.Today(ring) != f.ring:
		plan.skip(path, skippedFinding, "it is sealed for ring %s, but its path belongs to ring %s", ring, f.ring)
	case plan.newest[f.ring] == keys.ID{}:
		plan.skip(path, skippedFinding, "ring %s has no data key here", f.ring)
	default:
		plan.targets = append(plan.targets, f)
	}
	return nil
}
