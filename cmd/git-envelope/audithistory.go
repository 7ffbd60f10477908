package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/audit"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/policy"
)

// How much of a history is taken in. A stranger can make one of any size.
const (
	maxAuditChanges  = 1_000_000   // changes of policy and key files
	maxAuditPolicies = 50_000      // different policies
	maxAuditText     = maxPastText // bytes of them
	maxAuditMembers  = 10_000_000  // recipients that are compared, of all steps
	maxAuditVersions = 2_000_000   // of files that were ever to be sealed
	maxAuditKeys     = 100_000     // key files that are gone, read for whose they were
)

// auditHistory is the history in the making.
type auditHistory struct {
	*auditor
	policies map[string]audit.Members  // by blob; nil is one that can't be read
	rules    map[string]*policy.Policy // one for each different set of rules
	gone     map[string]string         // key files that are not there now: path to blob
	text     int                       // bytes of the policies read
	unlike   int                       // bytes of the different rules
	compared int                       // recipients
}

// history collects what the commits did to the policy and the key files, and
// what is changed and not committed.
func (d *auditor) history(ctx context.Context) (*auditHistory, error) {
	h := &auditHistory{auditor: d, policies: map[string]audit.Members{}, rules: map[string]*policy.Policy{}, gone: map[string]string{}}
	if d.facts.Head == "" {
		return h, nil
	}
	cuts, err := d.repo.CutCommits(ctx, []string{d.facts.Head}, nil)
	if err != nil {
		d.cut(fmt.Sprintf("the history can't be read to its end: %v", err))
	}
	if len(cuts) > 0 {
		d.cut("this is a shallow clone: who was removed before its first commits is not known; 'git fetch --unshallow' gets the rest")
	}
	steps := h.read(ctx)
	if err := h.describe(ctx, steps, cuts); err != nil {
		return nil, err
	}
	if err := h.uncommitted(ctx); err != nil {
		return nil, err
	}
	return h, h.owners(ctx)
}

// read lists the commits that touched the policy or the key files.
func (h *auditHistory) read(ctx context.Context) (steps []gitrepo.PathStep) {
	changes := 0
	for s, err := range h.repo.PathHistory(ctx, []string{h.facts.Head}, policyPath, keysDir) {
		if changes += len(s.Changes); err == nil && changes > maxAuditChanges {
			err = fmt.Errorf("more than %d changes of policy and key files", maxAuditChanges)
		}
		if err != nil {
			h.cut(fmt.Sprintf("the history can't be read to its end: %v", err))
			break
		}
		steps = append(steps, s)
	}
	return steps
}

func (h *auditHistory) describe(ctx context.Context, steps []gitrepo.PathStep, cuts []string) error {
	var oids []string
	for _, s := range steps {
		if len(oids) == 0 || oids[len(oids)-1] != s.Commit {
			oids = append(oids, s.Commit)
		}
	}
	details, err := h.repo.CommitDetails(ctx, oids)
	if err != nil {
		return err
	}
	var last *audit.Commit
	for _, s := range steps {
		if last == nil || last.ID != s.Commit {
			detail := details[s.Commit]
			name, _, _ := strings.Cut(detail.Author, " <")
			last = &audit.Commit{ID: s.Commit, Author: name, Time: detail.Time}
		}
		step := audit.Step{Commit: last, Parents: details[s.Commit].Parents, Cut: slices.Contains(cuts, s.Commit)}
		if step.Cut {
			step.Parents = 0 // of which there is no step
		}
		for _, c := range s.Changes {
			if err := h.change(ctx, &step, c); err != nil {
				return err
			}
		}
		h.compared += step.Before.Len() + step.After.Len()
		if h.compared > maxAuditMembers {
			h.cut("the history has too many changes of too many recipients: the latest of it is not known")
			break
		}
		h.facts.History.Steps = append(h.facts.History.Steps, step)
	}
	return nil
}

// change adds what one file's change says.
func (h *auditHistory) change(ctx context.Context, step *audit.Step, c gitrepo.Change) (err error) {
	if c.Path == policyPath {
		step.Policy = true
		if step.Before, err = h.members(ctx, c.OldMode, c.OldOID); err == nil {
			step.After, err = h.members(ctx, c.NewMode, c.NewOID)
		}
		return err
	}
	ring, id, recipient, err := keyring.ParsePath(c.Path)
	if err != nil {
		return nil // no wrapped key
	}
	w := audit.Wrapping{Ring: h.today(ring), KeyID: id.String(), Recipient: recipient}
	for _, side := range []struct {
		mode uint32
		oid  string
	}{{c.OldMode, c.OldOID}, {c.NewMode, c.NewOID}} {
		if gitrepo.IsFile(side.mode) && !h.known[c.Path] && len(h.gone) < maxAuditKeys {
			h.gone[c.Path] = side.oid
		}
	}
	switch {
	case !gitrepo.IsFile(c.OldMode) && gitrepo.IsFile(c.NewMode):
		step.Added = append(step.Added, w)
	case gitrepo.IsFile(c.OldMode) && !gitrepo.IsFile(c.NewMode):
		step.Removed = append(step.Removed, w)
	}
	return nil
}

