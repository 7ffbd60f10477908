package policy

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// A change replaces text[from:to].
type change struct {
	from, to int
	text     string
}

// span2 is one item of a list or one entry of a mapping.
type span2 struct {
	parent *yaml.Node
	index  int
}

// offset is where a node begins, -1 if lines are not counted as we do (YAML
// also ends lines at some Unicode separators and at a lone CR).
func (e *editor) offset(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(e.lines) || strings.ContainsAny(e.text, "\u0085\u2028\u2029") {
		return -1
	}
	if strings.Count(e.text, "\r") != strings.Count(e.text, "\r\n") {
		return -1
	}
	at := e.lineStart(n.Line)
	line := e.lines[n.Line-1]
	if n.Line == 1 && strings.HasPrefix(line, "\ufeff") {
		line, at = line[len("\ufeff"):], at+len("\ufeff")
	}
	column := 1
	for i := range line {
		if column == n.Column {
			return at + i
		}
		column++
	}
	return -1
}

// lineStart is the offset of a line by number; one past the last is the end.
func (e *editor) lineStart(number int) int {
	at := 0
	for _, l := range e.lines[:min(number-1, len(e.lines))] {
		at += len(l)
	}
	return at
}

// scalarItems are list items of one quoted string each.
func (e *editor) scalarItems(values []string) [][]string {
	out := make([][]string, len(values))
	for i, v := range values {
		out[i] = []string{quoted(v)}
	}
	return out
}

// appendItem adds items to a list; an item of several lines is a mapping.
func (e *editor) appendItem(list *yaml.Node, items [][]string) []change {
	if list.Style&yaml.FlowStyle != 0 {
		return e.appendFlow(list, items)
	}
	head := e.offset(last(list.Content))
	dash := e.dashColumn(last(list.Content))
	if head < 0 || dash < 0 {
		return nil
	}
	inner := last(list.Content).Column - 1
	var b strings.Builder
	for _, item := range items {
		for i, line := range item {
			if i == 0 {
				b.WriteString(strings.Repeat(" ", dash) + "-" + strings.Repeat(" ", inner-dash-1))
			} else {
				b.WriteString(strings.Repeat(" ", inner))
			}
			b.WriteString(line + e.eol)
		}
	}
	return e.insertLines(e.endLine(last(list.Content), dash), b.String())
}

// appendFlow adds items before the closing bracket.
func (e *editor) appendFlow(list *yaml.Node, items [][]string) []change {
	f, ok := e.flow(list)
	if !ok || len(f.items) == 0 {
		return nil
	}
	text := ""
	for _, item := range items {
		entry := strings.Join(item, ", ")
		if len(item) > 1 || strings.Contains(item[0], ": ") && !strings.HasPrefix(item[0], `"`) {
			entry = "{" + entry + "}"
		}
		text += ", " + entry
	}
	at := f.items[len(f.items)-1].to
	return []change{{at, at, text}}
}

// replaceScalar writes another value where a one-line scalar stands; nothing
// where that cannot be told, which finish notices.
func (e *editor) replaceScalar(n *yaml.Node, value string) []change {
	from := e.offset(n)
	if from < 0 {
		return nil
	}
	for _, was := range []string{n.Value, `"` + n.Value + `"`, "'" + n.Value + "'"} {
		if strings.HasPrefix(e.text[from:], was) {
			return []change{{from, from + len(was), scalar(value)}}
		}
	}
	return nil
}

// appendKey adds an entry, given as lines, to a block mapping.
func (e *editor) appendKey(mapping *yaml.Node, lines []string) []change {
	if mapping.Style&yaml.FlowStyle != 0 || len(mapping.Content) == 0 || e.offset(mapping) < 0 {
		return nil
	}
	indent := mapping.Content[0].Column - 1
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(strings.Repeat(" ", indent) + l + e.eol)
	}
	number := len(e.lines) + 1
	if mapping != e.root {
		number = e.endLine(mapping.Content[len(mapping.Content)-2], indent)
	}
	return e.insertLines(number, b.String())
}

// insertLines puts text before a line, ending the line before it if need be.
func (e *editor) insertLines(number int, text string) []change {
	at := e.lineStart(number)
	if at == len(e.text) && at > 0 && e.text[at-1] != '\n' {
		text = e.eol + text
	}
	return []change{{at, at, text}}
}

// dashColumn is the indentation of the dash before a block list item, -1 if the
// dash is not on the item's line.
func (e *editor) dashColumn(item *yaml.Node) int {
	line := e.lines[item.Line-1]
	dash := strings.IndexByte(line, '-')
	if dash < 0 || strings.TrimLeft(line[:dash], " ") != "" || dash >= item.Column-1 {
		return -1
	}
	return dash
}

