package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/git-envelope/git-envelope/internal/hunk"
)

var (
	errQuit        = errors.New("quit") // no more questions: the end of the input, too
	errInterrupted = errors.New("interrupted")
)

// dialogue asks about files, piece by piece, with the letters of 'git add -p'.
// The terminal stays in the mode it is in: an answer is a line.
type dialogue struct {
	ctx     context.Context // ends a question that waits for its answer
	out     io.Writer
	answers <-chan string // closed at the end of the input
	colours colours

	file *stageFile
	at   int // piece that is asked about
}

func newDialogue(ctx context.Context, in io.Reader, out io.Writer, c colours) *dialogue {
	answers := make(chan string)
	go func() {
		defer close(answers)
		for lines := bufio.NewScanner(in); lines.Scan(); {
			select {
			case answers <- strings.TrimSuffix(lines.Text(), "\r"):
			case <-ctx.Done():
				return
			}
		}
	}()
	return &dialogue{ctx: ctx, out: out, answers: answers, colours: c}
}

// ask puts a question. The end of the input is errQuit, as in Git.
func (d *dialogue) ask(question string) (string, error) {
	fmt.Fprint(d.out, d.colours.prompt.paint(question), " ")
	line, more := "", false
	select {
	case <-d.ctx.Done():
	case line, more = <-d.answers:
	}
	switch {
	case d.ctx.Err() != nil:
		fmt.Fprintln(d.out)
		return "", errInterrupted
	case !more:
		fmt.Fprintln(d.out)
		return "", errQuit
	}
	return line, nil
}

func (d *dialogue) complain(format string, args ...any) {
	fmt.Fprintln(d.out, d.colours.failure.paint(harmless(fmt.Sprintf(format, args...))))
}

// about asks about one file until all its pieces are decided. errQuit leaves
// what is undecided so.
func (d *dialogue) about(f *stageFile) error {
	d.file, d.at = f, 0
	d.showFile()
	d.showPiece()
	for d.open(0, len(f.pieces)) >= 0 {
		answer, err := d.ask(d.question())
		if err != nil {
			return err
		}
		if err := d.answered(answer); err != nil {
			return err
		}
	}
	fmt.Fprintln(d.out)
	return nil
}

// open is the first undecided piece from one place to before another, going
// either way; -1 if there is none.
func (d *dialogue) open(from, to int) int {
	step := 1
	if to < from {
		step = -1
	}
	for i := from; i != to; i += step {
		if d.file.pieces[i].decision == undecided {
			return i
		}
	}
	return -1
}

func (d *dialogue) nextOpen() int     { return d.open(d.at+1, len(d.file.pieces)) }
func (d *dialogue) previousOpen() int { return d.open(d.at-1, -1) }

// letters are the answers that mean something now, beside those that always do.
func (d *dialogue) letters() []string {
	var all []string
	add := func(ok bool, letters ...string) {
		if ok {
			all = append(all, letters...)
		}
	}
	n := len(d.file.pieces)
	add(d.at > 0 && d.previousOpen() >= 0, "k")
	add(d.at > 0, "K")
	add(d.nextOpen() >= 0, "j")
	add(d.at < n-1, "J")
	add(n > 1, "g", "/")
	add(len(d.parts()) > 1, "s")
	return all
}

// parts is what the piece can be split into.
func (d *dialogue) parts() []hunk.Hunk {
	if p := d.file.pieces[d.at]; p.kind == pieceHunk {
		return p.hunk.Split()
	}
	return nil
}

var questions = map[pieceKind]string{
	pieceHunk: "Stage this hunk", pieceMode: "Stage mode change", pieceWhole: "Stage this file",
	pieceAddition: "Stage addition", pieceDeletion: "Stage deletion",
}

