package audit

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"strconv"
	"strings"
	"time"
)

var (
	//go:embed page.tmpl
	pageText string
	//go:embed page.css
	pageStyle string
	//go:embed page.js
	pageScript string

	pageTemplate = template.Must(template.New("page").Parse(pageText))
)

// Bounds of the page: beyond them it sums up, and JSON has all.
const (
	maxRows    = 1000 // files in the table, the worst first
	maxColumns = 40   // generations of a ring
	maxPaths   = 500  // of one removed recipient, for each thing to do
	maxNames   = 40_000
	maxEvents  = 1000
	maxMembers = 300 // recipients of a ring, and those removed
)

// page is what the template shows. All text in it may be hostile: the template
// escapes it, and show has made it harmless.
type page struct {
	Policy            string
	Style             template.CSS
	Script            template.JS
	Repository, State string
	At                time.Time
	Sections          []section
	Tiles             []tile
	Notes             []string
	Headline          string
	Todo, Advice      []Finding
	AdviceTitle       string
	Picture           picture
	Rings             []ringView
	Removed           []removedView
	RemovedMore       string
	FilesAbout        string
	Files             []fileRow
	Groups            []fileGroup
	EventsAbout       string
	Events            []eventRow
}

type section struct{ ID, Title string }

type tile struct {
	Value, Label string
	Bad          bool
}

type badge struct{ Class, Text string }

// HTML writes the report as one page that needs nothing else: no other file, no
// network, no JavaScript. The browser is told to load nothing and to run only
// the page's own script, named by its hash. show makes a name from the
// repository safe to look at, as for Text.
func (r *Report) HTML(w io.Writer, show func(string) string) error {
	v := &viewer{Report: r, show: show, byID: map[string]RecipientReport{}, opens: map[string]int{}}
	v.index()
	return pageTemplate.Execute(w, v.page())
}

// viewer turns a report into what a page shows.
type viewer struct {
	*Report
	show  func(string) string
	byID  map[string]RecipientReport // everybody who is or was in
	opens map[string]int             // how many open a generation, by key id
}

func (v *viewer) page() *page {
	p := &page{Policy: "default-src 'none'; style-src " + hashOf(pageStyle) + "; script-src " + hashOf(pageScript) + "; base-uri 'none'; form-action 'none'",
		Style: template.CSS(pageStyle), Script: template.JS(pageScript),
		Repository: v.show(v.Repository), State: v.state(), At: v.At, Tiles: v.tiles(), Picture: v.picture()}
	for _, note := range v.Notes {
		p.Notes = append(p.Notes, v.show(note))
	}
	v.findings(p)
	for i := range v.Report.Rings {
		p.Rings = append(p.Rings, v.ring(&v.Report.Rings[i]))
	}
	for i := range v.Report.Removed[:min(len(v.Report.Removed), maxMembers)] {
		p.Removed = append(p.Removed, v.removed(&v.Report.Removed[i]))
	}
	if n := len(v.Report.Removed) - maxMembers; n > 0 {
		p.RemovedMore = "and " + number(n) + " more: git envelope audit --json has all"
	}
	v.files(p)
	v.events(p)
	p.Sections = []section{{"todo", "To do"}, {"picture", "Picture"}, {"rings", "Rings"}}
	if len(p.Removed) > 0 {
		p.Sections = append(p.Sections, section{"removed", "Removed recipients"})
	}
	p.Sections = append(p.Sections, section{"files", "Files"})
	if len(p.Events) > 0 {
		p.Sections = append(p.Sections, section{"events", "Changes"})
	}
	return p
}

// hashOf names a script or style for the browser: it runs no other.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func (v *viewer) state() string {
	head := "no commit yet"
	if v.Head != "" {
		head = "commit " + short(v.Head, 10)
	}
	if v.Report.State == "index" {
		return "index and work tree on " + head
	}
	return v.show(v.Report.State) + ", " + head
}

