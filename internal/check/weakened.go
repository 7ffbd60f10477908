package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/policy"
)

// Weakened compares the two policies by themselves: what the base demanded and
// the new one does not. Rules and attributes that no longer cover a sealed file
// are found by Change, path by path.
func (c *Checker) Weakened(context.Context) ([]Finding, error) {
	was, now := c.Old.Policy, c.New.Policy
	if was == nil {
		return nil, nil
	}
	var found []Finding
	if now == nil {
		found = append(found, lost(PolicyRemoved, "", policy.Path, "the policy of the base is gone"))
	} else {
		found = compare(was, now)
	}
	for i := range found {
		found[i].Path = policy.Path
	}
	return found, nil
}

func compare(was, now *policy.Policy) []Finding {
	var found []Finding
	if was.Repository != now.Repository {
		found = append(found, lost(RepositoryChanged, "", was.Repository, "the repository id changed: no key of the base can be opened any more"))
	}
	for _, ring := range was.Rings {
		found = append(found, compareRing(ring, was, now)...)
	}
	if ring, changed := fallbackChanged(was, now); changed {
		found = append(found, lost(DefaultRingChanged, now.DefaultRing, ring, "files without a rule were sealed for ring %q, which is no longer so", ring))
	}
	for _, pattern := range was.Forbid {
		if !slices.Contains(now.Forbid, pattern) {
			found = append(found, lost(ForbidRemoved, "", pattern, "forbid pattern %q is gone", pattern))
		}
	}
	return found
}

// successor is what a ring of one policy is called in the next: its name, or the
// name it was given, if no ring of the first has that. A ring that was there
// before and claims another's name is a new audience for its files.
func successor(was, now *policy.Policy, ring string) string {
	name := now.Today(ring)
	if name != ring && was.Today(name) != "" && was.Today(name) != ring {
		return ""
	}
	return name
}

// successor is what a ring of the base is called now.
func (c *Checker) successor(ring string) string {
	if c.Old.Policy == nil || c.New.Policy == nil {
		return ring
	}
	return successor(c.Old.Policy, c.New.Policy, ring)
}

// called is what the ring of a key is called on this side.
func (s Side) called(ring string) string {
	if s.Policy != nil {
		if name := s.Policy.Today(ring); name != "" {
			return name
		}
	}
	return ring
}

func compareRing(was policy.Ring, before, p *policy.Policy) []Finding {
	now, ok := p.Ring(successor(before, p, was.Name))
	if !ok {
		return []Finding{lost(RingRemoved, was.Name, was.Name, "ring %q is gone", was.Name)}
	}
	var found []Finding
	for _, r := range was.Recipients {
		same := func(o policy.Recipient) bool { return o.Kind == r.Kind && o.URI == r.URI }
		if !slices.ContainsFunc(now.Recipients, same) {
			found = append(found, lost(RecipientRemoved, was.Name, r.Kind+": "+r.URI, "ring %q lost the recipient %s: %s", was.Name, r.Kind, r.URI))
		}
	}
	for _, kind := range was.Require {
		if !slices.Contains(now.Require, kind) {
			found = append(found, lost(RequireRemoved, was.Name, kind, "ring %q no longer requires a recipient of kind %s", was.Name, kind))
		}
	}
	return found
}

// leftRing tells whether a wrapped-key file, KEYSFOLDER/RING/KEYID/RECIPIENT.json,
// is of nobody in its ring any more: of a recipient that leaves it now, or left it
// before and had a file still, as after a merge. The last file of a key is not, for
// with it all goes that was sealed under the key, whoever could open it.
func (c *Checker) leftRing(ctx context.Context, name string) (bool, error) {
	parts := strings.Split(strings.TrimPrefix(name, keysFolder), "/")
	if len(parts) != 3 || c.RecipientID == nil || c.Old.Policy == nil || c.New.Policy == nil {
		return false, nil
	}
	id, isJSON := strings.CutSuffix(parts[2], ".json")
	ring, found := c.New.Policy.Ring(c.New.Policy.Today(parts[0]))
	is := slices.ContainsFunc(ring.Recipients, func(r policy.Recipient) bool { return c.RecipientID(r) == id })
	if !isJSON || !found || is {
		return false, nil
	}
	has, err := c.RingOfKey(ctx, parts[1])
	if errors.Is(err, ErrUnknownKey) {
		return false, nil
	}
	return has == parts[0], err
}

// fallbackChanged compares the rings of files that only an attribute covers. A
// policy that has no such ring any more because a second ring was added makes
// clean refuse those files, which weakens nothing.
func fallbackChanged(was, now *policy.Policy) (ring string, changed bool) {
	old, had := was.Fallback()
	ring, has := now.Fallback()
	return old, had && successor(was, now, old) != ring && (has || was.DefaultRing != "")
}

func lost(rule, ring, base, format string, args ...any) Finding {
	return Finding{Rule: rule, Ring: ring, Base: base, Message: fmt.Sprintf(format, args...), Hint: hintMean}
}
