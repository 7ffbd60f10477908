package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The picture has three columns: recipients, rings, files. All measures are in
// the picture's own units, of which a character takes about charWidth.
const (
	pictureWidth = 900
	charWidth    = 6.9
	rowHeight    = 52
	boxHeight    = 40
	pictureTop   = 30

	maxWho    = 12 // recipients, before they are grouped by kind
	maxRings  = 16
	maxGroups = 18 // folders in all
)

// columns are the left edge and the width of each.
var columns = [3]struct {
	x, w int
	head string
}{{1, 270, "RECIPIENTS"}, {356, 178, "RINGS"}, {619, 280, "FILES"}}

type picture struct {
	Width, Height int
	Desc          string
	Heads         []label
	Nodes         []node
	Edges         []edge
}

type label struct {
	X, Y int
	Text string
}

type node struct {
	X, Y, W, H, TX, TY, SY  int
	Class, Text, Sub, Title string
	Bars                    []bar
}

type bar struct {
	X, Y, W int
	Class   string
}

type edge struct{ Class, D, Title string }

// whoNode is a recipient, or a group of them that stand alike.
type whoNode struct {
	name, sub, title string
	kind             string
	n                int
	former           bool
	rings            map[string]string // class of the edge, by ring
}

// groupNode are the files of one ring below one folder.
type groupNode struct {
	ring, folder             string
	total, current, old, bad int
}

func (v *viewer) picture() picture {
	rings := v.Report.Rings[:min(len(v.Report.Rings), maxRings)]
	who := v.whoNodes(rings)
	groups := v.groupNodes(rings)
	rows := max(len(who), len(rings), len(groups), 1)
	p := picture{Width: pictureWidth, Height: pictureTop + rows*rowHeight}
	for _, c := range columns {
		p.Heads = append(p.Heads, label{c.x, 12, c.head})
	}
	ringY, hue := map[string]int{}, map[string]string{}
	for i, r := range rings {
		ringY[r.Name], hue[r.Name] = place(i, len(rings), rows), fmt.Sprintf("k%d", i%6)
	}
	for i := range who {
		y := place(i, len(who), rows)
		p.Nodes = append(p.Nodes, who[i].node(y))
		for _, r := range rings {
			if class, ok := who[i].rings[r.Name]; ok {
				p.Edges = append(p.Edges, edge{strings.TrimSpace(class + " " + hue[r.Name]), curve(0, y, ringY[r.Name]), who[i].title + " → " + r.Name})
			}
		}
	}
	for i := range rings {
		p.Nodes = append(p.Nodes, ringNode(&rings[i], ringY[rings[i].Name], hue[rings[i].Name]))
	}
	for i := range groups {
		y := place(i, len(groups), rows)
		p.Nodes = append(p.Nodes, groups[i].node(y, v.show))
		p.Edges = append(p.Edges, edge{hue[groups[i].ring], curve(1, ringY[groups[i].ring], y), groups[i].ring + " → " + v.show(groups[i].folder)})
	}
	p.Desc = v.describe(who, rings, groups)
	return p
}

// place spreads n boxes over the height of the picture.
func place(i, n, rows int) int {
	return pictureTop + (2*i+1)*rows*rowHeight/(2*n) - rowHeight/2
}

// curve leads from the right side of a box to the left side of one in the next column.
func curve(column, from, to int) string {
	x1, x2 := columns[column].x+columns[column].w, columns[column+1].x
	y1, y2, mid := from+boxHeight/2, to+boxHeight/2, (x1+x2)/2
	return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, mid, y1, mid, y2, x2, y2)
}