func (d *dialogue) question() string {
	letters := append([]string{"y", "n", "q", "a", "d"}, d.letters()...)
	return fmt.Sprintf("(%d/%d) %s [%s,?]?", d.at+1, len(d.file.pieces), questions[d.file.pieces[d.at].kind], strings.Join(letters, ","))
}

// answered does what an answer says. What means nothing now is told, and the
// question is put again.
func (d *dialogue) answered(answer string) error {
	letter, rest := answer, ""
	if strings.HasPrefix(answer, "g") || strings.HasPrefix(answer, "/") {
		letter, rest = answer[:1], strings.TrimSpace(answer[1:])
	}
	switch strings.ToLower(letter) {
	case "y":
		d.decide(use)
		return nil
	case "n":
		d.decide(skip)
		return nil
	case "a":
		d.decideRest(use)
		return nil
	case "d":
		d.decideRest(skip)
		return nil
	case "q":
		return errQuit
	}
	if !slices.Contains(d.letters(), letter) {
		d.explain(letter)
		return nil
	}
	switch letter {
	case "j":
		d.goTo(d.nextOpen())
	case "J":
		d.goTo(d.at + 1)
	case "k":
		d.goTo(d.previousOpen())
	case "K":
		d.goTo(d.at - 1)
	case "s":
		d.split()
	case "g":
		return d.jump(rest)
	case "/":
		return d.search(rest)
	}
	return nil
}

// decide settles the piece and goes on to the next open one, at last from the
// beginning again.
func (d *dialogue) decide(what decision) {
	d.file.pieces[d.at].decision = what
	next := d.nextOpen()
	if next < 0 {
		next = d.open(0, d.at)
	}
	if next >= 0 {
		d.goTo(next)
	}
}

// decideRest settles the piece and the open ones after it.
func (d *dialogue) decideRest(what decision) {
	for i := d.at + 1; i < len(d.file.pieces); i++ {
		if p := &d.file.pieces[i]; p.decision == undecided {
			p.decision = what
		}
	}
	d.decide(what)
}

func (d *dialogue) goTo(i int) {
	d.at = i
	d.showPiece()
}

// split puts the parts in the piece's place.
func (d *dialogue) split() {
	var parts []piece
	for _, h := range d.parts() {
		parts = append(parts, piece{kind: pieceHunk, hunk: h})
	}
	d.file.pieces = slices.Replace(d.file.pieces, d.at, d.at+1, parts...)
	fmt.Fprintln(d.out, d.colours.header.paint(fmt.Sprintf("Split into %d hunks.", len(parts))))
	d.showPiece()
}

// jump goes to a piece by its number.
func (d *dialogue) jump(number string) (err error) {
	if number == "" {
		d.list()
		if number, err = d.ask("go to which hunk?"); err != nil {
			return err
		}
	}
	switch i, err := strconv.Atoi(strings.TrimSpace(number)); {
	case err != nil:
		d.complain("%q is no number", number)
	case i < 1 || i > len(d.file.pieces):
		d.complain("there are hunks 1 to %d", len(d.file.pieces))
	default:
		d.goTo(i - 1)
	}
	return nil
}

// search goes to the first piece, from this one on and round, that a regular
// expression matches.
func (d *dialogue) search(expr string) (err error) {
	if expr == "" {
		if expr, err = d.ask("search for regex?"); err != nil {
			return err
		}
	}
	re, err := regexp.Compile("(?m)" + expr)
	if err != nil {
		d.complain("%v", err)
		return nil
	}
	n := len(d.file.pieces)
	for k := range n {
		i := (d.at + k) % n
		if re.Match(d.file.pieces[i].text()) {
			d.goTo(i)
			return nil
		}
	}
	d.complain("no hunk matches the pattern")
	return nil
}

// text is a piece as a patch has it.
func (p piece) text() []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, p.hunk.Header())
	for _, l := range p.hunk.Lines {
		b.WriteByte(byte(l.Op))
		b.WriteString(l.Text)
	}
	return b.Bytes()
}
