package main

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

type rewrapOptions struct {
	lockOptions
	renew, check, json bool
}

func (a *app) newRewrap() *cobra.Command {
	var o rewrapOptions
	cmd := &cobra.Command{
		Use:   "rewrap",
		Short: "Wrap the same data keys to the recipients of today",
		Long: `Brings the wrapped keys of all generations up to date, with the data keys as
they are: recipients of the policy that lack one get it; what was wrapped by
another key than the recipient names today is renewed (an alias that moved, an
Azure key with a newer version); damaged files are replaced; files of recipients
that the ring has no more are removed. The history keeps those, and they open
what was sealed so far: see 'git envelope rotate'.

AWS KMS re-encrypts by itself, so that no data key leaves it. For everything
else you must be able to open the ring. No sealed file changes: only
` + keysDir + ` does, as a whole or not at all, and is staged.

--renew makes every wrapped key anew: AWS and Azure then use the newest key
material also where a key was rotated under the same name.

--check writes nothing and opens nothing. It exits with 1 if something is out of
date, and with 3 if a service could not be asked about what it has. So does
'rewrap' itself about what it had to leave as it is.` + exitCodesHelp,
		Example: `  git envelope rewrap --check
  git envelope rewrap --ring prod`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.rewrap(cmd.Context(), o) },
	}
	o.flags(cmd)
	a.completeRings(cmd)
	cmd.Flags().BoolVar(&o.renew, "renew", false, "make every wrapped key anew, not only what is out\nof date")
	cmd.Flags().BoolVar(&o.check, "check", false, "say what is out of date and change nothing")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON for machines")
	cmd.MarkFlagsMutuallyExclusive("renew", "check")
	return cmd
}

func (a *app) rewrap(ctx context.Context, o rewrapOptions) error {
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	rings, err := o.wanted(p)
	if err != nil {
		return err
	}
	var r rewrapReport
	if o.check {
		r, err = c.reviewRings(ctx, p, rings)
	} else {
		r, err = c.rewrapRings(ctx, p, rings, o.renew)
	}
	if err != nil {
		return err
	}
	switch {
	case o.json:
		err = a.printJSON(r.entries())
	case o.check:
		a.printReview(r)
	default:
		a.printRewrap(r)
	}
	if err != nil {
		return err
	}
	return r.verdict()
}

// rewrapReport is every wrapped key of the rings in question: how it was found, and
// what was done about it.
type rewrapReport []keyring.Standing

// rewrapRings brings the wrapped keys of rings up to date: all of them, or on an
// error none. What it changed is staged, and the clone's keyring looks anew.
func (c *clone) rewrapRings(ctx context.Context, p *policy.Policy, rings []string, renew bool) (rewrapReport, error) {
	var files []keyring.File
	report, err := c.eachRing(p, rings, func(kr *keyring.Keyring, names []string, recipients []keys.Recipient) ([]keyring.Standing, error) {
		made, standings, err := kr.Rewrap(ctx, names, recipients, renew)
		files = append(files, made...)
		return standings, err
	})
	if err != nil {
		return nil, err
	}
	if err := c.put(ctx, files); err != nil { // without any, too: one that was killed may have written them
		return nil, err
	}
	if len(files) > 0 {
		c.keyring = sync.OnceValues(func() (*keyring.Keyring, error) { return c.newKeyring(ctx) })
	}
	return report, nil
}

// reviewRings tells what rewrapRings would find.
func (c *clone) reviewRings(ctx context.Context, p *policy.Policy, rings []string) (rewrapReport, error) {
	return c.eachRing(p, rings, func(kr *keyring.Keyring, names []string, recipients []keys.Recipient) ([]keyring.Standing, error) {
		return kr.Review(ctx, names, recipients)
	})
}

func (c *clone) eachRing(p *policy.Policy, rings []string, do func(*keyring.Keyring, []string, []keys.Recipient) ([]keyring.Standing, error)) (rewrapReport, error) {
	kr, err := c.keyring()
	if err != nil {
		return nil, err
	}
	report := rewrapReport{}
	for _, ring := range rings {
		standings, err := do(kr, everyName(p, ring), recipientsOf(p, ring))
		if err != nil {
			return nil, err
		}
		if len(standings) == 0 {
			return nil, &keys.RingError{Ring: ring, Cause: keys.ErrNoGeneration, Hint: "bring its key files back: git checkout HEAD -- " + keyring.RingDir(ring)}
		}
		report = append(report, standings...)
	}
	return report, nil
}

// outstanding tells what is still not as it should be.
func outstanding(s keyring.Standing) bool { return s.State != keyring.Current && s.Done == "" }

// verdict is what the report means for the exit code.
func (r rewrapReport) verdict() error {
	var err error
	for _, s := range r {
		switch {
		case outstanding(s) && s.State == keyring.Unknown:
			err = errUndetermined
		case outstanding(s):
			return errFindings
		}
	}
	return err
}

