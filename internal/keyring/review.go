package keyring

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// State is how a wrapped key stands against the policy, and against what its
// recipient names today. Machines are told it too: words are only ever added.
type State string

const (
	Current  State = "current"
	Missing  State = "missing"  // a recipient of the ring has none
	Outdated State = "outdated" // wrapped by another key than the recipient names today
	Damaged  State = "damaged"  // there is a file, but it is malformed
	Stale    State = "stale"    // of a recipient that the ring has no more
	Unusable State = "unusable" // the key that the recipient names is disabled or gone
	Unknown  State = "unknown"  // what the recipient names today could not be told
)

// Deed is what Rewrap did about a wrapped key.
type Deed string

const (
	Wrapped  Deed = "wrapped"  // opened here, and wrapped for the recipient
	Moved    Deed = "moved"    // re-encrypted by the recipient's service
	Restored Deed = "restored" // the index's copy of a file that is damaged in the work tree, or the other way
	Removed  Deed = "removed"
)

// Standing is one wrapped key as Review found it.
type Standing struct {
	Ring      string
	ID        keys.ID
	Path      string
	Recipient keys.Recipient // zero for a damaged file that is none's of the ring
	State     State
	Key       string      // that wrapped, as its file claims
	Newest    string      // that the recipient names today; "" if that was not asked
	Why       *keys.Error // what is damaged, unusable or unknown
	Done      Deed        // "" if it was left as it is

	file   *candidate // the well-formed file, if there is one
	judged State      // of that file, whatever else is damaged
}

// Review tells of every wrapped key of a ring how it stands: one for each
// generation and recipient, and those that are there beyond. names are what the
// ring is and was called. It opens no key, and asks each recipient's service at
// most once what it names today; what it cannot tell is Unknown, no error.
func (k *Keyring) Review(ctx context.Context, names []string, recipients []keys.Recipient) ([]Standing, error) {
	all, err := k.review(ctx, &calendar{k: k}, names, recipients)
	if err != nil {
		return nil, err
	}
	var out []Standing
	for _, r := range all {
		out = append(out, r.standings...)
	}
	return out, nil
}

// reviewed is one generation and its wrapped keys.
type reviewed struct {
	Metadata
	standings []Standing
}

func (k *Keyring) review(ctx context.Context, cal *calendar, names []string, recipients []keys.Recipient) ([]reviewed, error) {
	var out []reviewed
	for _, ring := range names {
		generations, err := k.Generations(ctx, ring)
		if err != nil {
			return nil, err
		}
		for _, m := range generations {
			r := reviewed{Metadata: m}
			for _, recipient := range recipients {
				r.standings = append(r.standings, m.standing(ctx, cal, recipient))
			}
			r.standings = append(r.standings, m.surplus(recipients)...)
			out = append(out, r)
		}
	}
	return out, ctx.Err()
}

// standing is how a recipient of the ring stands with a generation.
func (m *Metadata) standing(ctx context.Context, cal *calendar, r keys.Recipient) Standing {
	s := Standing{Ring: m.Ring, ID: m.ID, Path: Path(m.Ring, m.ID, r.ID()), Recipient: r, State: Missing, file: m.at(Path(m.Ring, m.ID, r.ID()))}
	if s.file != nil {
		s.Key = s.file.key.Wrapped.Key
		s.judged, s.Newest, s.Why = cal.judge(ctx, r, s.Key)
		s.State = s.judged
	}
	if bad := m.fault(s.Path); bad != nil {
		s.State, s.Why = Damaged, bad
	}
	return s
}

// surplus are the files that are none's of these recipients.
func (m *Metadata) surplus(recipients []keys.Recipient) (out []Standing) {
	add := func(name string, s Standing) {
		id := strings.TrimSuffix(path.Base(name), ".json")
		mine := func(r keys.Recipient) bool { return r.ID() == id }
		known := func(s Standing) bool { return s.Path == name }
		if !slices.ContainsFunc(recipients, mine) && !slices.ContainsFunc(out, known) {
			s.Ring, s.ID, s.Path = m.Ring, m.ID, name
			out = append(out, s)
		}
	}
	for _, f := range m.files {
		add(f.file.Path, Standing{State: Stale, Recipient: f.key.Recipient, Key: f.key.Wrapped.Key})
	}
	for _, f := range m.malformed {
		add(f.Path, Standing{State: Damaged, Why: m.fault(f.Path)})
	}
	slices.SortFunc(out, func(a, b Standing) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// at is the well-formed file of a path.
func (m *Metadata) at(path string) *candidate {
	for i := range m.files {
		if m.files[i].file.Path == path {
			return &m.files[i]
		}
	}
	return nil
}

// fault is what is wrong with the file of a path, in the work tree or the index.
func (m *Metadata) fault(path string) *keys.Error {
	for i, f := range m.malformed {
		if f.Path == path {
			return m.Faults[i]
		}
	}
	return nil
}

// calendar knows what recipients name today, having asked once for each.
type calendar struct {
	k *Keyring
	// renew: everything is going to be renewed, by its service where that can. What
	// need not be asked for that is taken for current.
	renew bool
	days  map[string]day // by what asked gives
}

type day struct {
	newest string
	same   func(a, b string) bool // nil: whatever wrapped is right
	err    *keys.Error
}

// judge tells how a key that wrapped for a recipient stands.
func (c *calendar) judge(ctx context.Context, r keys.Recipient, key string) (State, string, *keys.Error) {
	d := c.ask(ctx, r)
	switch {
	case d.err != nil && (d.err.Kind == keys.Disabled || d.err.Kind == keys.NotFound):
		return Unusable, "", d.err
	case d.err != nil:
		return Unknown, "", d.err
	case d.same != nil && !d.same(key, d.newest):
		return Outdated, d.newest, nil
	}
	return Current, d.newest, nil
}

func (c *calendar) ask(ctx context.Context, r keys.Recipient) day {
	if c.days == nil {
		c.days = map[string]day{}
	}
	d, known := c.days[asked(r)]
	if !known {
		d = c.askNow(ctx, r)
		c.days[asked(r)] = d
	}
	return d
}

func (c *calendar) askNow(ctx context.Context, r keys.Recipient) day {
	p, err := c.k.cfg.Providers.Provider(r.Kind)
	if err == nil {
		err = p.Check(r)
	}
	if err != nil {
		return day{err: asError(r, err)}
	}
	dater, dated := p.(keys.Dater)
	_, moves := p.(keys.Rewrapper)
	if !dated || c.renew && moves {
		return day{}
	}
	newest, err := bounded(ctx, patience(p, r, wrapDeadline), func(ctx context.Context) (string, error) { return dater.Newest(ctx, r) })
	switch {
	case err == nil:
		return day{newest: newest, same: dater.Same}
	case c.renew && keys.KindOf(err) == keys.Denied:
		return day{} // who may wrap, but not look, gets the newest all the same
	case errors.Is(err, context.Canceled):
		return day{err: &keys.Error{Kind: keys.Unreachable, Recipient: r.Display(), Message: "interrupted"}}
	}
	return day{err: asError(r, err)}
}
