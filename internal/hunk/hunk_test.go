package hunk

import (
	"bytes"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// patch writes hunks as Git reads them.
func patch(hunks []Hunk) string {
	var b strings.Builder
	for _, h := range hunks {
		b.WriteString(h.Header() + "\n")
		for _, l := range h.Lines {
			b.WriteString(string(rune(l.Op)) + l.Text)
			if !strings.HasSuffix(l.Text, "\n") {
				b.WriteString("\n\\ No newline at end of file\n")
			}
		}
	}
	return b.String()
}

// seq is the numbers from 1, one a line, some of them replaced.
func seq(n int, with map[int]string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		if s, ok := with[i]; ok {
			b.WriteString(s)
			continue
		}
		fmt.Fprintln(&b, i)
	}
	return b.String()
}

func TestDiff(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"equal", "a\n", "a\n", ""},
		{"both empty", "", "", ""},
		{"from empty", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"to empty", "a\n", "", "@@ -1 +0,0 @@\n-a\n"},
		{"line feed added", "a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"},
		{"line feed removed", "a\nb\n", "a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n"},
		{"never a line feed", "a\nb", "c\nb", "@@ -1,2 +1,2 @@\n-a\n+c\n b\n\\ No newline at end of file\n"},
		{"line ends alone", "a\nb\n", "a\r\nb\n", "@@ -1,2 +1,2 @@\n-a\n+a\r\n b\n"},
		{"a line like the mark", "a\n\\ No newline at end of file\n", "a", "@@ -1,2 +1 @@\n-a\n-\\ No newline at end of file\n+a\n\\ No newline at end of file\n"},
		{"lines like a patch", "@@ -1,1 +1,1 @@\n--- x\n+++ y\n", "@@ -1,1 +1,1 @@\n--- x\n+++ z\n", "@@ -1,3 +1,3 @@\n @@ -1,1 +1,1 @@\n --- x\n-+++ y\n++++ z\n"},
		{"context of three", seq(9, nil), seq(9, map[int]string{5: "x\n"}), "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n"},
		{"six lines between", seq(8, nil), seq(8, map[int]string{1: "x\n", 8: ""}), "@@ -1,8 +1,7 @@\n-1\n+x\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n"},
		{"seven lines between", seq(9, nil), seq(9, map[int]string{1: "x\n", 9: ""}), "@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n@@ -6,4 +6,3 @@\n 6\n 7\n 8\n-9\n"},
		{"lines that repeat are matched between others", "{\na\n}\n{\nb\n}\nend\n{\n}\n", "{\nA\n}\n{\nB\n}\nend\n{\n}\n", "@@ -1,8 +1,8 @@\n {\n-a\n+A\n }\n {\n-b\n+B\n }\n end\n {\n"},
		{"a line that is unique only between others", "k\n1\n2\nu\n3\nend\nu\nu\n", "k\n4\n5\nu\n6\nend\nu\nu\n", "@@ -1,8 +1,8 @@\n k\n-1\n-2\n+4\n+5\n u\n-3\n+6\n end\n u\n u\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := patch(Diff([]byte(tt.old), []byte(tt.new))); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	old, new := seq(8, nil), seq(8, map[int]string{1: "x\n", 3: "3\ny\n", 6: ""})
	all := Diff([]byte(old), []byte(new))
	if len(all) != 1 {
		t.Fatalf("%d hunks", len(all))
	}
	parts := all[0].Split()
	want := "@@ -1,3 +1,3 @@\n-1\n+x\n 2\n 3\n@@ -2,4 +2,5 @@\n 2\n 3\n+y\n 4\n 5\n@@ -4,5 +5,4 @@\n 4\n 5\n-6\n 7\n 8\n"
	if got := patch(parts); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, p := range parts {
		if again := p.Split(); len(again) != 1 || patch(again) != patch([]Hunk{p}) {
			t.Errorf("a part was split again: %v", again)
		}
	}
	if got := string(Apply([]byte(old), parts[1:2])); got != seq(8, map[int]string{3: "3\ny\n"}) {
		t.Errorf("the middle part alone: %q", got)
	}
}

