package policy

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// git is a scratch repository that no user configuration reaches.
type git struct {
	t   testing.TB
	dir string
	env []string
}

func newGit(t testing.TB) *git {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	g := &git{t: t, dir: filepath.Join(dir, "repo"), env: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_CONFIG_HOME=" + dir, "LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull, "GIT_ATTR_NOSYSTEM=1",
	}}
	if err := os.Mkdir(g.dir, 0o777); err != nil {
		t.Fatal(err)
	}
	g.run(nil, "init", "--quiet")
	g.run(nil, "config", "core.ignorecase", "false")
	return g
}

func (g *git) run(stdin []byte, args ...string) []byte {
	g.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = g.dir, g.env, bytes.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		g.t.Fatalf("git %v: %v\n%s", args, err, errs.Bytes())
	}
	if errs.Len() > 0 { // an ignored attributes line is only a warning
		g.t.Fatalf("git %v: %s", args, errs.Bytes())
	}
	return out.Bytes()
}

func (g *git) write(name string, data []byte) {
	g.t.Helper()
	path := filepath.Join(g.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		g.t.Fatal(err)
	}
}

var attributeNames = []string{"filter", "diff", "merge", "text", "ident", "working-tree-encoding", "other"}

const (
	attributesSealed = "filter=envelope diff=envelope merge=envelope text=unset ident=unset working-tree-encoding=unset"
	attributesNone   = "filter=unspecified diff=unspecified merge=unspecified text=unspecified ident=unspecified working-tree-encoding=unspecified"
)

// attributes asks Git for many paths at once, in order.
func (g *git) attributes(paths []string) []string {
	g.t.Helper()
	out := g.run([]byte(strings.Join(paths, "\x00")+"\x00"), append([]string{"check-attr", "--stdin", "-z"}, attributeNames...)...)
	fields := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if len(fields) != len(paths)*len(attributeNames)*3 {
		g.t.Fatalf("check-attr answered %d fields for %d paths", len(fields), len(paths))
	}
	answers := make([]string, len(paths))
	for i, path := range paths {
		var parts []string
		for j := range attributeNames {
			f := fields[(i*len(attributeNames)+j)*3:]
			if f[0] != path {
				g.t.Fatalf("check-attr answered for %q, asked was %q", f[0], path)
			}
			parts = append(parts, f[1]+"="+f[2])
		}
		answers[i] = strings.Join(parts, " ")
	}
	return answers
}

// expected is what Git must answer, the last attribute being foreign.
func expected(p *Policy, path, before string) string {
	want := expectedByRules(p, path, before)
	if strings.HasPrefix(path, ".envelope/") { // our own files, whatever the rules
		want = textAttribute.ReplaceAllString(want, " text=unset ")
	}
	if path == Path { // merged by its driver, and filtered by none
		want = mergeAttribute.ReplaceAllString(want, " merge=envelope ")
	}
	return want
}

var (
	textAttribute  = regexp.MustCompile(` text=\S+ `)
	mergeAttribute = regexp.MustCompile(` merge=\S+ `)
)

func expectedByRules(p *Policy, path, before string) string {
	other := before[strings.LastIndexByte(before, ' '):]
	if _, covered := p.RingOf(path); covered {
		return attributesSealed + other
	}
	for i := range p.matcher.rules {
		hit, except := p.matcher.rules[i].find(path)
		if hit == nil {
			continue
		}
		if except != nil || Reserved(path) {
			return attributesNone + other // taken out again: reset
		}
	}
	return before
}

