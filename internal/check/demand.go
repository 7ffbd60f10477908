package check

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

// demand is what one side asks for a path.
type demand struct {
	covered bool   // it is to be sealed
	rule    bool   // by a rule of the policy, else by an attribute
	ring    string // for this ring; "" if none can be told
	forbid  string // the forbid pattern that matches, "" for none
}

// demands is what both sides ask for a path.
type demands struct {
	now, was demand
	// unfiltered: a rule covers the path now, but Git does not give it to the
	// filter, so that the next git add stores plaintext.
	unfiltered bool
}

func (d demands) any() bool {
	return d.now.covered || d.was.covered || d.now.forbid != "" || d.was.forbid != ""
}

func (c *Checker) demands(ctx context.Context, name string) (demands, error) {
	now, filtered, err := c.New.demand(ctx, name)
	if err != nil {
		return demands{}, err
	}
	was, _, err := c.Old.demand(ctx, name)
	if err != nil {
		return demands{}, err
	}
	return demands{now: now, was: was, unfiltered: now.rule && c.New.Attributed != nil && !filtered}, nil
}

// demand follows the filter's own order: a rule, else the attribute, else the
// policy's fallback. filtered is Git's answer, whatever the rules say.
func (s Side) demand(ctx context.Context, name string) (d demand, filtered bool, err error) {
	var attribute string
	if s.Attributed != nil {
		if filtered, attribute, err = s.Attributed(ctx, name); err != nil {
			return demand{}, false, fmt.Errorf("attributes: %w", err)
		}
	}
	if s.Policy != nil {
		d.forbid, _ = s.Policy.Forbidden(name)
		d.ring, d.rule = s.Policy.RingOf(name)
	}
	d.covered = d.rule || filtered
	if d.covered && !d.rule {
		d.ring = s.called(attribute)
		if d.ring == "" && s.Policy != nil {
			d.ring, _ = s.Policy.Fallback()
		}
	}
	return d, filtered, nil
}

// regular tells whether Git would run a filter on this side.
func (b *Blob) regular() bool {
	const typeMask, regularFile = 0o170000, 0o100000
	return b != nil && b.Mode&typeMask == regularFile
}

// blob is an open Blob of which the beginning is known.
type blob struct {
	*bufio.Reader
	io.Closer
	empty, sealed bool
}

func open(ctx context.Context, b *Blob) (*blob, error) {
	r, err := b.Open(ctx)
	if err != nil {
		return nil, err
	}
	o := &blob{Reader: bufio.NewReaderSize(r, 4<<10), Closer: r}
	head, err := o.Peek(envelope.HeaderSize)
	if err != nil && err != io.EOF {
		_ = r.Close()
		return nil, err
	}
	o.empty = len(head) == 0
	o.sealed = envelope.IsSealed(head)
	return o, nil
}

// wasSealed tells whether the path had a sealed blob that this change replaced.
func wasSealed(ctx context.Context, ch Change) (bool, error) {
	if !ch.Old.regular() || ch.Old.OID == ch.New.OID {
		return false, nil
	}
	if ch.Old.Head != nil {
		return envelope.IsSealed(ch.Old.Head), nil
	}
	b, err := open(ctx, ch.Old)
	if err != nil {
		return false, fmt.Errorf("the base: %w", err)
	}
	defer b.Close()
	return b.sealed, nil
}