// endLine is the number of the line behind the block entry that begins at n with
// the given indentation: the first line not indented deeper. Blank lines and
// comments at its end belong to what follows, unless indented like its content.
func (e *editor) endLine(n *yaml.Node, indent int) int {
	end := n.Line
	for i := n.Line; i < len(e.lines); i++ {
		line := strings.TrimRight(e.lines[i], " \r\n")
		text := strings.TrimLeft(line, " ")
		if text == "" {
			continue
		}
		if len(line)-len(text) <= indent {
			break
		}
		end = i + 1
	}
	return end + 1
}

// removeItems takes items out of lists; those of one list must not be all.
func (e *editor) removeItems(items []span2) []change {
	var out []change
	flows := map[*yaml.Node][]int{}
	for _, it := range items {
		if it.parent.Style&yaml.FlowStyle != 0 {
			flows[it.parent] = append(flows[it.parent], it.index)
			continue
		}
		item := it.parent.Content[it.index]
		dash := e.dashColumn(item)
		if e.offset(item) < 0 || dash < 0 {
			return nil
		}
		out = append(out, change{from: e.lineStart(item.Line), to: e.lineStart(e.endLine(item, dash))})
	}
	for list, indexes := range flows {
		f, ok := e.flow(list)
		if !ok || len(f.items) != len(list.Content) {
			return nil
		}
		out = append(out, f.without(indexes)...)
	}
	return out
}

// removeKey takes an entry out of a block mapping.
func (e *editor) removeKey(mapping *yaml.Node, name string) []change {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key := mapping.Content[i]
		if key.Value != name {
			continue
		}
		indent := key.Column - 1
		at := e.offset(key)
		if mapping.Style&yaml.FlowStyle != 0 || at < 0 || strings.TrimLeft(e.text[e.lineStart(key.Line):at], " \ufeff") != "" {
			return nil
		}
		end := e.endLine(key, indent)
		// A list may stand under its key without indentation.
		if v := mapping.Content[i+1]; v.Kind == yaml.SequenceNode && v.Style&yaml.FlowStyle == 0 && v.Column-1 == indent {
			end = e.endLine(last(v.Content), indent)
		}
		return []change{{from: e.lineStart(key.Line), to: e.lineStart(end)}}
	}
	return nil
}

// flowText is a flow list as text: where its items begin and end.
type flowText struct{ items []change }

// flow scans [a, "b", {c: d}] for the ends of its items.
func (e *editor) flow(list *yaml.Node) (flowText, bool) {
	at := e.offset(list)
	if at < 0 || e.text[at] != '[' {
		return flowText{}, false
	}
	var f flowText
	depth, from, to := 0, -1, -1
	closeItem := func() {
		if from >= 0 {
			f.items = append(f.items, change{from: from, to: to})
		}
		from = -1
	}
	for i := at + 1; i < len(e.text); {
		c := e.text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			i++
			continue
		case c == '#' && strings.IndexByte(" \t\n", e.text[i-1]) >= 0:
			for i < len(e.text) && e.text[i] != '\n' {
				i++
			}
			continue
		case depth == 0 && c == ',':
			closeItem()
			i++
			continue
		case depth == 0 && c == ']':
			closeItem()
			return f, true
		}
		if from < 0 {
			from = i
		}
		switch {
		case (c == '"' || c == '\'') && strings.IndexByte(" \t\n,[{:", e.text[i-1]) >= 0:
			i = quotedEnd(e.text, i)
		case c == '[' || c == '{':
			depth++
			i++
		case c == ']' || c == '}':
			depth--
			i++
		default:
			i++
		}
		to = i
	}
	return flowText{}, false
}

// quotedEnd is the offset behind a quoted scalar.
func quotedEnd(s string, i int) int {
	quote := s[i]
	for i++; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quote == '"':
			i++
		case s[i] == quote && quote == '\'' && i+1 < len(s) && s[i+1] == '\'':
			i++
		case s[i] == quote:
			return i + 1
		}
	}
	return min(i, len(s))
}

// without removes items with the comma that follows them, or, at the end of the
// list, the one before.
func (f flowText) without(indexes []int) []change {
	gone := map[int]bool{}
	for _, i := range indexes {
		gone[i] = true
	}
	kept := -1 // the last item that stays
	for i := range f.items {
		if !gone[i] {
			kept = i
		}
	}
	if kept < 0 {
		return nil
	}
	var out []change
	for i := 0; i < kept; i++ {
		if gone[i] {
			out = append(out, change{from: f.items[i].from, to: f.items[i+1].from})
		}
	}
	if kept < len(f.items)-1 {
		out = append(out, change{from: f.items[kept].to, to: f.items[len(f.items)-1].to})
	}
	return out
}