// awkwardPaths are asked for every pattern of the table.
var awkwardPaths = []string{
	"a", "b", "A", "ab", "abc", "a.pem", "a.PEM", "x/a.pem", "x/y/a.pem", ".pem", "x/.pem",
	"env", "env/prod", "env/prod/a", "env/prod/b/c", "env/prod/README.md", "env/prod/x/README.md", "env/dev/README.md", "README.md",
	"x/env/prod/a", "ENV/prod/a", "env/prod/.gitattributes", ".gitattributes", "env/.envelope/x", ".envelope/policy.yaml", ".envelope/keys/prod/1/2.json", ".envelope/a.pem",
	"a/b", "a/x/b", "a/x/y/b", "a/b/c", "a/b/b", "x/a/b", "a/", "a/a/a/a/b",
	"foo bar", "foo  bar", "foo\tbar", "foo\nbar", "foo\rbar", " lead", "trail ", "x/ lead", "a b/c d",
	"!bang", "#hash", "-dash", "--", "[attr]x", "[attr]foo", "\"quoted\"", "a\"b", "'single'", "back\\slash", "a*b", "a?b", "a[b", "a]b", "[ab]", "{a,b}", "a,b", "a{b", "a}b", "%41", "$x", "~", "~x", "a:b", "*", "**", "?", "\\",
	"café", "cafe\u0301", "é", "ñ", "日本", "日本/語", "😀", "x😀y", "é/ö", "a\u2028b", "\u00a0", "\ufeffx",
	"\xff", "a\xffb", "caf\xe9", "x/\xe9", "\xc3", "\xc3\x28", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\x80", "\x01", "\x7f", "a\x01b",
	"-", ".", "...", "a..b", "._", "z", "0", "9", "_", "^", "a^b", "a!b", "a-b", "a.b", "aXb", "a/b.txt", "x/.gitattributes/y",
	"{a}", "a/{b}", "dir/file", "dir/sub/file", "dir.d/file",
}

// awkwardGlobs is the table of the issue: each must agree with Git on every
// path, or Attributes must refuse it.
var awkwardGlobs = [][]string{
	{"**"}, {"*"}, {"/**"}, {"/*"}, {"**/*"}, {"*/**"}, {"**/**"}, {"*/*"}, {"**/*/**"},
	{"a"}, {"/a"}, {"A"}, {"**/a"}, {"a/**"}, {"a/**/b"}, {"**/a/**"}, {"**/a/**/b"}, {"a/**/**/b"}, {"a/*/b"}, {"**/a/*/b/**"}, {"/a/b"}, {"a/b"},
	{"*.pem"}, {"**/*.pem"}, {"**/*.PEM"}, {"**/*.[pP][eE][mM]"}, {"*.{pem,PEM}"}, {"**/*.{pem,key,p{12,fx}}"}, {"{a,b}"}, {"{a,b}/**"}, {"{a/b,x}/**"}, {"{**/a,b}"}, {"a{,b}{,c}"}, {"x{/**,}/a.pem"}, {"\\{a,b}"}, {"\\{a\\,b\\}"}, {"{\\{,\\}}"}, {"a,b"}, {"{a\\,b,z}"},
	{"env/prod/**"}, {"env/prod/**", "!**/README.md"}, {"env/**", "!env/prod/**"}, {"**", "!env/**"}, {"**", "!**/*.md", "!a/**"}, {"env/*/**", "!*/prod/*"}, {"**/*.pem", "!x/**"}, {"*a*", "!*b*"}, {"{a,b,env/prod}/**", "!**/{README.md,b}"}, {"**", "!*"}, {"*", "!?"}, {"**/a*", "!**/*b"}, {"**", "!**/[!a-z]*"},
	{"foo bar"}, {"foo  bar"}, {"foo\tbar"}, {"foo\nbar"}, {"foo\rbar"}, {" lead"}, {"trail "}, {"**/ lead"}, {"* *"}, {"a b/c d"}, {"foo?bar"}, {"foo[ \t]bar"}, {"foo[ -~]bar"}, {"foo[\n\r]bar"},
	{"\\!bang"}, {"[!]bang"}, {"#hash"}, {"\\#hash"}, {"-dash"}, {"--"}, {"-*"}, {"\\[attr]x"}, {"\\[attr\\]*"}, {"\"quoted\""}, {"*\"*"}, {"a\"b"}, {"'single'"}, {"back\\\\slash"}, {"back[\\\\]slash"}, {"\\\\"}, {"a\\*b"}, {"a\\?b"}, {"a\\[b"}, {"a]b"}, {"\\[ab\\]"}, {"a[*]b"}, {"a[?]b"}, {"a[\\[]b"}, {"a[\\]]b"}, {"a[\\^]b"}, {"a[^x]b"}, {"a[!x]b"}, {"a[\\!x]b"}, {"a[x!]b"}, {"a[-]b"}, {"a[--.]b"}, {"a[x-]b"}, {"a[!-]b"}, {"a[+-9]b"}, {"%41"}, {"$x"}, {"~"}, {"a:b"}, {"\\*"}, {"\\*\\*"}, {"\\?"},
	{"?"}, {"??"}, {"???"}, {"????"}, {"**/?"}, {"?*"}, {"*?"}, {"*?*?*"}, {"[ab]"}, {"[!ab]"}, {"[a-z]"}, {"[^a-z]"}, {"[!a-zé]"}, {"[é]"}, {"[éa]"}, {"[à-ö]"}, {"[a-ÿ]"}, {"[日😀x]*"}, {"x?y"}, {"caf?"}, {"caf[éè]"}, {"caf*"}, {"*é"}, {"a?b"}, {"a*b"}, {"?/?"}, {"[!/]"}, {"[[]"}, {"[{]a,b}"}, {"{[,],a}"}, {"[a-]"}, {"[-a]"},
	{"café"}, {"cafe\u0301"}, {"日本/**"}, {"日*"}, {"😀"}, {"x😀y"}, {"é/ö"}, {"a\u2028b"}, {"\u00a0"}, {"\ufeffx"}, {"\ufffd"}, {"a\ufffdb"}, {"\x01"}, {"a[\x01-\x1f]b"}, {"\x7f"}, {"[\x01-\x7f]"}, {"[!\x01-\x7f]"},
	{"..."}, {"a..b"}, {"._"}, {".*"}, {"**/.*"}, {".gitattributes"}, {"**/.gitattributes"}, {".envelope/**"}, {".envelope/*.pem"}, {"**/.gitattributes/**"}, {".git*"}, {"**/.envelope/**"}, {".*/**"}, {"{.envelope,env}/**"},
	{"a**"}, {"**a"}, {"a**/b"}, {"a/**b"}, {"***"}, {"a//b"}, {"a/"}, {"./a"}, {"../a"}, {"{a"}, {"a}"}, {"[a"}, {"[]a]"}, {"[z-a]"}, {"a\\"}, {"env\\prod"}, {"[[:alpha:]]"}, {"{}"}, {""}, {"/"}, {"{*,a}*"}, {"a{b,/}"},
	{strings.Repeat("long/", 380) + "**"}, {strings.Repeat("x", 2100)},
}

