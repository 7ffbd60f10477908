package audit

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"
)

// ringView is one ring with its matrix of generations and recipients.
type ringView struct {
	Name, About string
	Badges      []badge
	Columns     []column
	Rows        []matrixRow
	More        string
}

type column struct {
	ID, When, Age, Files string
	Current              bool
}

type matrixRow struct {
	Kind, Name, Full, Since string
	Badge                   *badge
	Cells                   []cell
}

type cell struct{ Class, Mark, Text string }

func (v *viewer) ring(r *RingReport) ringView {
	out := ringView{Name: r.Name}
	about := append([]string{count(len(r.Recipients), "recipient", "recipients"), number(r.Files.Total) + " " + noun(r.Files.Total, "file", "files")}, r.rules()...)
	out.About = strings.Join(about, " · ")
	switch {
	case !r.Listed:
		out.Badges = append(out.Badges, badge{"warn", "not in the policy any more"})
	case r.Overdue:
		out.Badges = append(out.Badges, badge{"warn", "overdue"})
	}
	if len(r.Missing) > 0 {
		out.Badges = append(out.Badges, badge{"warn", "lacks " + strings.Join(r.Missing, ", ")})
	}
	shown := r.Generations[:min(len(r.Generations), maxColumns)]
	if n := len(r.Generations) - len(shown); n > 0 {
		out.More = "Older generations that are not shown: " + number(n) + ". "
	}
	for _, g := range shown {
		c := column{ID: short(g.KeyID, 8), When: "date not known", Current: g.Current, Files: number(g.Files) + " " + noun(g.Files, "file", "files")}
		if g.Created != nil {
			c.When, c.Age = g.Created.Format(time.DateOnly), days(g.AgeDays)
		}
		if g.Gone {
			c.Age = "keys in history only"
		}
		out.Columns = append(out.Columns, c)
	}
	ids := v.concerned(r)
	if n := len(ids) - maxMembers; n > 0 {
		out.More += "Recipients that are not shown: " + number(n) + "."
	}
	for _, id := range ids[:min(len(ids), maxMembers)] {
		out.Rows = append(out.Rows, v.matrixRow(r.Name, id, shown))
	}
	return out
}

