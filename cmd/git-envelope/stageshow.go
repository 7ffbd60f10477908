package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/git-envelope/git-envelope/internal/hunk"
)

// maxShownLine bounds what is shown of a line.
const maxShownLine = 4096

// colour is the terminal's sequence for one; "" is none.
type colour string

func (c colour) paint(text string) string {
	if c == "" {
		return text
	}
	return string(c) + text + "\x1b[m"
}

// colours are those that Git would use for the same things.
type colours struct {
	meta, frag, old, new, context colour // of a diff
	prompt, header, help, failure colour // of a dialogue
}

// colours asks Git, which knows what the configuration says and whether the
// terminal can show them.
func (c *clone) colours(ctx context.Context, none bool) (all colours, err error) {
	if none {
		return colours{}, nil
	}
	on := map[string]string{}
	for _, slot := range []struct {
		into                *colour
		group, name, normal string
	}{
		// Without colour in dialogues there is none in their diffs.
		{&all.prompt, "color.interactive", "prompt", "bold blue"},
		{&all.header, "color.interactive", "header", "bold"},
		{&all.help, "color.interactive", "help", "bold red"},
		{&all.failure, "color.interactive", "error", "bold red"},
		{&all.meta, "color.diff", "meta", "bold"},
		{&all.frag, "color.diff", "frag", "cyan"},
		{&all.old, "color.diff", "old", "red"},
		{&all.new, "color.diff", "new", "green"},
		{&all.context, "color.diff", "context", "normal"},
	} {
		if on[slot.group] == "" {
			out, err := c.repo.Run(ctx, nil, "config", "--get-colorbool", slot.group, "true")
			if err != nil {
				return colours{}, err
			}
			on[slot.group] = strings.TrimSpace(string(out))
		}
		if on["color.interactive"] == "false" || on[slot.group] != "true" {
			continue
		}
		out, err := c.repo.Run(ctx, nil, "config", "--get-color", slot.group+"."+slot.name, slot.normal)
		if err != nil {
			return colours{}, err
		}
		*slot.into = colour(out)
	}
	return all, nil
}

// showFile is the beginning of a file's diff.
func (d *dialogue) showFile() {
	f := d.file
	name := show(f.path)
	lines := []string{"diff --git a/" + name + " b/" + name}
	from, to := "a/"+name, "b/"+name
	switch {
	case f.added:
		lines = append(lines, fmt.Sprintf("new file mode %06o", f.mode))
		from = "/dev/null"
	case f.mode == 0:
		lines = append(lines, fmt.Sprintf("deleted file mode %06o", f.entry.Mode))
		to = "/dev/null"
	case f.mode != f.entry.Mode:
		lines = append(lines, fmt.Sprintf("old mode %06o", f.entry.Mode), fmt.Sprintf("new mode %06o", f.mode))
	}
	if last := f.pieces[len(f.pieces)-1]; len(last.hunk.Lines) > 0 {
		lines = append(lines, "--- "+from, "+++ "+to)
	}
	for _, line := range lines {
		fmt.Fprintln(d.out, d.colours.meta.paint(line))
	}
}

// showPiece is what the next question is about.
func (d *dialogue) showPiece() {
	f, p := d.file, d.file.pieces[d.at]
	out := bufio.NewWriter(d.out)
	defer out.Flush()
	switch {
	case p.kind == pieceMode:
		return // the file's beginning has it
	case len(p.hunk.Lines) == 0 && (len(f.old) > 0 || len(f.new) > 0):
		fmt.Fprintf(out, "content that is not shown as text: %d bytes, then %d bytes\n", len(f.old), len(f.new))
		return
	case len(p.hunk.Lines) == 0:
		return // an empty file comes or goes
	}
	fmt.Fprintln(out, d.colours.frag.paint(p.hunk.Header()))
	for _, l := range p.hunk.Lines {
		text, ended := strings.CutSuffix(l.Text, "\n")
		fmt.Fprintln(out, d.colours.of(l.Op).paint(string(rune(l.Op))+visible(text)))
		if !ended {
			fmt.Fprintln(out, d.colours.context.paint(`\ No newline at end of file`))
		}
	}
}

func (c colours) of(op hunk.Op) colour {
	switch op {
	case hunk.Delete:
		return c.old
	case hunk.Insert:
		return c.new
	}
	return c.context
}

// visible is a line of content that is safe to print: a file may come from
// somebody else, and a terminal obeys what it is shown. Tabs stay.
func visible(line string) string {
	var b strings.Builder
	for i := 0; i < len(line); {
		if i >= maxShownLine {
			fmt.Fprintf(&b, " … (%d more bytes)", len(line)-i)
			break
		}
		r, n := utf8.DecodeRuneInString(line[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, "<%02X>", line[i])
		case r == '\t':
			b.WriteByte('\t')
		case r < ' ' || r == 0x7f:
			b.WriteString("^" + string(r^0x40))
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029':
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			b.WriteString(line[i : i+n])
		}
		i += n
	}
	return b.String()
}

// list shows all pieces, a line each.
func (d *dialogue) list() {
	for i, p := range d.file.pieces {
		mark := map[decision]string{use: "+", skip: "-"}[p.decision]
		fmt.Fprintf(d.out, "%1s%2d: %s\n", mark, i+1, p.summary())
	}
}

// summary is a piece in a line: where, and the first line it changes.
func (p piece) summary() string {
	if p.kind != pieceHunk {
		return strings.ToLower(strings.TrimPrefix(questions[p.kind], "Stage "))
	}
	first := ""
	for _, l := range p.hunk.Lines {
		if l.Op != hunk.Keep {
			first = string(rune(l.Op)) + strings.TrimSuffix(l.Text, "\n")
			break
		}
	}
	if len(first) > 80 {
		first = strings.ToValidUTF8(first[:80], "")
	}
	return p.hunk.Header() + " " + visible(first)
}

// letterHelp says what an answer does.
var letterHelp = []struct{ letter, does string }{
	{"y", "stage this hunk"},
	{"n", "leave this hunk out"},
	{"q", "quit: leave out this hunk and all that are undecided, and stage what was chosen"},
	{"a", "stage this hunk and all undecided ones after it in the file"},
	{"d", "leave out this hunk and all undecided ones after it in the file"},
	{"k", "decide later: go to the undecided hunk before"},
	{"K", "decide later: go to the hunk before"},
	{"j", "decide later: go to the next undecided hunk"},
	{"J", "decide later: go to the next hunk"},
	{"g", "go to a hunk by its number: g, or g3"},
	{"/", "go to a hunk that a regular expression matches: /, or /EXPRESSION"},
	{"s", "split this hunk into smaller ones"},
	{"?", "this help"},
}

// explain answers "?", and what means nothing now.
func (d *dialogue) explain(answer string) {
	switch answer {
	case "?", "":
	case "e":
		d.complain("there is no e: an editor would write plaintext to a disk")
	default:
		d.complain("%q is no answer here", answer)
	}
	now := append([]string{"y", "n", "q", "a", "d", "?"}, d.letters()...)
	for _, h := range letterHelp {
		for _, letter := range now {
			if letter == h.letter {
				fmt.Fprintln(d.out, d.colours.help.paint(h.letter+" - "+h.does))
			}
		}
	}
}