// foreign stands above the block and must shine through where it says nothing.
const foreign = "* other=set text=auto diff=foreign\n*.pem filter=foreign\n/x/** ident\n"

func TestGitAgreesOnTable(t *testing.T) {
	g := newGit(t)
	var cases []oracleCase
	for _, globs := range awkwardGlobs {
		p, err := parseRules(append([]string{"prod"}, globs...))
		if err != nil {
			t.Logf("refused by Parse: %q: %v", globs, err)
			continue
		}
		cases = append(cases, oracleCase{fmt.Sprintf("%q", globs), p})
	}
	if done := compare(t, g, cases, awkwardPaths); done < 120 {
		t.Errorf("only %d patterns of the table were compared", done)
	}
}

type oracleCase struct {
	name   string
	policy *Policy
}

// compare lays each policy's block into a folder of its own, asks Git for all
// paths below it in one go, and returns how many were not refused.
func compare(t *testing.T, g *git, cases []oracleCase, paths []string) (compared int) {
	t.Helper()
	folder := func(i int) string { return fmt.Sprintf("c%d/", i) }
	var ask []string
	done := map[int]bool{}
	for i, c := range cases {
		synced, err := Sync([]byte(foreign), c.policy)
		if err != nil {
			t.Logf("refused by Attributes: %s: %v", c.name, err)
			continue
		}
		g.write(folder(i)+".gitattributes", synced)
		done[i] = true
	}
	g.write("before/.gitattributes", []byte(foreign))
	valid := paths[:0:0]
	for _, path := range paths {
		if ValidPath(path) {
			valid = append(valid, path)
			ask = append(ask, "before/"+path)
		}
	}
	for i := range cases {
		if done[i] {
			for _, path := range valid {
				ask = append(ask, folder(i)+path)
			}
		}
	}
	answers := g.attributes(ask)
	before, answers := answers[:len(valid)], answers[len(valid):]
	for i, c := range cases {
		if !done[i] {
			continue
		}
		for j, path := range valid {
			if want := expected(c.policy, path, before[j]); answers[j] != want {
				block, _ := c.policy.Attributes()
				t.Errorf("%s: path %q: %s\n  git says %s\n  want     %s\n%s", c.name, path, c.policy.Explain(path), answers[j], want, block)
				break
			}
		}
		answers = answers[len(valid):]
	}
	return len(done)
}

