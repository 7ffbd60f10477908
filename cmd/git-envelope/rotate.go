package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

type rotateOptions struct {
	rings      []string
	all        bool
	due, check bool
	json       bool
}

func (a *app) newRotate() *cobra.Command {
	var o rotateOptions
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Make a new generation of a ring's data key",
		Long: `Makes a new data key, wraps it to the recipients that the policy names now, and
stages the wrapped keys. From then on what is sealed is sealed under it. Nothing
else changes: older generations stay and all history stays readable, and a file
that is sealed already keeps its blob until its content changes or 'git envelope
reseal' encrypts it anew.

No older key is opened, so whoever may write to the repository may rotate. --due
goes by the policy's rotate_every and the creation time that the newest key
claims; it looks at every ring, unless --ring names some.` + exitCodesHelp,
		Example: `  git envelope rotate
  git envelope rotate --ring prod --ring dev
  git envelope rotate --due --check`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.check && !o.due {
				return usage(errors.New("--check goes with --due only"), "add --due")
			}
			return a.rotate(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.rings, "ring", nil, "a ring to rotate (may be repeated;\ndefault: default_ring, or the only ring)")
	f.BoolVar(&o.all, "all", false, "every ring of the policy")
	f.BoolVar(&o.due, "due", false, "only rings whose rotation is overdue")
	f.BoolVar(&o.check, "check", false, "with --due: change nothing, exit 1 if any is overdue")
	f.BoolVar(&o.json, "json", false, "print JSON for machines")
	cmd.MarkFlagsMutuallyExclusive("ring", "all")
	a.completeRings(cmd)
	return cmd
}

// rotated is a ring of 'rotate --json'. Fields are only ever added.
type rotated struct {
	Name       string    `json:"name"`
	KeyID      string    `json:"key_id"` // of the new generation
	Created    time.Time `json:"created"`
	Recipients int       `json:"recipients"`
	Previous   string    `json:"previous"` // the key id that was current before
}

func (a *app) rotate(ctx context.Context, o rotateOptions) error {
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	rings, err := rotateScope(p, o)
	if err != nil {
		return err
	}
	var untold error
	if o.due {
		if rings, untold, err = c.dueRings(ctx, p, rings, o); o.check || err != nil {
			return err
		}
	}
	done, err := c.rotateRings(ctx, p, rings)
	if err != nil {
		return err
	}
	if len(done) > 0 || untold == nil || o.json {
		err = a.printRotated(done, o.json)
	}
	return errors.Join(err, untold)
}

func (a *app) printRotated(done []rotated, asJSON bool) error {
	if asJSON {
		return a.printJSON(struct {
			Version int       `json:"version"`
			Rings   []rotated `json:"rings"`
		}{1, done})
	}
	if len(done) == 0 {
		a.printf("nothing to do: no rotation is overdue\n")
		return nil
	}
	for _, r := range done {
		a.printf("rotated ring %s: new generation %s for %s\n", r.Name, r.KeyID[:8], plural(r.Recipients, "recipient"))
	}
	a.printf("staged %s\n", keysDir)
	a.printf("files that are sealed already stay under their older generation until their content changes\n")
	a.printf("next: commit; to re-encrypt those files now: git envelope reseal\n")
	return nil
}