// members are the audiences of a policy of the past; each is read once.
func (h *auditHistory) members(ctx context.Context, mode uint32, oid string) (audit.Members, error) {
	if mode == 0 {
		return audit.Members{}, nil
	}
	if !gitrepo.IsFile(mode) {
		return nil, nil
	}
	if m, known := h.policies[oid]; known {
		return m, nil
	}
	if len(h.policies) >= maxAuditPolicies || h.text > maxAuditText {
		h.cut(fmt.Sprintf("more than %d different policies, or %d MiB of them: the rest is not read", maxAuditPolicies, maxAuditText>>20))
		return nil, nil
	}
	h.policies[oid] = nil
	o, err := h.blobs.Open(ctx, oid)
	if errors.Is(err, gitrepo.ErrMissing) {
		h.cut("a policy of the past is not in this clone")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer o.Close()
	text, err := readSmall(o, oid)
	if err != nil {
		return nil, ctx.Err()
	}
	h.text += len(text)
	p, err := policy.Parse(text, policyPath)
	if err != nil {
		return nil, nil // the report counts them
	}
	h.policies[oid] = h.audiences(p)
	return h.policies[oid], nil
}

// audiences are the recipients of each ring. The policy's rules are kept for
// what they say of files of the past.
func (h *auditHistory) audiences(p *policy.Policy) audit.Members {
	m := audit.Members{}
	for _, ring := range p.Rings {
		name := h.today(ring.Name) // a new name is no new audience
		for _, r := range ring.Recipients {
			m[name] = append(m[name], h.recipient(fromPolicy(r)))
		}
	}
	switch rules := fmt.Sprintf("%q", p.Rules); {
	case h.rules[rules] != nil:
	case h.unlike > maxPastRules:
		h.cut("too many different rules, or too long: what only the rest covers is not looked for")
	default:
		h.rules[rules] = p
		h.unlike += len(rules)
	}
	return m
}

// uncommitted is what the present state has done since the last commit.
func (h *auditHistory) uncommitted(ctx context.Context) error {
	if h.rev != "" {
		return nil
	}
	step := audit.Step{Parents: 1, Policy: true, After: h.audiences(h.policy), Before: audit.Members{}}
	before, err := h.clone.policies.fromObject(ctx, h.facts.Head+":"+policyPath)
	var wrong *policy.Error
	switch {
	case errors.As(err, &wrong):
		step.Before = nil
	case err != nil:
		return err
	case before != nil:
		step.Before = h.audiences(before)
	}
	had, err := newKeySources(h.clone).list(ctx, h.facts.Head)
	if err != nil {
		return err
	}
	for path := range had {
		ring, id, recipient, err := keyring.ParsePath(path)
		if err == nil && !h.known[path] {
			step.Removed = append(step.Removed, audit.Wrapping{Ring: h.today(ring), KeyID: id.String(), Recipient: recipient})
		}
	}
	h.facts.History.Steps = append(h.facts.History.Steps, step)
	return nil
}

// owners reads the key files that are gone, of each recipient one that no policy
// names: who it was for stands in it alone.
func (h *auditHistory) owners(ctx context.Context) error {
	paths := map[string]string{} // by blob
	var oids []string
	asked := map[string]bool{}
	for path, oid := range h.gone {
		_, _, id, err := keyring.ParsePath(path)
		if _, named := h.facts.Recipients[id]; err != nil || named || asked[id] {
			continue
		}
		asked[id], paths[oid] = true, path
		oids = append(oids, oid)
	}
	for o, err := range h.repo.ObjectsOf(ctx, oids) {
		if err != nil {
			if o.OID == "" {
				return err
			}
			continue
		}
		data, err := io.ReadAll(io.LimitReader(o, keyring.MaxFile+1))
		if err != nil {
			continue
		}
		if w, err := keyring.ParseFile(paths[o.OID], data); err == nil {
			h.recipient(w.Recipient)
		}
	}
	return nil
}

// past collects every version of a file that a policy wanted sealed, or that is
// to be sealed now.
func (d *auditor) past(ctx context.Context, h *auditHistory) error {
	wanted := map[string]bool{}
	for _, f := range d.facts.Files {
		wanted[f.Path] = true
	}
	var versions []blobAt
	for i, err := range d.repo.Introductions(ctx, []string{d.facts.Head}, nil, nil) {
		if err == nil && len(versions) == maxAuditVersions {
			err = fmt.Errorf("more than %d versions of sealed files", maxAuditVersions)
		}
		if err != nil {
			d.cut(fmt.Sprintf("what was sealed in the past is not all known: %v", err))
			break
		}
		if gitrepo.IsFile(i.Mode) && h.covers(wanted, i.Path) {
			versions = append(versions, blobAt{path: i.Path, oid: i.Blob})
		}
	}
	all, err := d.stored(ctx, versions)
	d.facts.History.Past = slices.DeleteFunc(all, func(f audit.File) bool { return f.Stored != audit.Sealed })
	return err
}

// covers tells whether any policy wanted a path sealed; known remembers.
func (h *auditHistory) covers(known map[string]bool, path string) bool {
	yes, asked := known[path]
	if asked {
		return yes
	}
	for _, p := range h.rules {
		if _, yes = p.RingOf(path); yes {
			break
		}
	}
	known[path] = yes
	return yes
}
