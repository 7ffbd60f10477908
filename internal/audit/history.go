package audit

import "slices"

// member is a recipient of one ring.
type member struct{ ring, id string }

// past is what the history says about members and their keys.
type past struct {
	listed     map[member]bool            // ever in a policy
	added      map[member]*Commit         // the first that added it
	removed    map[member]*exit           // the last that removed it
	keysGone   map[member]*exit           // the last that removed a wrapped-key file
	held       map[member]map[string]bool // generations ever wrapped for it
	events     []Event                    // the latest
	dropped    int                        // events of before
	unreadable int                        // policies
}

// exit is a commit that removed a member. weak is a merge that took the removal,
// or the absence, from one of its parents: a better witness replaces it.
type exit struct {
	commit *Commit
	weak   bool
}

func read(steps []Step) *past {
	p := &past{listed: map[member]bool{}, added: map[member]*Commit{}, removed: map[member]*exit{},
		keysGone: map[member]*exit{}, held: map[member]map[string]bool{}}
	for len(steps) > 0 {
		n := 1
		for n < len(steps) && steps[n].Commit == steps[0].Commit {
			n++
		}
		p.commit(steps[:n])
		steps = steps[n:]
	}
	return p
}

// commit takes the steps of one commit, one for each parent that differs.
func (p *past) commit(steps []Step) {
	c := steps[0].Commit
	parents := max(1, steps[0].Parents)
	var policies []Step
	keySteps := 0
	for _, s := range steps {
		if s.Policy {
			policies = append(policies, s)
		}
		if len(s.Added)+len(s.Removed) > 0 {
			keySteps++
		}
	}
	if len(policies) > 0 {
		p.members(c, policies, len(policies) == parents)
	}
	for _, s := range steps {
		for _, w := range s.Added {
			p.hold(w)
		}
		for _, w := range s.Removed {
			p.hold(w)
			p.keysGone[member{w.Ring, w.Recipient}] = better(p.keysGone[member{w.Ring, w.Recipient}], &exit{c, keySteps < parents})
		}
	}
}

// members compares a commit's audiences with those of its parents. all tells
// that every parent had others: else what is new here is another branch's.
func (p *past) members(c *Commit, steps []Step, all bool) {
	after := steps[0].After
	if after == nil {
		p.unreadable++
		return
	}
	now := set(after)
	in := map[member]int{} // in how many parents
	for _, s := range steps {
		before := set(s.Before)
		if s.Before == nil { // whoever was in may have been
			before = p.listed
		}
		for m := range before {
			in[m]++
		}
	}
	for _, m := range ordered(in) {
		p.listed[m] = true
		if !now[m] {
			weak := !all || in[m] < len(steps)
			p.removed[m] = better(p.removed[m], &exit{c, weak})
			if !weak {
				p.event(Event{c, m.ring, m.id, "removed"})
			}
		}
	}
	for _, m := range ordered(now) {
		if known := p.listed[m]; !steps[0].Cut && (!known || in[m] == 0 && all) {
			if p.added[m] == nil {
				p.added[m] = c
			}
			p.event(Event{c, m.ring, m.id, "added"})
		}
		p.listed[m] = true
	}
}

// maxKept bounds the events of a report. A commit can take thousands of recipients
// out, and the next can let them in again.
const maxKept = 50_000

func (p *past) event(e Event) {
	if len(p.events) >= 2*maxKept {
		p.dropEvents()
	}
	p.events = append(p.events, e)
}

// dropEvents drops all but the latest.
func (p *past) dropEvents() {
	if n := len(p.events) - maxKept; n > 0 {
		p.dropped += n
		p.events = slices.Delete(p.events, 0, n)
	}
}

func (p *past) hold(w Wrapping) {
	m := member{w.Ring, w.Recipient}
	if p.held[m] == nil {
		p.held[m] = map[string]bool{}
	}
	p.held[m][w.KeyID] = true
}

func better(old, now *exit) *exit {
	if old != nil && !old.weak && now.weak {
		return old
	}
	return now
}

func set(rings Members) map[member]bool {
	out := map[member]bool{}
	for ring, ids := range rings {
		for _, id := range ids {
			out[member{ring, id}] = true
		}
	}
	return out
}

// ordered are the members of a map, always in the same order.
func ordered[V any](m map[member]V) []member {
	out := make([]member, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b member) int {
		if a.ring != b.ring {
			return compare(a.ring, b.ring)
		}
		return compare(a.id, b.id)
	})
	return out
}