func TestIsText(t *testing.T) {
	late := append(bytes.Repeat([]byte("x"), 8000), 0)
	for _, tt := range []struct {
		name    string
		content []byte
		want    bool
	}{
		{"empty", nil, true},
		{"text", []byte("a\n"), true},
		{"NUL", []byte("a\x00"), false},
		{"NUL at 7999", late[1:], false},
		{"NUL at 8000", late, true},
		{"most lines", bytes.Repeat([]byte("\n"), MaxLines-1), true},
		{"a line more", bytes.Repeat([]byte("\n"), MaxLines), false},
	} {
		if got := IsText(tt.content); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// FuzzApply holds the promises for any two texts, any splits and any choice: the
// bits of pick say which hunks are split, and which parts are taken.
func FuzzApply(f *testing.F) {
	for _, pair := range [][2]string{
		{"", "a\n"}, {"a", "a\n"}, {"a\nb", "c\nb"}, {"a\n\n\na\n", "\na\n\n"},
		{seq(30, nil), seq(30, map[int]string{2: "x\n", 5: "", 15: "15\ny\n", 30: "30"})},
		{seq(9, map[int]string{5: "\r\n"}), seq(9, map[int]string{1: "", 9: "z"})},
		{"{\n1\n}\n{\n1\n}\n", "{\n2\n}\n{\n2\n}\n"}, {"\\ No newline at end of file\n", "\\ No newline at end of file"},
	} {
		f.Add([]byte(pair[0]), []byte(pair[1]), uint64(0x5a5a5a5a5a5a))
	}
	f.Fuzz(func(t *testing.T, old, new []byte, pick uint64) {
		whole := Diff(old, new)
		var parts, chosen []Hunk
		for i, h := range whole {
			if pick>>(i%64)&1 == 1 {
				parts = append(parts, h.Split()...)
			} else {
				parts = append(parts, h)
			}
		}
		for i, h := range parts {
			if pick>>((i+7)%64)&1 == 1 {
				chosen = append(chosen, h)
			}
		}
		for _, tt := range []struct {
			name  string
			hunks []Hunk
			want  []byte
		}{{"none", nil, old}, {"all", whole, new}, {"all parts", parts, new}} {
			if got := Apply(old, tt.hunks); !bytes.Equal(got, tt.want) {
				t.Fatalf("%s: %q, want %q", tt.name, got, tt.want)
			}
		}
		some := Apply(old, chosen)
		if got := Apply(some, Diff(some, new)); !bytes.Equal(got, new) {
			t.Fatalf("the rest over the chosen: %q, want %q", got, new)
		}
		checkSpans(t, parts, lines(string(old)), lines(string(new)))
	})
}

// checkSpans: what a hunk says of itself is true of the texts.
func checkSpans(t *testing.T, hunks []Hunk, x, y []string) {
	t.Helper()
	for _, h := range hunks {
		var old, new []string
		for _, l := range h.Lines {
			if l.Op != Insert {
				old = append(old, l.Text)
			}
			if l.Op != Delete {
				new = append(new, l.Text)
			}
		}
		if !slices.Equal(old, x[h.Old.Start:h.Old.end()]) || !slices.Equal(new, y[h.New.Start:h.New.end()]) {
			t.Fatalf("%s does not hold what it says", h.Header())
		}
	}
}

// TestLikeGitApply asks Git itself: for every choice among the parts of these
// changes, 'git apply' of that patch makes what Apply makes.
func TestLikeGitApply(t *testing.T) {
	g := gittest.New(t)
	n := 0
	for _, pair := range [][2]string{
		{"a\nb", "b\nc"}, {"a\nb\n", "c\nb"}, {"", "a"}, {"a\r\nb\r\n", "a\nb\r\nc\r\n"},
		{seq(12, nil), seq(12, map[int]string{1: "", 3: "x\n", 6: "6\ny\nz\n", 12: "12"})},
		{seq(20, map[int]string{20: "20"}), seq(20, map[int]string{2: "", 18: "x\n", 20: "20\n"})},
		{"{\n1\n}\n{\n1\n}\n", "{\n2\n}\n{\n\n1\n}\n}\n"},
	} {
		var parts []Hunk
		for _, h := range Diff([]byte(pair[0]), []byte(pair[1])) {
			parts = append(parts, h.Split()...)
		}
		for choice := 1; choice < 1<<len(parts); choice++ {
			n++
			var chosen []Hunk
			moved := 0 // lines that those before have put in
			for i, h := range parts {
				if choice>>i&1 == 1 {
					h.New.Start = h.Old.Start + moved
					moved += h.New.Len - h.Old.Len
					chosen = append(chosen, h)
				}
			}
			if want, got := gitApply(t, g, pair[0], patch(chosen)), string(Apply([]byte(pair[0]), chosen)); got != want {
				t.Errorf("%q to %q, choice %b: %q, git makes %q", pair[0], pair[1], choice, got, want)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d choices", n)
	}
}

// gitApply applies a patch to the content of an index entry.
func gitApply(t *testing.T, g *gittest.Repo, old, patch string) string {
	t.Helper()
	oid := g.GitIn(old, "hash-object", "-w", "--stdin")
	g.Git("update-index", "--add", "--cacheinfo", "100644,"+oid+",f")
	g.GitIn("--- a/f\n+++ b/f\n"+patch, "apply", "--cached", "--allow-overlap", "--whitespace=nowarn", "-")
	cmd := exec.Command("git", "cat-file", "blob", ":f")
	cmd.Dir, cmd.Env = g.Dir, g.Env
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
