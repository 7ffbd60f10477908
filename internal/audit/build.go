package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// builder is a report in the making.
type builder struct {
	*Facts
	*Report
	past        *past
	generations map[string]*Generation // by key id
	byRing      map[string][]*Generation
	wrapped     map[member][]string // key ids there are keys for now, the newest first
	once        map[string][]string // who once had a key, and has none now, by key id
	filesUnder  map[string]int      // by key id
	exposedTo   map[string]bool     // key ids that a removed recipient may have kept
	reading     map[string]*reading // by the generations held
	listed      int                 // files of all removed recipients together
}

// Build judges the facts.
func Build(f Facts) *Report {
	b := &builder{Facts: &f, past: read(f.History.Steps),
		generations: map[string]*Generation{}, byRing: map[string][]*Generation{}, wrapped: map[member][]string{}, once: map[string][]string{},
		filesUnder: map[string]int{}, exposedTo: map[string]bool{}, reading: map[string]*reading{},
		Report: &Report{Version: 1, Repository: f.Repository, State: cmp.Or(f.State, "index"), Head: f.Head, At: f.Now.UTC().Truncate(time.Second),
			Complete: len(f.History.Cut) == 0, Notes: slices.Clone(f.History.Cut),
			Findings: []Finding{}, Rings: []RingReport{}, Recipients: []RecipientReport{}, Removed: []Removed{}, Files: []FileReport{}}}
	b.index()
	for _, file := range f.Files {
		if file.Stored == Sealed {
			b.filesUnder[file.KeyID]++
		}
	}
	if n := b.past.unreadable; n > 0 {
		b.Notes = append(b.Notes, fmt.Sprintf("%s of the history can't be read and said nothing of who was in", count(n, "policy", "policies")))
	}
	if b.past.dropEvents(); b.past.dropped > 0 {
		b.incomplete(fmt.Sprintf("of %s who came and went only the latest %s are listed", number(b.past.dropped+maxKept), number(maxKept)))
	}
	b.Events = slices.Clip(append([]Event{}, b.past.events...))
	b.rings()
	b.removed()
	b.recipients()
	b.files()
	b.Findings = append(b.Findings, b.findings()...)
	if b.Notes == nil {
		b.Notes = []string{}
	}
	return b.Report
}

// index finds generations by what is asked of them.
func (b *builder) index() {
	for i := range b.Facts.Generations {
		g := &b.Facts.Generations[i]
		b.generations[g.KeyID] = g
		b.byRing[g.Ring] = append(b.byRing[g.Ring], g)
		for _, id := range g.Wrapped {
			m := member{g.Ring, id}
			b.wrapped[m] = append(b.wrapped[m], g.KeyID)
			b.past.hold(Wrapping{g.Ring, g.KeyID, id})
		}
	}
	for _, m := range ordered(b.past.held) {
		now := map[string]bool{}
		for _, id := range b.wrapped[m] {
			now[id] = true
		}
		for _, id := range sorted(b.past.held[m]) {
			if !now[id] {
				b.once[id] = append(b.once[id], m.id)
			}
		}
	}
}

// rings describes those of the policy, then those of which only keys are left.
func (b *builder) rings() {
	lost := b.lost()
	listed := map[string]bool{}
	for _, ring := range b.Facts.Rings {
		listed[ring.Name] = true
		b.Report.Rings = append(b.Report.Rings, b.ring(ring, true, lost[ring.Name]))
	}
	for _, g := range b.Facts.Generations {
		if !listed[g.Ring] {
			listed[g.Ring] = true
			b.Report.Rings = append(b.Report.Rings, b.ring(Ring{Name: g.Ring}, false, lost[g.Ring]))
		}
	}
}

func (b *builder) ring(ring Ring, listed bool, lost []string) RingReport {
	generations := b.byRing[ring.Name]
	r := RingReport{Name: ring.Name, Listed: listed, Recipients: orEmpty(ring.Recipients), Require: ring.Require,
		RotateEvery: ring.RotateEvery.Hours() / 24, Generations: []GenerationReport{}}
	for _, kind := range ring.Require {
		if !slices.ContainsFunc(ring.Recipients, func(id string) bool { return b.Facts.Recipients[id].Kind == kind }) {
			r.Missing = append(r.Missing, kind)
		}
	}
	for i, g := range generations {
		r.Generations = append(r.Generations, b.generation(g, i == 0))
	}
	if len(generations) > 0 && ring.RotateEvery > 0 && !generations[0].Created.IsZero() && !b.toCome(generations[0].Created) {
		due := generations[0].Created.Add(ring.RotateEvery)
		r.Due, r.Overdue = &due, due.Before(b.Now)
	}
	for _, id := range lost {
		g := b.generation(&Generation{Ring: ring.Name, KeyID: id}, false)
		g.Gone = true
		r.Generations = append(r.Generations, g)
	}
	return r
}

