package audit

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// maxListed is how many files of a recipient the text names; JSON and HTML have all.
const maxListed = 20

// Text writes the report for a terminal. show makes a name from the repository
// safe to print.
func (r *Report) Text(w io.Writer, show func(string) string) error {
	t := &text{tabwriter.NewWriter(w, 0, 8, 2, ' ', 0), show}
	for i := range r.Rings {
		t.ring(r, &r.Rings[i])
	}
	if len(r.Removed) > 0 {
		t.line("removed recipients")
		for i := range r.Removed {
			t.removed(&r.Removed[i])
		}
		t.line("")
	}
	for _, note := range r.Notes {
		t.line("note: %s", t.show(note))
	}
	t.findings(r.Findings)
	return t.Flush()
}

type text struct {
	*tabwriter.Writer
	show func(string) string
}

func (t *text) line(format string, args ...any) { fmt.Fprintf(t, format+"\n", args...) }

func (t *text) ring(r *Report, ring *RingReport) {
	gone := ""
	if !ring.Listed {
		gone = ", not in the policy any more"
	}
	t.line("ring %s: %s, %s, %s%s", ring.Name, count(len(ring.Recipients), "recipient", "recipients"),
		count(len(ring.Generations), "generation", "generations"), count(ring.Files.Total, "file", "files"), gone)
	if ring.RotateEvery > 0 || len(ring.Require) > 0 {
		t.line("  %s", strings.Join(ring.rules(), "; "))
	}
	for _, g := range ring.Generations {
		t.line("  key %s\t%s\topens for %d\t%s", g.KeyID[:min(8, len(g.KeyID))], g.describe(), len(g.Opens), count(g.Files, "file", "files"))
	}
	t.Flush()
	for _, rec := range r.Recipients {
		for _, a := range rec.Rings {
			if a.Ring == ring.Name {
				t.line("  %s: %s\t%s\topens %d of %d\t%s\t%s", rec.Kind, t.show(rec.Name), a.Standing, len(a.Opens), a.Of, count(a.Files, "file", "files"), since(a.Since))
			}
		}
	}
	t.Flush()
	t.line("")
}

// rules are what the policy wants of the ring's key, and whether it gets it.
func (r *RingReport) rules() (out []string) {
	if r.RotateEvery > 0 {
		text := "rotated every " + count(int(r.RotateEvery), "day", "days")
		switch {
		case r.Overdue:
			text += ", overdue since " + r.Due.Format(time.DateOnly)
		case r.Due != nil:
			text += ", due on " + r.Due.Format(time.DateOnly)
		}
		out = append(out, text)
	}
	if len(r.Require) > 0 {
		text := "requires " + strings.Join(r.Require, ", ")
		if len(r.Missing) > 0 {
			text += "; missing " + strings.Join(r.Missing, ", ")
		}
		out = append(out, text)
	}
	return out
}

func (g *GenerationReport) describe() string {
	text := "age not known"
	if g.Created != nil {
		text = g.Created.Format(time.DateOnly) + ", " + count(g.AgeDays, "day", "days") + " old"
	}
	switch {
	case g.Gone:
		text += ", its keys are in the history only"
	case g.Current:
		text += ", current"
	}
	return text
}

func since(c *Commit) string {
	if c == nil {
		return ""
	}
	return "since " + c.Time.Format(time.DateOnly)
}

func (t *text) removed(r *Removed) {
	t.line("  %s: %s", r.Kind, t.show(r.Name))
	t.line("    from ring %s, %s", r.Ring, r.when(t.show))
	t.line("    %s: %s", r.held(), r.read())
	for i, f := range r.Files {
		if i == maxListed {
			t.line("    … and %d more: see --json", len(r.Files)-i)
			break
		}
		t.line("    %s  %s", f.todo(), t.show(f.Path))
	}
}

// held says how many generations could be opened.
func (r *Removed) held() string {
	if len(r.Generations) == 0 {
		return "could open no generation"
	}
	text := "could open " + count(len(r.Generations), "generation", "generations")
	if r.Current {
		text += ", the current one among them"
	}
	return text
}

// read says what could be read.
func (r *Removed) read() string {
	text := "could read " + count(r.CouldRead, "path", "paths")
	if r.Gone > 0 {
		text += fmt.Sprintf(", %d of them deleted since", r.Gone)
	}
	return text
}

// when says by which commit, and whose, somebody went.
func (r *Removed) when(show func(string) string) string {
	how := "removed"
	if r.How == "keys" {
		how = "key files deleted"
	}
	switch {
	case r.Uncommitted:
		return how + ", not committed yet"
	case r.Commit == nil:
		return how + "; no commit of this history says when"
	}
	text := fmt.Sprintf("%s %s by %s in %s", how, r.Commit.Time.Format(time.DateOnly), show(r.Commit.Author), r.Commit.ID[:min(10, len(r.Commit.ID))])
	if r.Added != nil {
		text += ", was in since " + r.Added.Time.Format(time.DateOnly)
	}
	return text
}

// todo is what an exposed file needs, in a fixed width.
func (e *Exposure) todo() string {
	switch e.State {
	case ExposedNow:
		return "reseal and replace"
	case ExposedSame:
		return "replace           "
	}
	return "changed since     "
}

func (t *text) findings(list []Finding) {
	if len(list) == 0 {
		t.line("nothing to do")
		return
	}
	for _, f := range list {
		where := ""
		if f.Ring != "" {
			where = "ring " + f.Ring + ": "
		}
		kind := "to do"
		if f.Severity == Advice {
			kind = "advice"
		}
		t.line("%s: %s%s", kind, where, t.show(f.Message))
		for _, c := range f.Commands {
			t.line("    %s", c)
		}
	}
}