// rewrapEntry is a wrapped key of 'rewrap --json'. Fields are only ever added.
type rewrapEntry struct {
	Ring   string        `json:"ring"`
	KeyID  string        `json:"key_id"`
	Path   string        `json:"path"`
	Kind   string        `json:"kind,omitempty"`
	URI    string        `json:"uri,omitempty"`
	State  keyring.State `json:"state"`
	Key    string        `json:"key,omitempty"`    // that wrapped
	Newest string        `json:"newest,omitempty"` // that the recipient names today
	Reason string        `json:"reason,omitempty"`
	Done   keyring.Deed  `json:"done,omitempty"`
}

func (r rewrapReport) entries() any {
	entries := []rewrapEntry{}
	for _, s := range r {
		e := rewrapEntry{s.Ring, s.ID.String(), s.Path, s.Recipient.Kind, s.Recipient.URI, s.State, s.Key, s.Newest, "", s.Done}
		if s.Why != nil {
			e.Reason = s.Why.Error()
		}
		entries = append(entries, e)
	}
	return struct {
		Version int           `json:"version"`
		Keys    []rewrapEntry `json:"keys"`
	}{1, entries}
}

// whose names a wrapped key for people.
func whose(s keyring.Standing) string {
	name := s.Path
	if s.Recipient.Kind != "" {
		name = s.Recipient.Display()
	}
	return fmt.Sprintf("ring %s, key %s: %s", s.Ring, s.ID.Short(), show(name))
}

// wrongWith says what is wrong with a wrapped key.
func wrongWith(s keyring.Standing) string {
	switch s.State {
	case keyring.Missing:
		return "has no wrapped key"
	case keyring.Outdated:
		return "wrapped by " + show(s.Key) + ", names " + show(s.Newest) + " today"
	case keyring.Stale:
		return "is no recipient of the ring any more"
	case keyring.Unusable:
		return "cannot wrap: " + reason(s)
	case keyring.Unknown:
		return "cannot tell: " + reason(s)
	case keyring.Damaged:
		return "damaged: " + reason(s)
	}
	return string(s.State)
}

// reason is why, without the recipient that is named already.
func reason(s keyring.Standing) string {
	e := *s.Why
	e.Recipient = ""
	return show(e.Error())
}

func (a *app) printReview(r rewrapReport) {
	wrong := 0
	for _, s := range r {
		if outstanding(s) {
			a.printf("%s: %s\n", whose(s), wrongWith(s))
		}
		if outstanding(s) && s.State != keyring.Unknown {
			wrong++
		}
	}
	a.hintWhy(r)
	switch {
	case wrong > 0:
		a.printf("%d of %s not up to date\n", wrong, plural(len(r), "wrapped key"))
		a.hintf("git envelope rewrap")
	case r.verdict() == nil:
		a.printf("up to date: %s\n", plural(len(r), "wrapped key"))
	}
}

var deeds = map[keyring.Deed]string{
	keyring.Wrapped: "wrapped", keyring.Moved: "re-encrypted by its service",
	keyring.Restored: "restored", keyring.Removed: "removed",
}

func (a *app) printRewrap(r rewrapReport) {
	done := map[keyring.Deed]int{}
	for _, s := range r {
		switch {
		case s.Done != "" && s.State == keyring.Current:
			a.printf("%s: %s\n", whose(s), deeds[s.Done])
		case s.Done != "":
			a.printf("%s: %s; it was: %s\n", whose(s), deeds[s.Done], wrongWith(s))
		case outstanding(s):
			a.warningf("left as it is: %s: %s", whose(s), wrongWith(s))
		}
		done[s.Done]++
	}
	a.hintWhy(r)
	changed := len(r) - done[""]
	switch {
	case changed == 0 && r.verdict() == nil:
		a.printf("nothing to do: %s up to date\n", plural(len(r), "wrapped key"))
		return
	case changed == 0:
		return
	}
	a.printf("staged %s: %s made, %d removed\n", keysDir, plural(changed-done[keyring.Removed], "wrapped key"), done[keyring.Removed])
	if done[keyring.Removed] > 0 {
		a.printf("what was removed stays in the history, and opens what was sealed so far; to shut it out of what comes: git envelope rotate\n")
	}
	a.printf("next: commit\n")
}

// hintWhy says what to type about what could not be judged.
func (a *app) hintWhy(r rewrapReport) {
	var said []string
	for _, s := range r {
		if outstanding(s) && s.Why != nil && s.Why.Hint != "" && !slices.Contains(said, s.Why.Hint) {
			said = append(said, s.Why.Hint)
			a.hintf("%s", s.Why.Hint)
		}
	}
}