func (b *builder) generation(g *Generation, current bool) GenerationReport {
	out := GenerationReport{KeyID: g.KeyID, Current: current, Opens: orEmpty(g.Wrapped), Opened: orEmpty(b.once[g.KeyID]), Files: b.filesUnder[g.KeyID]}
	if !g.Created.IsZero() {
		created := g.Created.UTC()
		out.Created, out.AgeDays = &created, b.days(created)
	}
	return out
}

// lost are the generations of which only history has keys, by ring.
func (b *builder) lost() map[string][]string {
	out := map[string][]string{}
	seen := map[string]bool{}
	for _, m := range ordered(b.past.held) {
		for _, id := range sorted(b.past.held[m]) {
			if b.generations[id] == nil && !seen[id] {
				seen[id] = true
				out[m.ring] = append(out[m.ring], id)
			}
		}
	}
	return out
}

// days is how old something is; what claims to be of the future is not old at all.
func (b *builder) days(t time.Time) int { return max(0, int(b.Now.Sub(t).Hours()/24)) }

// toCome tells whether a key claims to be made later than any honest clock says.
func (b *builder) toCome(created time.Time) bool { return created.After(b.Now.Add(24 * time.Hour)) }

// removed lists who is not in any more, and what they may have kept.
func (b *builder) removed() {
	present := map[member]bool{}
	for _, ring := range b.Facts.Rings {
		for _, id := range ring.Recipients {
			present[member{ring.Name, id}] = true
		}
	}
	for _, m := range ordered(b.past.listed) {
		if !present[m] {
			b.addRemoved(m, "policy", false, b.past.removed[m])
		}
	}
	for _, m := range ordered(b.past.held) {
		if len(b.wrapped[m]) == 0 && (present[m] || !b.past.listed[m]) {
			b.addRemoved(m, "keys", present[m], b.past.keysGone[m])
		}
	}
}

func (b *builder) addRemoved(m member, how string, listed bool, by *exit) {
	r := Removed{ID: m.id, Ring: m.ring, How: how, Listed: listed, Added: b.past.added[m],
		Generations: b.byAge(m.ring, b.past.held[m]), StillOpens: orEmpty(b.wrapped[m])}
	r.Kind, r.URI, r.Name = b.who(m.id)
	if by != nil {
		r.Commit, r.Uncommitted = by.commit, by.commit == nil
	}
	held := b.past.held[m]
	for id := range held {
		b.exposedTo[id] = b.exposedTo[id] || !listed
		r.Current = r.Current || b.isCurrent(m.ring, id)
	}
	if read := b.read(r.Generations); read != nil {
		r.Files, r.CouldRead, r.Gone = read.files, read.paths, read.gone
	}
	if b.listed += len(r.Files); b.listed > maxExposures {
		b.incomplete("of some removed recipients the files they could read are not listed: there are too many")
		r.Files = nil
	}
	if r.Files == nil || listed {
		r.Files = []Exposure{}
	}
	b.Report.Removed = append(b.Report.Removed, r)
}

// incomplete notes, once, what the report does not say.
func (b *builder) incomplete(note string) {
	if !slices.Contains(b.Notes, note) {
		b.Notes, b.Complete = append(b.Notes, note), false
	}
}

// maxExposures bounds the files that removed recipients could read, of all together:
// each may have any number of files, and there may be thousands.
const maxExposures = 500_000

// maxReadings bounds for how many different sets of generations it is found out
// what they open: each takes a look at all files.
const maxReadings = 200

// reading is what a set of generations opens.
type reading struct {
	files       []Exposure
	paths, gone int // that any commit had, and of those, that are not there now
}

func (b *builder) read(generations []string) *reading {
	if len(generations) == 0 {
		return &reading{files: []Exposure{}}
	}
	key := strings.Join(generations, " ")
	if known := b.reading[key]; known != nil {
		return known
	}
	if len(b.reading) == maxReadings {
		b.incomplete("of some removed recipients it was not looked up what they could read: there are too many")
		return nil
	}
	held, paths, present := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, id := range generations {
		held[id] = true
	}
	for _, f := range b.Facts.Files {
		present[f.Path] = true
		if f.Stored == Sealed && held[f.KeyID] {
			paths[f.Path] = true
		}
	}
	for _, f := range b.History.Past {
		if f.Stored == Sealed && held[f.KeyID] {
			paths[f.Path] = true
		}
	}
	r := &reading{files: Exposed(b.Facts.Files, b.History.Past, held), paths: len(paths)}
	for path := range paths {
		if !present[path] {
			r.gone++
		}
	}
	b.reading[key] = r
	return r
}

