// Package hunk finds the hunks in which two texts differ, splits them, and makes
// the text that has only some of them, as 'git add -p' does with patches.
//
// It promises that with all hunks applied the result is the new text, byte for
// byte, with none the old one, and with some of them what 'git apply' makes of
// the same patch, ends of lines and the missing one at the end of a file
// included. It works in memory alone, touches no file and starts no program, and
// its time is bounded by a small multiple of n log n for n lines, on any input.
//
// It won't edit hunks, and it won't look for the smallest difference: lines are
// matched as a patience diff does, by those that occur once on each side.
package hunk

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Context is how many equal lines surround a change.
const Context = 3

// MaxLines bounds what is taken as text: a line costs some 100 bytes of memory.
const MaxLines = 1 << 20

// Op is what a line of a hunk is to the old text.
type Op byte

// The operations, as a patch writes them.
const (
	Keep   Op = ' '
	Delete Op = '-'
	Insert Op = '+'
)

// Line is one line of a hunk, with its line feed if it has one.
type Line struct {
	Op   Op
	Text string
}

// Span is a run of lines; Start counts from 0.
type Span struct{ Start, Len int }

// Hunk is a place where the texts differ, with the lines around it.
type Hunk struct {
	Old, New Span
	Lines    []Line
}

// IsText tells whether content can be shown and chosen by lines. Like Git, it
// takes a NUL among the first 8000 bytes as the mark of what is no text.
func IsText(content []byte) bool {
	return bytes.IndexByte(content[:min(len(content), 8000)], 0) < 0 && bytes.Count(content, []byte("\n")) < MaxLines
}

// Diff gives the hunks that lead from one text to the other, in order.
func Diff(old, new []byte) []Hunk {
	x, y := lines(string(old)), lines(string(new))
	all := edits(x, y, maxDepth)
	var hunks []Hunk
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].old.Start-all[n-1].old.end() <= 2*Context {
			n++
		}
		hunks = append(hunks, surround(x, y, all[:n]))
		all = all[n:]
	}
	return hunks
}

func (s Span) end() int { return s.Start + s.Len }

// edit replaces lines of the old text by lines of the new one.
type edit struct{ old, new Span }

// maxDepth bounds how often what lies between two matches is compared again. A
// line that occurs twice in a file may occur once there; each time costs as much
// as comparing the whole.
const maxDepth = 8

// edits lists the differences, in order, with equal lines between them.
func edits(x, y []string, depth int) []edit {
	var all []edit
	for _, e := range anchored(x, y) {
		whole := e.old.Len == len(x) && e.new.Len == len(y)
		if depth == 0 || whole || e.old.Len == 0 || e.new.Len == 0 {
			all = append(all, e)
			continue
		}
		for _, part := range edits(x[e.old.Start:e.old.end()], y[e.new.Start:e.new.end()], depth-1) {
			part.old.Start += e.old.Start
			part.new.Start += e.new.Start
			all = append(all, part)
		}
	}
	return all
}

// anchored asks the library, which answers with the text of a patch. In it the
// first byte of a line tells what it is; a backslash marks the missing line feed.
func anchored(x, y []string) []edit {
	patch := diff.Diff("", []byte(strings.Join(x, "")), "", []byte(strings.Join(y, "")))
	var all []edit
	var i, j int // lines done
	open := false
	n := 0
	for line := range bytes.Lines(patch) {
		if n++; n <= 3 { // the names
			continue
		}
		switch line[0] {
		case '@':
			i, j = starts(line)
			open = false
		case byte(Keep):
			i++
			j++
			open = false
		case byte(Delete), byte(Insert):
			if !open {
				all = append(all, edit{Span{i, 0}, Span{j, 0}})
				open = true
			}
			e := &all[len(all)-1]
			if line[0] == byte(Delete) {
				i++
				e.old.Len++
			} else {
				j++
				e.new.Len++
			}
		}
	}
	return all
}

// starts reads the line above a hunk, "@@ -1,2 +1,3 @@". Where a side has no
// lines the patch names the one before.
func starts(line []byte) (i, j int) {
	var old, new Span
	if _, err := fmt.Sscanf(string(line), "@@ -%d,%d +%d,%d @@", &old.Start, &old.Len, &new.Start, &new.Len); err != nil {
		panic(fmt.Sprintf("hunk: internal error: the diff library wrote %q", line))
	}
	return old.Start - min(old.Len, 1), new.Start - min(new.Len, 1)
}

// surround makes one hunk of neighbouring edits.
func surround(x, y []string, all []edit) Hunk {
	first, last := all[0], all[len(all)-1]
	before := min(Context, first.old.Start)
	after := min(Context, len(x)-last.old.end())
	h := Hunk{
		Old: Span{first.old.Start - before, last.old.end() - first.old.Start + before + after},
		New: Span{first.new.Start - before, last.new.end() - first.new.Start + before + after},
	}
	at := h.Old.Start
	for _, e := range all {
		h.add(Keep, x[at:e.old.Start])
		h.add(Delete, x[e.old.Start:e.old.end()])
		h.add(Insert, y[e.new.Start:e.new.end()])
		at = e.old.end()
	}
	h.add(Keep, x[at:at+after])
	return h
}

func (h *Hunk) add(op Op, texts []string) {
	for _, t := range texts {
		h.Lines = append(h.Lines, Line{op, t})
	}
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return slices.Collect(strings.Lines(s))
}

// Header is the line above a hunk in a patch, without its end.
func (h Hunk) Header() string { return fmt.Sprintf("@@ -%s +%s @@", h.Old.header(), h.New.header()) }

// header counts lines from 1; a run without lines is named by the one before it.
func (s Span) header() string {
	switch s.Len {
	case 0:
		return fmt.Sprintf("%d,0", s.Start)
	case 1:
		return fmt.Sprint(s.Start + 1)
	}
	return fmt.Sprintf("%d,%d", s.Start+1, s.Len)
}
