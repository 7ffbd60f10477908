package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// TestStageLikeGitAdd gives the same answers to 'git add -p', about a file that
// is not sealed, and to the dialogue: both stage the same.
func TestStageLikeGitAdd(t *testing.T) {
	g := gittest.New(t)
	random := rand.New(rand.NewPCG(5, 3))
	partly := 0
	for i := range 40 {
		old, new := randomPair(random)
		answers := randomAnswers(random)
		g.Write("f", old)
		g.Git("add", "f")
		g.Write("f", new)
		g.GitIn(answers, "add", "-p")
		cmd := exec.Command("git", "cat-file", "blob", ":f")
		cmd.Dir, cmd.Env = g.Dir, g.Env
		want, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		got := staged(t, old, new, answers)
		if !bytes.Equal(got, want) {
			t.Errorf("case %d, answers %q: staged something else than Git: %s", i, answers, cmp.Diff(string(want), string(got)))
		}
		if string(got) != old && string(got) != new {
			partly++
		}
	}
	if partly < 10 {
		t.Errorf("only %d cases were staged in part", partly)
	}
}

// staged is what the dialogue makes of answers.
func staged(t *testing.T, old, new, answers string) []byte {
	t.Helper()
	f := stageFile{path: "f", entry: gitrepo.IndexEntry{Mode: gitrepo.ModeFile}, mode: gitrepo.ModeFile, old: []byte(old), new: []byte(new)}
	f.divide()
	if len(f.pieces) > 0 {
		err := newDialogue(t.Context(), strings.NewReader(answers), io.Discard, colours{}).about(&f)
		if err != nil && err != errQuit {
			t.Fatal(err)
		}
	}
	content, _ := f.result()
	return content
}

// randomPair is a text and another that lacks, changes and adds lines of it; no
// line occurs twice, so that there is one best difference.
func randomPair(random *rand.Rand) (old, new string) {
	var a, b strings.Builder
	for i := range 60 {
		line := fmt.Sprintf("line %d\n", i)
		a.WriteString(line)
		switch random.IntN(12) {
		case 0:
			fmt.Fprintf(&b, "changed %d\n", i)
		case 1:
			fmt.Fprintf(&b, "%sadded %d\n", line, i)
		case 2:
		default:
			b.WriteString(line)
		}
	}
	old, new = a.String(), b.String()
	if random.IntN(2) == 0 {
		old = strings.TrimSuffix(old, "\n")
	}
	if random.IntN(2) == 0 {
		new = strings.TrimSuffix(new, "\n")
	}
	return old, new
}

// randomAnswers goes back at times, never ahead: with all after it decided, Git
// 2.39 asks about the first hunk again where we go to the first undecided one.
func randomAnswers(random *rand.Rand) string {
	var b strings.Builder
	for range random.IntN(24) {
		letters := []string{"y", "n", "s", "s", "?", "b", "g1\ny", "g1\nn"}
		if random.IntN(10) == 0 {
			letters = []string{"a", "d", "q"}
		}
		fmt.Fprintln(&b, letters[random.IntN(len(letters))])
	}
	return b.String()
}

// TestDialogueInterrupted: a question is not waited for when the command is
// to end.
func TestDialogueInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, typing := io.Pipe()
	defer typing.Close()
	d := newDialogue(ctx, in, io.Discard, colours{})
	cancel()
	if _, err := d.ask("really?"); !errors.Is(err, errInterrupted) {
		t.Errorf("got %v", err)
	}
}

func TestVisible(t *testing.T) {
	long := strings.Repeat("é", maxShownLine/2)
	for _, tt := range []struct{ line, want string }{
		{"plain\ttext é 漢", "plain\ttext é 漢"},
		{"\x1b[2J\x00\x7f\r", "^[[2J^@^?^M"},
		{"\xc2\x9b31m", "<U+009B>31m"},
		{"\x9b\xff\xc3", "<9B><FF><C3>"},
		{"a\u202eb\u2066c\u2028d", "a<U+202E>b<U+2066>c<U+2028>d"},
		{long, long},
		{long + "ab", long + " … (2 more bytes)"},
		{"x" + long, "x" + long + ""},
	} {
		if got := visible(tt.line); got != tt.want {
			t.Errorf("%.40q: %.80q, want %.80q", tt.line, got, tt.want)
		}
	}
}

func TestIsTerminal(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for name, stream := range map[string]any{"null device": null, "file": file, "pipe": r, "buffer": new(bytes.Buffer), "nothing": nil} {
		if isTerminal(stream) {
			t.Errorf("%s is taken for a terminal", name)
		}
	}
}
