package policy

import (
	"bytes"
	"strings"
	"testing"
)

const oldBlock = beginMark + " (other words)\nold filter=envelope\n" + endMark + "\n"

func TestSync(t *testing.T) {
	p := mustParse(t, policyWith([]string{"prod", "a"}))
	attributes, err := p.Attributes()
	if err != nil {
		t.Fatal(err)
	}
	block := string(attributes)
	crlf := strings.ReplaceAll(block, "\n", "\r\n")
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", block},
		{"other lines", "* text\n# c\n\n", "* text\n# c\n\n" + block},
		{"no final newline", "* text", "* text\n" + block},
		{"up to date", "* text\n" + block, "* text\n" + block},
		{"replaced", "* text\n" + oldBlock, "* text\n" + block},
		{"moved to the end", "a\n" + oldBlock + "b\n", "a\nb\n" + block},
		{"moved, no final newline", "a\n" + oldBlock + "b", "a\nb\n" + block},
		{"block at the start", oldBlock + "\nb\n", "\nb\n" + block},
		{"block without final newline", "a\n" + strings.TrimSuffix(oldBlock, "\n"), "a\n" + block},
		{"CRLF", "* text\r\n", "* text\r\n" + crlf},
		{"CRLF block", strings.ReplaceAll(oldBlock, "\n", "\r\n"), crlf},
		{"CRLF, LF block", "a\r\n" + oldBlock + "b", "a\r\nb\r\n" + crlf},
		{"LF block, CRLF behind", oldBlock + "b\r\n", "b\r\n" + crlf},
		{"mixed", "a\nb\r\n", "a\nb\r\n" + block},
		{"BOM", "\ufeff* text\n", "\ufeff* text\n" + block},
		{"BOM only", "\ufeff", "\ufeff" + block},
		{"BOM before block", "\ufeff" + oldBlock + "x\n", "\ufeffx\n" + block},
		{"odd bytes", "\xff\x00\r\nx\ry\n", "\xff\x00\r\nx\ry\n" + crlf},
		{"lone CR at the end", "\r", "\r\r\n" + crlf},
		{"indented markers", "  " + strings.ReplaceAll(oldBlock, "\n#", "\n\t#"), block},
		{"marker only in a longer word", beginMark + "s\n", beginMark + "s\n" + block},
	} {
		got, err := Sync([]byte(c.in), p)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if string(got) != c.want {
			t.Errorf("%s: got %q\nwant %q", c.name, got, c.want)
		}
		if again, err := Sync(got, p); err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s: a second sync gives %q, %v", c.name, again, err)
		}
		found, last, err := Block(got)
		if err != nil || !last || string(found) != block {
			t.Errorf("%s: block %q, last %v, %v", c.name, found, last, err)
		}
	}
}

func TestHalfBlocks(t *testing.T) {
	p := mustParse(t, header)
	for name, c := range map[string]struct{ in, want string }{
		"no end":     {"x\n" + beginMark + "\na\n", ".gitattributes:2:1: \"# BEGIN git-envelope\" without its end"},
		"no begin":   {"x\n" + endMark + "\na\n", ".gitattributes:2:1: \"# END git-envelope\" without its beginning"},
		"two":        {oldBlock + oldBlock, ".gitattributes:4:1: a second \"# BEGIN git-envelope\", the first is on line 1"},
		"nested":     {beginMark + "\n" + oldBlock, ".gitattributes:2:1: a second"},
		"two ends":   {oldBlock + endMark, ".gitattributes:4:1: \"# END git-envelope\" without its beginning"},
		"wrong turn": {endMark + "\n" + beginMark + "\n", ".gitattributes:1:1:"},
	} {
		if _, err := Sync([]byte(c.in), p); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: Sync says %v", name, err)
		}
		if _, _, err := Block([]byte(c.in)); err == nil {
			t.Errorf("%s: Block says nothing", name)
		}
		if _, err := Unsync([]byte(c.in)); err == nil {
			t.Errorf("%s: Unsync says nothing", name)
		}
	}
}

func TestBlockAndUnsync(t *testing.T) {
	if b, last, err := Block([]byte("* text\n")); b != nil || last || err != nil {
		t.Errorf("no block: %q %v %v", b, last, err)
	}
	for after, want := range map[string]bool{"": true, "\n# c\n\r\n": true, "x text\n": false} {
		if _, last, err := Block([]byte("a\n" + oldBlock + after)); last != want || err != nil {
			t.Errorf("%q: last %v, %v", after, last, err)
		}
	}
	if got, err := Unsync([]byte("a\n" + oldBlock + "b")); err != nil || string(got) != "a\nb" {
		t.Errorf("unsync: %q, %v", got, err)
	}
}

func TestAttributesText(t *testing.T) {
	for _, c := range []struct {
		rules [][]string
		want  string
	}{
		{nil, ""},
		{[][]string{{"prod", "env/prod/**", "!**/README.md"}, {"dev", "/*.pem", "**/my file"}}, `# ring dev
/*.pem` + sealed + `
"**/my file"` + sealed + `
"/.envelope/**/my file"` + reset + `
# ring prod
/env/prod/**` + sealed + `
/env/prod/**/.gitattributes` + reset + `
/env/prod/**/README.md` + reset + `
`},
	} {
		p, err := parseRules(c.rules...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Attributes()
		if want := beginLine + "\n" + c.want + "/.envelope/** -text\n/.envelope/policy.yaml merge=envelope\n" + endMark + "\n"; err != nil || string(got) != want {
			t.Errorf("%q: %v\n%s\nwant\n%s", c.rules, err, got, want)
		}
	}
}
