package gitrepo

import (
	"bytes"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

const commitText = "tree " + id1 + "\nparent " + id1 + "\nparent " + id1 + "\nauthor A <a> 1 +0000\ncommitter C <c> 2 +0000\n" +
	"encoding latin1\ngpgsig -----BEGIN\n \n line\n -----END\n\ntitle\n\nbody\n"

func TestParseCommit(t *testing.T) {
	c, ok := ParseCommit([]byte(commitText), 20)
	if !ok || c.Tree != id1 || len(c.Parents) != 2 || string(c.Author) != "A <a> 1 +0000" || string(c.Committer) != "C <c> 2 +0000" ||
		len(c.Headers) != 2 || string(c.Headers[1].Value) != "-----BEGIN\n\nline\n-----END" || string(c.Message) != "title\n\nbody\n" {
		t.Errorf("%v %q", ok, c)
	}
	for name, in := range map[string]string{
		"empty":            "",
		"no tree":          strings.Replace(commitText, "tree ", "three ", 1),
		"short id":         strings.Replace(commitText, id1, id1[1:], 1),
		"two trees":        "tree " + id1 + "\n" + commitText,
		"no author":        strings.Replace(commitText, "author ", "other ", 1),
		"no end of line":   "tree " + id1 + "\nauthor A\ncommitter C",
		"line of one word": strings.Replace(commitText, "encoding latin1", "encoding", 1),
	} {
		if _, ok := ParseCommit([]byte(in), 20); ok {
			t.Errorf("%s: taken for a commit", name)
		}
	}
}

func TestParseTag(t *testing.T) {
	text := "object " + id1 + "\ntype blob\ntag v1\ntagger T <t> 1 +0000\n\nmessage\n"
	tag, ok := ParseTag([]byte(text), 20)
	if !ok || tag.Object != id1 || tag.Type != "blob" || tag.Name != "v1" || string(tag.Tagger) != "T <t> 1 +0000" || string(tag.Message) != "message\n" {
		t.Errorf("%v %q", ok, tag)
	}
	for _, in := range []string{"", "object x\n\n", strings.Replace(text, "blob", "blub", 1), strings.Replace(text, "tag v1", "gat v1", 1)} {
		if _, ok := ParseTag([]byte(in), 20); ok {
			t.Errorf("%q: taken for a tag", in)
		}
	}
	if _, ok := ParseTag([]byte(strings.Replace(text, "tagger T <t> 1 +0000\n", "", 1)), 20); !ok {
		t.Error("a tag without a tagger was refused")
	}
}

func TestParseTree(t *testing.T) {
	g := gittest.New(t)
	blob := g.GitIn("x", "hash-object", "-w", "--stdin")
	tree := g.GitIn("100644 blob "+blob+"\ta\nb\x00040000 tree "+g.GitIn("", "mktree")+"\tdir\x00160000 commit "+id1+"\tsub\x00", "mktree", "-z", "--missing")
	raw := g.Git("cat-file", "tree", tree)
	var names []string
	for item, err := range ParseTree([]byte(raw), 20) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, string(item.Name))
		if item.IsTree() != (string(item.Name) == "dir") || item.IsGitlink() != (string(item.Name) == "sub") {
			t.Errorf("%q has mode %o", item.Name, item.Mode)
		}
		if string(item.Name) == "sub" && HexOID(item.OID) != id1 {
			t.Error(HexOID(item.OID))
		}
	}
	if strings.Join(names, "|") != "a\nb|dir|sub" {
		t.Errorf("%q", names)
	}
	for _, in := range []string{"100644", "100644 a", "100644 a\x00" + raw[:19], "x a\x00" + raw[:20], " a\x00" + raw[:20], "100644 \x00" + raw[:20], "77777777777 a\x00" + raw[:20]} {
		var last error
		for _, last = range ParseTree([]byte(in), 20) {
		}
		if last == nil {
			t.Errorf("%q: taken for a tree", in)
		}
	}
}

func FuzzParseObjects(f *testing.F) {
	f.Add([]byte(commitText))
	f.Add([]byte("object " + id1 + "\ntype blob\ntag v1\n\nm"))
	f.Add([]byte("100644 a\x00" + strings.Repeat("x", 20) + "40000 b\x00" + strings.Repeat("y", 20)))
	f.Add([]byte(" \n \n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, _ := ParseCommit(data, 20)
		if !bytes.HasSuffix(data, c.Message) {
			t.Error("the message is not the end of the commit")
		}
		tag, _ := ParseTag(data, 20)
		if !bytes.Equal(tag.Message, c.Message) {
			t.Error("commit and tag differ in the message")
		}
		n := 0
		for item, err := range ParseTree(data, 20) {
			if err == nil {
				n += len(item.Name) + len(item.OID) + 3
			}
		}
		if n > len(data) {
			t.Errorf("entries of %d bytes in a tree of %d", n, len(data))
		}
	})
}