func (v *viewer) tiles() []tile {
	listed, former := 0, 0
	for _, rec := range v.Report.Recipients {
		in := false
		for _, a := range rec.Rings {
			in = in || a.Standing == Full || a.Standing == Partial || a.Standing == Shut
		}
		if in {
			listed++
		}
	}
	seen := map[string]bool{}
	for _, r := range v.Report.Removed {
		if !seen[r.ID] {
			seen[r.ID] = true
			former++
		}
	}
	rings, oldest, overdue := 0, -1, false
	for _, r := range v.Report.Rings {
		if !r.Listed {
			continue
		}
		rings++
		overdue = overdue || r.Overdue
		if len(r.Generations) > 0 && r.Generations[0].Created != nil {
			oldest = max(oldest, r.Generations[0].AgeDays)
		}
	}
	exposed := 0
	for _, f := range v.Report.Files {
		if f.Exposed {
			exposed++
		}
	}
	files := tile{number(len(v.Report.Files)), noun(len(v.Report.Files), "file", "files") + " to be sealed", exposed > 0}
	if exposed > 0 {
		files.Label += ", " + number(exposed) + " exposed"
	}
	recipients := tile{number(listed), noun(listed, "recipient", "recipients"), false}
	if former > 0 {
		recipients.Label += ", " + number(former) + " removed"
	}
	age := tile{"–", "age of the oldest current key", overdue}
	if oldest >= 0 {
		age.Value = days(oldest)
	}
	if overdue {
		age.Label += ", overdue"
	}
	return []tile{{number(rings), noun(rings, "ring", "rings"), false}, recipients, files, age}
}

func (v *viewer) findings(p *page) {
	for _, f := range v.Report.Findings {
		f.Message = v.show(f.Message)
		if f.Severity == Advice {
			p.Advice = append(p.Advice, f)
		} else {
			p.Todo = append(p.Todo, f)
		}
	}
	p.Headline = count(len(p.Todo), "thing to do", "things to do")
	if len(p.Todo) == 0 {
		p.Headline = "Nothing to do"
	}
	p.AdviceTitle = count(len(p.Advice), "piece of advice", "pieces of advice")
}

func (v *viewer) events(p *page) {
	list := v.Report.Events
	if n := len(list) - maxEvents; n > 0 {
		p.EventsAbout = "The latest " + number(maxEvents) + " of " + number(len(list)) + "."
		list = list[n:]
	}
	for i := len(list) - 1; i >= 0; i-- { // the latest first
		e := list[i]
		row := eventRow{When: "not committed yet", Ring: e.Ring, Name: v.name(e.Recipient), Full: v.full(e.Recipient), Change: e.Change, Unix: 1 << 40}
		if e.Commit != nil {
			row.When, row.Unix = e.Commit.Time.Format(time.DateOnly), e.Commit.Time.Unix()
			row.Author, row.Commit = v.show(e.Commit.Author), short(e.Commit.ID, 10)
		}
		p.Events = append(p.Events, row)
	}
}

type eventRow struct {
	When, Ring, Name, Full, Change, Author, Commit string
	Unix                                           int64
}

// name is a recipient's short name, full its kind and URI.
func (v *viewer) name(id string) string { return v.show(v.who(id).Name) }
func (v *viewer) full(id string) string {
	r := v.who(id)
	return v.show(strings.TrimSpace(r.Kind + ": " + r.URI))
}

func (v *viewer) who(id string) RecipientReport {
	if r, ok := v.byID[id]; ok {
		return r
	}
	return RecipientReport{ID: id, Kind: "unknown", Name: id}
}

func (v *viewer) index() {
	for _, ring := range v.Report.Rings {
		for _, g := range ring.Generations {
			v.opens[g.KeyID] = len(g.Opens)
		}
	}
	for _, r := range v.Report.Removed {
		v.byID[r.ID] = RecipientReport{ID: r.ID, Kind: r.Kind, URI: r.URI, Name: r.Name}
	}
	for _, r := range v.Report.Recipients {
		v.byID[r.ID] = r
	}
}

func short(id string, n int) string { return id[:min(n, len(id))] }

// days writes an age as people say it.
func days(n int) string {
	switch {
	case n < 0:
		return "in the future"
	case n < 90:
		return count(n, "day", "days")
	case n < 730:
		return count(n*12/365, "month", "months")
	}
	return count(n/365, "year", "years")
}

// number groups digits by thousands.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func noun(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