// whoNodes are the recipients, ordered by their rings so that few edges cross;
// those that were removed come last. Many are grouped: by kind and rings, and if
// that is still too much, by kind alone.
func (v *viewer) whoNodes(rings []RingReport) []whoNode {
	var all []whoNode
	at := map[string]int{} // by id
	for _, r := range v.Report.Recipients {
		at[r.ID] = len(all)
		all = append(all, v.present(r))
	}
	for _, r := range v.Report.Removed {
		i, known := at[r.ID]
		if !known {
			i, at[r.ID] = len(all), len(all)
			all = append(all, whoNode{name: v.show(r.Name), sub: r.Kind + ", removed", title: v.full(r.ID), kind: r.Kind, n: 1, former: true, rings: map[string]string{}})
		}
		if _, in := all[i].rings[r.Ring]; !in {
			all[i].rings[r.Ring] = "was"
		}
	}
	if len(all) > maxWho {
		all = grouped(all, func(n *whoNode) string { return fmt.Sprintf("%s %v %v", n.kind, n.former, n.rings) })
	}
	if len(all) > maxWho {
		all = grouped(all, func(n *whoNode) string { return fmt.Sprintf("%s %v", n.kind, n.former) })
	}
	slices.SortStableFunc(all, func(a, b whoNode) int {
		return cmp.Or(cmp.Compare(flag(a.former), flag(b.former)), cmp.Compare(a.middle(rings), b.middle(rings)))
	})
	return all
}

func (v *viewer) present(r RecipientReport) whoNode {
	n := whoNode{name: v.show(r.Name), sub: r.Kind + " · opens " + number(r.Files) + " " + noun(r.Files, "file", "files"),
		title: v.full(r.ID), kind: r.Kind, n: 1, former: true, rings: map[string]string{}}
	for _, a := range r.Rings {
		switch a.Standing {
		case Full:
			n.rings[a.Ring] = ""
		case Partial:
			n.rings[a.Ring] = "part"
		case Former, Unlisted:
			n.rings[a.Ring] = "was"
		}
		n.former = n.former && (a.Standing == Former || a.Standing == Unlisted)
	}
	if n.former {
		n.sub = r.Kind + ", not in the policy"
	}
	return n
}

// grouped joins nodes that have the same key. A weaker edge wins: what not all
// of a group can do is not said of it.
func grouped(all []whoNode, key func(*whoNode) string) []whoNode {
	var out []whoNode
	at := map[string]int{}
	for i := range all {
		n := all[i]
		k := key(&n)
		j, ok := at[k]
		if !ok {
			at[k] = len(out)
			out = append(out, n)
			continue
		}
		g := &out[j]
		g.n += n.n
		merged := map[string]string{}
		for _, rings := range []map[string]string{g.rings, n.rings} {
			for ring, class := range rings {
				_, both1 := g.rings[ring]
				_, both2 := n.rings[ring]
				if class == "" && !(both1 && both2) {
					class = "part"
				}
				merged[ring] = max(merged[ring], class)
			}
		}
		g.rings = merged
	}
	for i := range out {
		if g := &out[i]; g.n > 1 {
			g.name = number(g.n) + " recipients"
			g.sub, g.title = g.kind, number(g.n)+" recipients of kind "+g.kind
			if g.former {
				g.sub += ", removed"
				g.title += ", removed"
			}
		}
	}
	return out
}