func (b *builder) isCurrent(ring, id string) bool {
	return b.generations[id] != nil && b.current(ring) == id
}

// current is the newest generation of a ring, "" if it has none.
func (b *builder) current(ring string) string {
	if list := b.byRing[ring]; len(list) > 0 {
		return list[0].KeyID
	}
	return ""
}

// byAge puts generations in the order of their ring, lost ones last.
func (b *builder) byAge(ring string, ids map[string]bool) []string {
	out := []string{}
	for _, g := range b.byRing[ring] {
		if ids[g.KeyID] {
			out = append(out, g.KeyID)
		}
	}
	for _, id := range sorted(ids) {
		if b.generations[id] == nil {
			out = append(out, id)
		}
	}
	return out
}

// recipients lists who is in the policy or has a wrapped key.
func (b *builder) recipients() {
	rings := map[string][]Access{} // by recipient
	var order []string
	add := func(m member, listed bool) {
		if rings[m.id] == nil {
			order = append(order, m.id)
		}
		rings[m.id] = append(rings[m.id], b.access(m, listed))
	}
	done := map[member]bool{}
	for _, ring := range b.Facts.Rings {
		for _, id := range ring.Recipients {
			done[member{ring.Name, id}] = true
			add(member{ring.Name, id}, true)
		}
	}
	for _, m := range ordered(b.wrapped) {
		if !done[m] {
			add(m, false)
		}
	}
	for _, id := range order {
		r := RecipientReport{ID: id, Rings: rings[id]}
		r.Kind, r.URI, r.Name = b.who(id)
		for _, a := range r.Rings {
			r.Files += a.Files
		}
		b.Report.Recipients = append(b.Report.Recipients, r)
	}
}

func (b *builder) access(m member, listed bool) Access {
	a := Access{Ring: m.ring, Since: b.past.added[m], Opens: orEmpty(b.wrapped[m]), Of: len(b.byRing[m.ring])}
	for _, id := range a.Opens {
		a.Files += b.filesUnder[id]
	}
	switch n := len(a.Opens); {
	case listed && n == 0:
		a.Standing = Shut
	case listed && n < a.Of:
		a.Standing = Partial
	case listed:
		a.Standing = Full
	case b.past.listed[m]:
		a.Standing = Former
	default:
		a.Standing = Unlisted
	}
	return a
}

// files judges each file, and counts them by ring.
func (b *builder) files() {
	counts := map[string]*Counts{}
	current := map[string]string{}
	for i := range b.Report.Rings {
		r := &b.Report.Rings[i]
		counts[r.Name], current[r.Name] = &r.Files, b.current(r.Name)
	}
	for _, f := range b.Facts.Files {
		out := FileReport{Path: f.Path, Ring: f.Ring, KeyID: f.KeyID, State: f.Stored}
		if f.Stored == Sealed {
			g := b.generations[f.KeyID]
			switch {
			case g == nil:
				out.State = StateUnknown
			case f.Ring != "" && g.Ring != f.Ring:
				out.State = StateOther
			case current[g.Ring] == f.KeyID:
				out.State = StateCurrent
			default:
				out.State = StateOlder
			}
			if g != nil && !g.Created.IsZero() {
				out.AgeDays = b.days(g.Created)
			}
			out.Exposed = b.exposedTo[f.KeyID]
		}
		b.Report.Files = append(b.Report.Files, out)
		if c := counts[f.Ring]; c != nil {
			c.add(out.State)
		}
	}
}

func (c *Counts) add(state string) {
	c.Total++
	switch state {
	case StateCurrent, Empty:
		c.Current++
	case StateOlder:
		c.Older++
	default:
		c.Wrong++
	}
}

// who describes a recipient; of one that no policy and no key file that can be
// read names, the id is all there is.
func (b *builder) who(id string) (kind, uri, name string) {
	r, ok := b.Facts.Recipients[id]
	if !ok {
		return "unknown", "", id
	}
	return r.Kind, r.URI, Short(r.Kind, r.URI)
}

func orEmpty(list []string) []string { return append([]string{}, list...) }

func sorted(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func compare(a, b string) int { return strings.Compare(a, b) }

// count writes a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}
