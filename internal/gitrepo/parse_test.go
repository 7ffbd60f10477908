package gitrepo

import (
	"bytes"
	"fmt"
	"iter"
	"strings"
	"testing"
)

const (
	id1   = "0123456789abcdef0123456789abcdef01234567"
	null1 = "0000000000000000000000000000000000000000"
)

func TestParseVersion(t *testing.T) {
	for in, want := range map[string]string{
		"git version 2.39.5\n":                 "2.39.5",
		"git version 2.39.5 (Apple Git-154)\n": "2.39.5",
		"git version 2.45.1.windows.1\n":       "2.45.1",
		"git version 2.46.0-rc1\n":             "2.46.0",
		"git version 2.47.GIT\n":               "2.47.0",
		"git version 3.0\n":                    "3.0.0",
		"hub version 2.1":                      "",
		"git version two":                      "",
		"git version 2":                        "",
	} {
		v, err := parseVersion(in)
		if (err != nil) != (want == "") || err == nil && v.String() != want {
			t.Errorf("%q: %v, %v", in, v, err)
		}
	}
	if v := (Version{2, 40, 0}); !v.AtLeast(2, 40) || v.AtLeast(2, 41) || !v.AtLeast(1, 99) || v.AtLeast(3, 0) {
		t.Error("AtLeast")
	}
}

func TestParseBool(t *testing.T) {
	for in, want := range map[string]string{
		"true": "true", "YES": "true", "on": "true", "1": "true", "-1": "true", "2k": "true", "0x10": "true",
		"false": "false", "No": "false", "off": "false", "0": "false", "0k": "false", "": "false",
		"maybe": "bad", "k": "bad", "1 ": "bad", "tru": "bad",
	} {
		b, ok := parseBool(in)
		if got := fmt.Sprint(b); (!ok) != (want == "bad") || ok && got != want {
			t.Errorf("%q: %v %v", in, b, ok)
		}
	}
}

func TestFirstLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                                   "",
		"fatal: x\n":                         "x",
		"warning: w\nfatal: x\nmore\n":       "x",
		"hint: h\nerror: e\n\nfatal: x":      "x",
		"warning: w\nerror: e\n":             "e",
		"\n  what\nelse":                     "what",
		"fatal: \nfatal: second":             "second",
		"no key\nerror: external\nfatal: f:": "f:",
	} {
		if got := firstLine(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	var b excerpt
	for i := range 5000 {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	s := b.String()
	if len(s) > 3*excerptPart || !strings.HasPrefix(s, "line 0\n") || !strings.HasSuffix(s, "line 4999\n") || !strings.Contains(s, "[…]") {
		t.Errorf("%d bytes", len(s))
	}
}

func TestCanonicalKey(t *testing.T) {
	for in, want := range map[string]string{
		"Core.Bare": "core.bare", "Filter.A.B.Clean": "filter.A.B.clean", "nodots": "nodots", "URL.http://X/.InsteadOf": "url.http://X/.insteadof",
	} {
		if got := canonicalKey(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Settings that move the work tree or change the object format must never be
// overlooked by the short cut of Open; others should not make it pointless.
func TestPlainConfig(t *testing.T) {
	for config, want := range map[string]bool{
		"[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n": true,
		"":                          true,
		"[core]\n\tworktree = /x\n": false,
		"[core] WorkTree=/x\n":      false,
		"[core]\n\tbare = true\n":   false,
		"[core]\n\tbare\n":          false,
		"[core]\n\tbare = false\n\tbare = true\n":             false,
		"[extensions]\n\tobjectFormat = sha256\n":             false,
		"[extensions]\n\tworktreeConfig = true\n":             true,
		"[core]\n\twork\\\ntree = x\n":                        false,
		"[branch \"main\"]\n\tremote = origin\n":              true,
		"[filter \"envelope\"]\n\tprocess = git-envelope x\n": true,
	} {
		dir := t.TempDir()
		writeFile(t, dir+"/config", config)
		if got := plainConfig(dir, dir); got != want {
			t.Errorf("%q: %v", config, got)
		}
	}
	dir := t.TempDir()
	writeFile(t, dir+"/config", "[extensions]\n\tworktreeConfig = true\n")
	writeFile(t, dir+"/config.worktree", "[core]\n\tworktree = /x\n")
	if plainConfig(dir, dir) {
		t.Error("config.worktree was overlooked")
	}
}

func FuzzIndexEntry(f *testing.F) {
	for _, s := range []string{
		"H 100644 " + id1 + " 0\tpath", "S 120000 " + id1 + " 3\ta\tb\nc", "h 160000 " + id1 + " 1\t\xff",
		"", "\t", "H 100644 " + id1 + " 4\tp", "H 100644 " + id1 + " 0\t", "H 10064 " + id1 + " 0\tp", "H +00644 " + id1 + " 0\tp", "HH 100644 " + id1 + " 0\tp",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, rec []byte) {
		e, err := parseIndexEntry(rec, 20)
		if err != nil {
			return
		}
		// What is accepted is what is there, but for the tag letter.
		if back := fmt.Sprintf("%06o %s %d\t%s", e.Mode, e.OID, e.Stage, e.Path); back != string(rec[2:]) {
			t.Errorf("%q read as %q", rec, back)
		}
	})
}

func FuzzTreeEntry(f *testing.F) {
	for _, s := range []string{
		"100644 blob " + id1 + "      12\tpath", "160000 commit " + id1 + "       -\tsub", "100644 blob " + id1 + "     BAD\tp", "100644 blob " + id1 + "\tp",
		"", "100644 blob " + id1 + " -5\tp", "100644 blob " + id1 + " 1 2\tp", "100644 blob " + id1 + "\t",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, rec []byte) {
		e, err := parseTreeEntry(rec, 20)
		if err == nil && (!bytes.HasSuffix(rec, []byte("\t"+e.Path)) || e.Path == "" || !isOID(e.OID, 20) || e.Size < -1) {
			t.Errorf("%q read as %+v", rec, e)
		}
	})
}

// split yields what records would for git's output.
func split(out []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for len(out) > 0 {
			n, rec, err := splitNUL(out, true)
			if !yield(rec, err) || err != nil {
				return
			}
			out = out[n:]
		}
	}
}

func FuzzChanges(f *testing.F) {
	add := ":000000 100644 " + null1 + " " + id1 + " A\x00new\nline\x00"
	for _, s := range []string{add, add + ":100644 000000 " + id1 + " " + null1 + " D\x00:x\x00", "", "\x00", add[:60], add + "\x00", ":000000 100644 " + null1 + " " + id1 + " R100\x00a\x00b\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, out []byte) {
		changes, err := collectChanges(split(out), 20)
		if err != nil {
			return
		}
		var back strings.Builder
		for _, c := range changes {
			fmt.Fprintf(&back, ":%06o %06o %s %s %c\x00%s\x00", c.OldMode, c.NewMode, c.OldOID, c.NewOID, c.Status, c.Path)
		}
		if back.String() != string(out) {
			t.Errorf("%q read as %q", out, back.String())
		}
	})
}

func FuzzConfig(f *testing.F) {
	for _, s := range []string{"local\x00core.bare\nfalse\x00", "global\x00a.b\x00", "command\x00a.b.c\nx\ny\x00local\x00d.e\n\x00", "", "local\x00", "local\x00\x00", "local\x00a.b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, out []byte) {
		values, err := parseConfig(out)
		if err != nil {
			return
		}
		var back strings.Builder
		for _, v := range values {
			back.WriteString(string(v.Scope) + "\x00" + v.Key)
			if !v.Bare {
				back.WriteString("\n" + v.Value)
			}
			back.WriteByte(0)
		}
		if back.String() != string(out) {
			t.Errorf("%q read as %q", out, back.String())
		}
	})
}

func FuzzObject(f *testing.F) {
	for _, s := range []string{id1 + " blob 12", id1 + " missing", "HEAD:a missing", id1 + " blob -1", id1 + " blob 99999999999999999999", id1 + " commit +1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if o, ok := parseObject(line, 20); ok {
			if back := fmt.Sprintf("%s %s %d", o.OID, o.Type, o.Size); back != line {
				t.Errorf("%q read as %q", line, back)
			}
		}
	})
}

func FuzzWorktrees(f *testing.F) {
	f.Add([]byte("worktree /a\x00HEAD "+id1+"\x00branch refs/heads/main\x00\x00worktree /b\nc\x00detached\x00locked why\x00\x00"), true)
	f.Add([]byte("HEAD x\x00"), true)
	f.Add([]byte("worktree /a\nbare\n\n"), false)
	f.Fuzz(func(t *testing.T, out []byte, z bool) {
		end := "\n"
		if z {
			end = "\x00"
		}
		_, _ = parseWorktrees(out, end)
	})
}