// middle is the mean place of a node's rings.
func (n *whoNode) middle(rings []RingReport) float64 {
	sum, count := 0, 0
	for i, r := range rings {
		if _, ok := n.rings[r.Name]; ok {
			sum, count = sum+i, count+1
		}
	}
	if count == 0 {
		return float64(len(rings))
	}
	return float64(sum) / float64(count)
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (n *whoNode) node(y int) node {
	class := "box"
	if n.former {
		class = "box was"
	}
	return box(0, y, class, n.name, n.sub, n.title)
}

func ringNode(r *RingReport, y int, hue string) node {
	sub := count(len(r.Generations), "generation", "generations")
	if len(r.Generations) > 0 && r.Generations[0].Created != nil {
		sub += ", " + days(r.Generations[0].AgeDays)
	}
	return box(1, y, "ring "+hue, r.Name, sub, "ring "+r.Name+": "+sub)
}

// box is a node with two lines that fit it.
func box(column, y int, class, text, sub, title string) node {
	c := columns[column]
	fits := func(s string, w float64) string {
		most := int(float64(c.w-20) / w)
		if utf8.RuneCountInString(s) <= most {
			return s
		}
		return ellipsis(s, most, most-9, 8)
	}
	return node{X: c.x, Y: y, W: c.w, H: boxHeight, TX: c.x + 10, TY: y + 17, SY: y + 32, Class: class,
		Text: fits(text, charWidth), Sub: fits(sub, charWidth*0.9), Title: title}
}

// groupNodes are the files of each ring by their first folder; the smaller ones
// of a ring with many are put together.
func (v *viewer) groupNodes(rings []RingReport) (out []groupNode) {
	byRing := map[string]map[string]*groupNode{}
	for i := range v.Report.Files {
		f := &v.Report.Files[i]
		folder, _, deep := strings.Cut(f.Path, "/")
		if folder += "/"; !deep {
			folder = "at the top"
		}
		if byRing[f.Ring] == nil {
			byRing[f.Ring] = map[string]*groupNode{}
		}
		g := byRing[f.Ring][folder]
		if g == nil {
			g = &groupNode{ring: f.Ring, folder: folder}
			if deep {
				g.folder = f.Path[:strings.LastIndexByte(f.Path, '/')+1]
			}
			byRing[f.Ring][folder] = g
		}
		g.add(f)
		g.folder = common(g.folder, f.Path)
	}
	most := max(1, maxGroups/max(1, len(rings)))
	for _, r := range rings {
		var groups []*groupNode
		for _, g := range byRing[r.Name] {
			groups = append(groups, g)
		}
		slices.SortFunc(groups, func(a, b *groupNode) int {
			return cmp.Or(cmp.Compare(b.total, a.total), cmp.Compare(a.folder, b.folder))
		})
		rest := groupNode{ring: r.Name}
		for i, g := range groups {
			if i+1 < most || len(groups) <= most {
				out = append(out, *g)
				continue
			}
			rest.join(g)
			if rest.folder = count(i+1, "folder", "folders"); most > 1 {
				rest.folder = count(i+2-most, "other folder", "other folders")
			}
		}
		if rest.total > 0 {
			out = append(out, rest)
		}
	}
	return out
}

// common is the folder, not above the first, that has both a folder and a file.
func common(folder, name string) string {
	for !strings.HasPrefix(name, folder) && strings.Count(folder, "/") > 1 {
		folder = folder[:strings.LastIndexByte(folder[:len(folder)-1], '/')+1]
	}
	return folder
}

func (g *groupNode) add(f *FileReport) {
	g.total++
	switch {
	case f.Exposed || f.grave() < 4:
		g.bad++
	case f.State == StateOlder:
		g.old++
	default:
		g.current++
	}
}

func (g *groupNode) join(o *groupNode) {
	g.total += o.total
	g.current += o.current
	g.old += o.old
	g.bad += o.bad
}

// node shows the folder, and below it as a bar how its files stand.
func (g *groupNode) node(y int, show func(string) string) node {
	sub := number(g.total) + " " + noun(g.total, "file", "files")
	for _, part := range []struct {
		n    int
		what string
	}{{g.old, "older"}, {g.bad, "to mend"}} {
		if part.n > 0 {
			sub += ", " + number(part.n) + " " + part.what
		}
	}
	n := box(2, y, "box", show(g.folder), sub, show(g.folder)+": "+sub)
	x, width := n.X+10, n.W-20
	for _, part := range []struct {
		n     int
		class string
	}{{g.bad, "bad"}, {g.old, "older"}, {g.current, "current"}} {
		if part.n > 0 {
			w := max(2, width*part.n/g.total)
			w = min(w, n.X+10+width-x)
			n.Bars = append(n.Bars, bar{x, y + boxHeight - 5, w, part.class})
			x += w
		}
	}
	n.TY, n.SY = y+15, y+29
	return n
}

// describe is the picture in words.
func (v *viewer) describe(who []whoNode, rings []RingReport, groups []groupNode) string {
	var b strings.Builder
	for _, n := range who {
		names := []string{}
		for _, r := range rings {
			switch class, ok := n.rings[r.Name]; {
			case !ok:
			case class == "part":
				names = append(names, "part of "+r.Name)
			case class == "was":
				names = append(names, r.Name+" with keys it may have kept")
			default:
				names = append(names, r.Name)
			}
		}
		if len(names) == 0 {
			names = []string{"nothing"}
		}
		fmt.Fprintf(&b, "%s (%s) opens %s. ", n.name, n.kind, strings.Join(names, ", "))
	}
	for _, g := range groups {
		fmt.Fprintf(&b, "Ring %s has %d files in %s. ", g.ring, g.total, v.show(g.folder))
	}
	if n := len(v.Report.Rings) - len(rings); n > 0 {
		fmt.Fprintf(&b, "%d more rings are not in the picture. ", n)
	}
	return strings.TrimSpace(b.String())
}