// concerned are those in the ring, then those who were, each once.
func (v *viewer) concerned(r *RingReport) []string {
	ids := slices.Clone(r.Recipients)
	seen := map[string]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	add := func(list []string) {
		for _, id := range list {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	for _, g := range r.Generations {
		add(g.Opens)
	}
	for _, g := range r.Generations {
		add(g.Opened)
	}
	return ids
}

var standings = map[string]*badge{
	Partial:  {"warn", "lacks keys"},
	Shut:     {"warn", "no keys"},
	Former:   {"bad", "removed, keys still there"},
	Unlisted: {"bad", "not in the policy"},
}

func (v *viewer) matrixRow(ring, id string, shown []GenerationReport) matrixRow {
	who := v.who(id)
	row := matrixRow{Kind: who.Kind, Name: v.show(who.Name), Full: v.full(id), Badge: &badge{"bad", "removed"}}
	for _, a := range who.Rings {
		if a.Ring == ring {
			row.Badge, row.Since = standings[a.Standing], since(a.Since)
		}
	}
	for _, g := range shown {
		switch {
		case slices.Contains(g.Opens, id):
			row.Cells = append(row.Cells, cell{"yes", "●", "opens"})
		case slices.Contains(g.Opened, id):
			row.Cells = append(row.Cells, cell{"was", "○", "had a key"})
		default:
			row.Cells = append(row.Cells, cell{"never", "–", "never"})
		}
	}
	return row
}

// removedView is one removed recipient.
type removedView struct {
	Kind, Name, Full, Ring, When, Held, Read string
	Badges                                   []badge
	Lists                                    []pathList
}

type pathList struct {
	Title, More string
	Open        bool
	Paths       []string
}

func (v *viewer) removed(r *Removed) removedView {
	out := removedView{Kind: r.Kind, Name: v.show(r.Name), Full: v.full(r.ID), Ring: r.Ring, When: r.when(v.show), Held: r.held(), Read: r.read()}
	if len(r.StillOpens) > 0 {
		out.Badges = append(out.Badges, badge{"bad", "keys still there"})
	}
	if r.Current && !r.Listed {
		out.Badges = append(out.Badges, badge{"bad", "knows the current key"})
	}
	if r.Listed {
		out.Badges = append(out.Badges, badge{"warn", "still in the policy"})
	}
	for _, l := range []struct{ state, title string }{
		{ExposedNow, "to reseal, with secrets to replace at their source"},
		{ExposedSame, "resealed, with secrets to replace at their source: as long as when they could be read"},
		{ExposedChanged, "changed since: see that every secret in it was replaced"},
	} {
		list := pathList{}
		n := 0
		for _, f := range r.Files {
			if f.State != l.state {
				continue
			}
			if n++; n <= maxPaths {
				list.Paths = append(list.Paths, v.show(f.Path))
			}
		}
		if n == 0 {
			continue
		}
		list.Title = number(n) + " " + noun(n, "file ", "files ") + l.title
		list.Open = n <= 10
		if n > maxPaths {
			list.More = "and " + number(n-maxPaths) + " more: git envelope audit --json has all"
		}
		out.Lists = append(out.Lists, list)
	}
	return out
}

// fileRow is a line of the table of files.
type fileRow struct {
	Path, Ring, Key, Age string
	Days, Readers, Rank  int
	Badges               []badge
}

// fileGroup are the files of one folder that the table has no room for.
type fileGroup struct {
	Folder, About string
	Names         []string
}

// grave orders files, the worst first.
func (f *FileReport) grave() int {
	rank := slices.Index([]string{Plain, Damaged, StateUnknown, StateOther}, f.State)
	switch {
	case rank >= 0:
		return rank
	case f.Exposed:
		return 4
	case f.State == StateOlder:
		return 5
	}
	return 6
}

func (v *viewer) files(p *page) {
	files := slices.Clone(v.Report.Files)
	slices.SortStableFunc(files, func(a, b FileReport) int { return cmp.Compare(a.grave(), b.grave()) })
	p.FilesAbout = "Those that need something come first."
	if len(files) > maxRows {
		p.FilesAbout = "The first " + number(maxRows) + " of " + number(len(files)) + ", those that need something first; the others follow by folder."
	}
	for i := range files[:min(maxRows, len(files))] {
		p.Files = append(p.Files, v.fileRow(&files[i]))
	}
	if len(files) > maxRows {
		p.Groups = v.folders(files[maxRows:])
	}
}

func (v *viewer) fileRow(f *FileReport) fileRow {
	row := fileRow{Path: v.show(f.Path), Ring: f.Ring, Key: short(f.KeyID, 8), Readers: v.opens[f.KeyID], Days: -1, Rank: f.grave()}
	if f.KeyID != "" {
		row.Age, row.Days = days(f.AgeDays), f.AgeDays
	}
	b := badge{"good", "current"}
	switch f.State {
	case StateOlder:
		b = badge{"warn", "older key"}
	case StateUnknown:
		b = badge{"bad", "unknown key"}
	case StateOther:
		b = badge{"bad", "sealed for another ring"}
	case Plain, Damaged:
		b = badge{"bad", f.State}
	case Empty:
		b = badge{"", "empty"}
	}
	if row.Badges = append(row.Badges, b); f.Exposed {
		row.Badges = append(row.Badges, badge{"bad", "exposed"})
	}
	return row
}

// folders sums files up by folder, ring and state.
func (v *viewer) folders(files []FileReport) (out []fileGroup) {
	at := map[[3]string]int{}
	for i := range files[:min(len(files), maxNames)] {
		f := &files[i]
		dir, name := path.Split(f.Path)
		key := [3]string{dir, f.Ring, f.State}
		if _, ok := at[key]; !ok {
			at[key] = len(out)
			about := "ring " + f.Ring
			for _, b := range v.fileRow(f).Badges {
				about += ", " + b.Text
			}
			out = append(out, fileGroup{Folder: v.show(cmp.Or(dir, "/")), About: about})
		}
		g := &out[at[key]]
		g.Names = append(g.Names, v.show(name))
	}
	for i := range out {
		out[i].About = number(len(out[i].Names)) + " " + noun(len(out[i].Names), "file", "files") + ", " + out[i].About
	}
	if n := len(files) - maxNames; n > 0 {
		out = append(out, fileGroup{Folder: "…", About: number(n) + " more: git envelope audit --json has all"})
	}
	return out
}