// rotateScope are the rings that the flags are about.
func rotateScope(p *policy.Policy, o rotateOptions) ([]string, error) {
	if o.all || o.due && len(o.rings) == 0 {
		return ringNames(p), nil
	}
	if len(o.rings) == 0 {
		ring, err := chooseRing(p, "")
		return []string{ring}, err
	}
	var rings []string
	for _, name := range o.rings {
		ring, err := chooseRing(p, name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(rings, ring) {
			rings = append(rings, ring)
		}
	}
	return rings, nil
}

// dueRing is a ring of 'rotate --due --check --json'. Fields are only ever added.
type dueRing struct {
	Name    string     `json:"name"`
	KeyID   string     `json:"key_id"`
	Created *time.Time `json:"created,omitempty"`
	Due     *time.Time `json:"due,omitempty"` // none: can't be told
	Message string     `json:"message"`
}

// dueRings are those of the rings whose rotation is overdue. One whose age can't be
// told is not rotated, which would mend nothing, and not passed over either: untold
// is errFindings then. With --check it prints them, and is errFindings if there are
// any.
func (c *clone) dueRings(ctx context.Context, p *policy.Policy, rings []string, o rotateOptions) (overdue []string, untold, err error) {
	kr, err := c.keyring()
	if err != nil {
		return nil, nil, err
	}
	list := []dueRing{}
	for _, name := range rings {
		ring, _ := p.Ring(name)
		if ring.RotateEvery == 0 {
			continue
		}
		have, err := kr.Generations(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		if _, err := newestOf(name, have); err != nil {
			return nil, nil, err
		}
		f, age := check.Rotation(ring, claims(have), c.now())
		if f == nil {
			continue
		}
		d := dueRing{Name: name, KeyID: f.Key, Created: &have[0].Created, Message: f.Message}
		if age.Overdue {
			overdue, d.Due = append(overdue, name), &age.Due
		} else if !o.check {
			c.warningf("%s", f.Message)
			c.hintf("%s", f.Hint)
			untold = errFindings
		}
		list = append(list, d)
	}
	if !o.check {
		return overdue, untold, nil
	}
	return nil, nil, c.printDue(list, o.json)
}

func (c *clone) printDue(list []dueRing, asJSON bool) (err error) {
	switch {
	case asJSON:
		err = c.printJSON(struct {
			Version int       `json:"version"`
			Rings   []dueRing `json:"rings"`
		}{1, list})
	case len(list) == 0:
		c.printf("no rotation is overdue\n")
	}
	for _, d := range list {
		if !asJSON {
			c.printf("%s\n", d.Message)
		}
	}
	if err != nil || len(list) == 0 {
		return err
	}
	if slices.ContainsFunc(list, func(d dueRing) bool { return d.Due != nil }) {
		c.hintf("git envelope rotate --due")
	}
	return errFindings
}

// rotateRing makes, writes and stages a new generation of a ring, wrapped to the
// recipients that p has for it.
func (c *clone) rotateRing(ctx context.Context, p *policy.Policy, ring string) (keyring.Metadata, error) {
	m, files, _, err := c.nextGeneration(ctx, p, ring)
	if err == nil {
		err = c.putKeys(ctx, files)
	}
	return m, err
}

// rotateRings rotates all of the rings, or none.
func (c *clone) rotateRings(ctx context.Context, p *policy.Policy, rings []string) ([]rotated, error) {
	done := []rotated{}
	var all []keyring.File
	for _, ring := range rings {
		m, files, previous, err := c.nextGeneration(ctx, p, ring)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
		done = append(done, rotated{ring, m.ID.String(), m.Created, len(m.Recipients), previous.String()})
	}
	return done, c.putKeys(ctx, all)
}

// putKeys writes and stages the files of new generations, and has the keyring look
// again. A generation appears as a whole or not at all, whenever this is ended: one
// that is there for some recipients only would shut the others out.
func (c *clone) putKeys(ctx context.Context, files []keyring.File) (err error) {
	if len(files) == 0 {
		return nil
	}
	kr, err := c.keyring()
	if err != nil {
		return err
	}
	defer kr.Forget()
	paths, err := c.takeUp(ctx, files) // a generation that was not staged yet is one, too
	if err != nil {
		return err
	}
	aside := path.Join(path.Dir(keysDir), asideName+rand.Text())
	defer func() { err = errors.Join(err, c.tree.RemoveAll(filepath.FromSlash(aside))) }()
	var folders []string
	for _, f := range files {
		if err := c.writeTree(path.Join(aside, f.Path), f.Data); err != nil {
			return err
		}
		paths = append(paths, f.Path)
		if folder := path.Dir(f.Path); !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	for i, folder := range folders {
		if err = c.tree.MkdirAll(filepath.FromSlash(path.Dir(folder)), 0o755); err == nil {
			err = c.tree.Rename(filepath.FromSlash(path.Join(aside, folder)), filepath.FromSlash(folder))
		}
		if err != nil {
			return errors.Join(err, c.removeAll(folders[:i]))
		}
	}
	if err = c.repo.Stage(ctx, paths); err != nil {
		return errors.Join(err, c.removeAll(folders))
	}
	return nil
}

// removeAll takes folders out of the work tree.
func (c *clone) removeAll(folders []string) (err error) {
	for _, folder := range folders {
		err = errors.Join(err, c.tree.RemoveAll(filepath.FromSlash(folder)))
	}
	return err
}

// nextGeneration makes a generation of a ring that is newer than all those the
// work tree and the index have, previous being the newest of them. It opens none
// of them; where one can't be read, no time is sure to be newer.
func (c *clone) nextGeneration(ctx context.Context, p *policy.Policy, ring string) (m keyring.Metadata, files []keyring.File, previous keys.ID, err error) {
	kr, err := c.keyring()
	if err != nil {
		return m, nil, previous, err
	}
	have, err := kr.Generations(ctx, ring)
	if err != nil {
		return m, nil, previous, err
	}
	if previous, err = newestOf(ring, have); err != nil {
		return m, nil, previous, err
	}
	created, err := keyring.After(c.now(), have)
	if err != nil {
		return m, nil, previous, withHint(fmt.Errorf("rotate ring %s: %w", ring, err), "see who made it: git log -- %s/%s", keyring.RingDir(ring), previous)
	}
	registry, err := c.providers()
	if err != nil {
		return m, nil, previous, err
	}
	recipients := recipientsOf(p, ring)
	if err := c.tryQuietly(ctx, registry, p.Repository, ring, recipients); err != nil {
		return m, nil, previous, err
	}
	g, files, err := keyring.NewGeneration(ctx, registry, p.Repository, ring, recipients, created, rand.Reader)
	if err != nil {
		return m, nil, previous, err
	}
	g.Key.Wipe()
	return keyring.Metadata{ID: g.ID, Ring: ring, Created: g.Created, Recipients: recipients}, files, previous, nil
}

// newestOf is the current one of the generations of a ring. There must be one, and
// no file among them that can't be read: it may be of a newer generation than is known.
func newestOf(ring string, have []keyring.Metadata) (keys.ID, error) {
	if len(have) == 0 {
		return keys.ID{}, keyring.NoGeneration(ring)
	}
	for _, m := range have {
		if len(m.Faults) > 0 {
			return keys.ID{}, &keys.RingError{Ring: ring, ID: m.ID, Cause: keys.ErrTampered, Failed: m.Faults,
				Hint: "git checkout HEAD -- " + keyring.RingDir(ring)}
		}
	}
	return have[0].ID, nil
}

// tryQuietly is try for recipients that the policy has already: it says only what
// is not as it should be, and that one of several can't be opened from here is no
// reason against a new key for all.
func (c *clone) tryQuietly(ctx context.Context, registry *keys.Registry, repository, ring string, recipients []keys.Recipient) error {
	shut := 0
	for _, r := range recipients {
		trial, err := keyring.Try(ctx, registry, repository, ring, r)
		if err != nil {
			return err
		}
		if trial.Shut == nil {
			continue
		}
		shut++
		if r.Kind != policy.KindAge { // of people's own keys just one is here
			c.warningf("%v: it wraps, but whether it opens is not proven", trial.Shut)
		}
	}
	if shut == len(recipients) {
		c.warningf("no recipient of ring %s opens from here: you will not be able to add files to it", ring)
	}
	return nil
}