// TestGitAgreesAtTop asks for some policies in the top folder, as in real life.
func TestGitAgreesAtTop(t *testing.T) {
	for _, rules := range [][][]string{
		{{"prod", "**"}},
		{{"prod", "env/prod/**", "!**/README.md"}, {"dev", "env/**", "**/*.pem"}, {"prod", "*"}},
		{{"prod", "env/prod/**", "!**/README.md"}, {"dev", "**", "!**/*.{md,txt}"}},
	} {
		g := newGit(t)
		p, err := parseRules(rules...)
		if err != nil {
			t.Fatal(err)
		}
		synced, err := Sync([]byte(foreign), p)
		if err != nil {
			t.Fatal(err)
		}
		var paths []string
		for _, path := range awkwardPaths {
			if ValidPath(path) {
				paths = append(paths, path)
			}
		}
		g.write(".gitattributes", []byte(foreign))
		before := g.attributes(paths)
		g.write(".gitattributes", synced)
		for i, got := range g.attributes(paths) {
			if want := expected(p, paths[i], before[i]); got != want {
				t.Errorf("%q: path %q: %s\n  git says %s\n  want     %s", rules, paths[i], p.Explain(paths[i]), got, want)
			}
		}
	}
}

// TestGitAgreesOnRandom compares a few thousand made-up policies and paths.
func TestGitAgreesOnRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 9))
	g := newGit(t)
	var cases []oracleCase
	for len(cases) < 600 {
		var rules [][]string
		for i := 0; i <= r.IntN(3); i++ {
			rule := []string{[]string{"prod", "dev"}[r.IntN(2)], randomGlob(r)}
			for r.IntN(2) == 0 {
				rule = append(rule, []string{"", "!"}[r.IntN(2)]+randomGlob(r))
			}
			rules = append(rules, rule)
		}
		if p, err := parseRules(rules...); err == nil {
			cases = append(cases, oracleCase{fmt.Sprintf("%q", rules), p})
		}
	}
	paths := map[string]bool{}
	for len(paths) < 150 {
		paths[randomPath(r)] = true
	}
	var list []string
	for p := range paths {
		list = append(list, p)
	}
	if done := compare(t, g, cases, list); done < 400 {
		t.Errorf("only %d of %d random policies could be translated", done, len(cases))
	}
}

var globPieces = []string{"a", "b", "ab", "c", "*", "*", "?", "[ab]", "[!a]", "[^b-d]", "[a-cé]", "é", "{a,b}", "{a,}", "{b*,?}", "x y", "\\*", "\\[", ".", "A"}

func randomGlob(r *rand.Rand) string {
	var parts []string
	for i := 0; i <= r.IntN(4); i++ {
		switch r.IntN(9) {
		case 0, 1:
			parts = append(parts, "**")
			continue
		case 2:
			parts = append(parts, []string{".envelope", ".gitattributes", "{a/b,c}", "{**,b}", "*"}[r.IntN(5)])
			continue
		}
		part := ""
		for j := 0; j <= r.IntN(3); j++ {
			part += globPieces[r.IntN(len(globPieces))]
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "/")
}

var pathPieces = []string{"a", "b", "ab", "c", "d", "é", "日", "😀", "x y", "*", "[", ".", "A", "\xff", "\xc3", "\xa9", "\xed\xa0\x80", "aa", "?", "\n"}

func randomPath(r *rand.Rand) string {
	for {
		var parts []string
		for i := 0; i <= r.IntN(4); i++ {
			if r.IntN(12) == 0 {
				parts = append(parts, []string{".envelope", ".gitattributes"}[r.IntN(2)])
				continue
			}
			part := ""
			for j := 0; j <= r.IntN(3); j++ {
				part += pathPieces[r.IntN(len(pathPieces))]
			}
			parts = append(parts, part)
		}
		if p := strings.Join(parts, "/"); ValidPath(p) {
			return p
		}
	}
}
