package gitleaks

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// ours stand in for the rules of package rules.
func ours() []scan.Rule {
	return []scan.Rule{
		{ID: "github-pat", Title: "ours", Keywords: []string{"ghp_"}, Pattern: `ghp_[0-9A-Za-z]{36}`},
		{ID: "aws-access-key-id", Title: "ours", Keywords: []string{"akia"}, Pattern: `AKIA[0-9A-Z]{16}`},
	}
}

func parse(t *testing.T, text string) (*Config, []string) {
	t.Helper()
	c, warnings, err := Parse("c", []byte(text), Options{Ours: ours()})
	if err != nil {
		t.Fatal(err)
	}
	return c, warnings
}

// found are the secrets that the rules find, with the rule's id.
func found(t *testing.T, c *Config, text string) (list []string) {
	t.Helper()
	e, err := scan.New(scan.Options{Rules: c.Apply(ours())})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Scanner().Scan(t.Context(), strings.NewReader(text), func(m *scan.Match) {
		list = append(list, m.Rule.ID+" "+string(m.Secret))
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func rule(lines ...string) string {
	return "[[rules]]\nid = 'x'\n" + strings.Join(lines, "\n") + "\n"
}

func TestRules(t *testing.T) {
	tests := []struct {
		name, config, text string
		want               []string
		warning            string // beside that of useDefault
	}{
		{"whole match", rule("regex = '''acme_[a-z]{4}'''"), "k acme_abcd\n", []string{"x acme_abcd"}, ""},
		{"in a longer word", rule("regex = '''acme_[a-z]{4}'''"), "kacme_abcdef\n", []string{"x acme_abcd"}, ""},
		{"any case", rule("regex = '''(?i)acme_[a-z]{4}'''"), "ACME_ABCD\n", []string{"x ACME_ABCD"}, ""},
		{"the only group", rule("regex = '''acme[=:]\"([a-z]+)\"'''"), "acme=\"abcd\"\n", []string{"x abcd"}, ""},
		{"the named group", rule("regex = '''(acme)[=:](\"?)([a-z]+)'''", "secretGroup = 3"), "acme=\"abcd\n", []string{"x abcd"}, ""},
		{"a group with a name", rule("regex = '''acme=(?P<secret>[a-z]+)'''"), "acme=abcd\n", []string{"x abcd"}, ""},
		{"the group that holds something", rule(`regex = '''acme=(?:"([a-z]+)"|'([0-9]+)')'''`), "acme=\"abcd\"\nacme='1234'\n", []string{"x abcd", "x 1234"}, ""},
		{"the first group is enough", rule("regex = '''(acme_[a-z]+):([0-9]+)'''"), "acme_u:123456\n", []string{"x acme_u"}, ""},
		{"entropy", rule("regex = '''acme_([a-z]{8})'''", "entropy = 2.5"), "acme_aaaaaaaa acme_abcdefgh\n", []string{"x abcdefgh"}, ""},
		{"entropy, whole number", rule("regex = '''acme_([a-z]{8})'''", "entropy = 2"), "acme_aaaaaaaa acme_abcdefgh\n", []string{"x abcdefgh"}, ""},
		{"placeholders count", rule("regex = '''acme_[A-Za-z]+'''"), "acme_EXAMPLE\n", []string{"x acme_EXAMPLE"}, ""},
		{"many lines", rule("regex = '''(?s)BEGIN ACME(.+?)END ACME'''"), "BEGIN ACME\n" + strings.Repeat("abc\n", 300) + "END ACME\n", []string{"x \n" + strings.Repeat("abc\n", 300)}, ""},
		{"lines, multi-line flag", rule("regex = '''(?m)^acme: ([a-z]+)$'''"), "a: b\nacme: abcd\nb: c\n", []string{"x abcd"}, ""},
		{"a byte before", rule("regex = '''[^a-z]acme_([a-z]{4})'''"), "acme_efgh\nk acme_abcd\n", []string{"x efgh", "x abcd"}, ""},
		{"line start or a byte before", rule("regex = '''(?:^|[\\s\"'])acme_([a-z]{4})'''"), "k\nacme_efgh\nk acme_abcd\n", []string{"x efgh", "x abcd"}, ""},
		{"the typical end", rule(`regex = '''(?i)\b(acme_[a-z0-9]{8})(?:[\x60'"\s;]|\\[nr]|$)'''`), "k='acme_abcd1234'\nacme_abcd1235", []string{"x acme_abcd1234", "x acme_abcd1235"}, ""},
		{"the typical beginning", rule(`regex = '''(?i)[\w.-]{0,50}?(?:acme)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{16})(?:[\x60'"\s;]|\\[nr]|$)'''`, `keywords = ["acme"]`),
			"MY_ACME_KEY = \"abcdefgh12345678\"\n", []string{"x abcdefgh12345678"}, ""},
		{"alternatives", rule("regex = '''(?:acme|initech)[a-z]*_([0-9]{4})'''"), "initechcorp_1234 acme_5678\n", []string{"x 1234", "x 5678"}, ""},
		{"long alternatives", rule("regex = '''(?:acme[a-z]*|initech[0-9]*)_([0-9]{4})'''"), "initech12_1234 acmecorp_5678\n", []string{"x 1234", "x 5678"}, ""},
		{"alternatives with a common beginning", rule(`regex = '''\b((?:A3T[A-Z0-9]|AKIA|ASIA)[A-Z2-7]{4})\b'''`), "A3TXABCD ASIAEFGH\n", []string{"x A3TXABCD", "x ASIAEFGH"}, ""},
		{"keywords in all spellings", rule("regex = '''linked[_-]?in=([a-z]+)'''", `keywords = ["linkedin", "linked-in", "linked_in"]`), "LINKED_IN linked_in=abcd\n", []string{"x abcd"}, ""},
		{"digits and a mark", rule(`regex = '''\b\d{3}-\d{2}-\d{4}\b'''`), "id 123-45-6789.\n", []string{"x 123-45-6789"}, ""},
		{"keywords that are not in it", rule("regex = '''\\b[a-f0-9]{32}\\b'''", `keywords = ["Acme"]`),
			"acme\nk\nk 0123456789abcdef0123456789abcdef\n", []string{"x 0123456789abcdef0123456789abcdef"}, "only on the line of one of its keywords, and 64 KiB behind"},
		{"keywords that are not needed", rule("regex = '''acme_[a-z]{4}'''", `keywords = ["initech"]`), "acme_abcd\n", []string{"x acme_abcd"}, "counts also in files without its keywords"},
		{"another line before", rule(`regex = '''[a-z]\n{1,3}acme_([0-9]{4})'''`), "", nil, "begins on another line"},
		{"nothing to look for", rule("regex = '''\\b[a-f0-9]{32}\\b'''"), "0123456789abcdef0123456789abcdef\n", nil, `c:2: rule "x" is not run`},
		{"keywords too short to look for", rule("regex = '''[a-f0-9]{32}'''", `keywords = ["k"]`), "k 0123456789abcdef0123456789abcdef\n", nil, "is not run"},
		{"not reported", rule("regex = '''acme_[a-z]{4}'''", "skipReport = true"), "acme_abcd\n", nil, ""},
		{"required", rule("regex = '''acme_[a-z]{4}'''", "[[rules.required]]", "id = 'y'", "withinLines = 5"), "acme_abcd\n", []string{"x acme_abcd"}, "required is not supported"},
		{"tags and title", rule("regex = '''acme_[a-z]{4}'''", "description = 'Acme'", "tags = ['a', 'b']"), "acme_abcd\n", []string{"x acme_abcd"}, ""},
		{"keys in any case", rule("Regex = '''acme_([a-z]{4})(x?)'''", "secretgroup = 1"), "acme_abcd\n", []string{"x abcd"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, warnings := parse(t, tt.config)
			if got := found(t, c, tt.text); !slices.Equal(got, tt.want) {
				t.Errorf("found %q, want %q", got, tt.want)
			}
			if !strings.Contains(warnings[0], "without useDefault") {
				t.Errorf("warnings begin with %q", warnings[0])
			}
			if rest := strings.Join(warnings[1:], "\n"); tt.warning == "" && rest != "" || !strings.Contains(rest, tt.warning) {
				t.Errorf("warnings %q, want %q", rest, tt.warning)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	tests := []struct{ name, config, want string }{
		{"no TOML", "title = \n[[", "c:1: no TOML"},
		{"type", "[[rules]]\nid = 'x'\nregex = 5\n", `c:3: "rules.regex" has a value of another type`},
		{"no id", "[[rules]]\nregex = 'acme'\n", "c: rule 1 has no id"},
		{"id of two lines", "[[rules]]\nid = \"a\\nb\"\nregex = 'acme'\n", "its id is no line"},
		{"same id", rule("regex = 'acme'") + rule("regex = 'acme'"), `c:2: two rules "x"`},
		{"nothing", rule("description = 'x'"), `c:2: rule "x": neither regex nor path`},
		{"bad regex", rule("regex = 'acme_hunter2('"), `c:2: rule "x": regex: missing closing )`},
		{"lookahead", rule("regex = 'acme(?=b)'"), `rule "x": regex: invalid or unsupported Perl syntax`},
		{"bad path", rule("regex = 'acme'", "path = '('"), `rule "x": path: missing closing )`},
		{"bad path alone", rule("path = '('"), `rule "x": path: missing closing )`},
		{"no such group", rule("regex = '(acme)'", "secretGroup = 2"), `rule "x": secretGroup 2: regex has 1 groups`},
		{"long regex", rule("regex = '" + strings.Repeat("a", maxExpr+1) + "'"), "longer than 16 KiB"},
		{"large regexes", rule("regex = '" + strings.Repeat(".{1000}", 1000) + "'"), "too large"},
		{"many rules", strings.Repeat("[[rules]]\n", maxRules+1), "more than 2000 rules"},
		{"both allowlists", "[allowlist]\npaths = ['a']\n[[allowlists]]\npaths = ['b']\n", "[allowlist] and [[allowlists]] beside each other"},
		{"both of a rule", rule("regex = 'acme'", "[rules.allowlist]", "paths = ['a']", "[[rules.allowlists]]", "paths = ['b']"), "c:2: rule x: [allowlist] and"},
		{"bad allowlist", "[[allowlists]]\nregexes = ['a', '(']\n", "c: allowlist: regexes: number 2: missing closing )"},
		{"condition", "[[allowlists]]\npaths = ['a']\n[[allowlists]]\npaths = ['a']\ncondition = 'XOR'\n", "c: allowlist 2: condition is neither"},
		{"target", "[[allowlists]]\nregexes = ['a']\nregexTarget = 'file'\n", "regexTarget is none of"},
		{"large", strings.Repeat("#", maxFile+1), "larger than 1024 KiB"},
		{"deep arrays", "title = 'x'\nx = " + strings.Repeat("[1,", 1<<18), "c:2: nested too deeply"},
		{"deep tables", "x = " + strings.Repeat("{a=", 1<<18), "c:1: nested too deeply"},
		{"long key", strings.Repeat("a . ", 1<<17) + "a = 1", "c:1: nested too deeply"},
		{"long header", "[" + strings.Repeat("'a'.", 1<<17) + "a]", "c:1: nested too deeply"},
		{"behind strings", "a = '''\n''''\nb = \"\"\"\"\\\"\"\"\"\nc = \"\\\"\" # [\nd = " + strings.Repeat("[", 100), "c:5: nested too deeply"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := Parse("c", []byte(tt.config), Options{Ours: ours()})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error quotes the configuration: %v", err)
			}
		})
	}
}

// A huge array is no more than its bytes.
func TestHuge(t *testing.T) {
	for _, text := range []string{
		"[allowlist]\nstopwords = [" + strings.Repeat("'a',", 200_000) + "]\n",
		"x = [" + strings.Repeat("1,", 500_000) + "]\n",
	} {
		if _, _, err := Parse("c", []byte(text), Options{}); err != nil {
			t.Error(err)
		}
	}
	many := "[allowlist]\nregexes = [" + strings.Repeat("'a',", maxExprs+1) + "]\n"
	if _, _, err := Parse("c", []byte(many), Options{}); err == nil {
		t.Errorf("%d expressions are none too many", maxExprs+1)
	}
}

func TestUnknownKeys(t *testing.T) {
	c, warnings := parse(t, `
title = "x"
minVersion = "v8.25.0"
speed = "fast"
[extend]
useDefault = true
url = "https://example.com/c.toml"
[[rules]]
id = "x"
regex = "acme_[a-z]+"
secretgroups = 1
[[rules]]
id = "y"
regex = "initech_[a-z]+"
secretgroups = 1
[allowlist]
files = ["a"]
`)
	got := strings.Join(warnings, "\n")
	want := `c: unknown key "speed"
c: unknown key "rules.secretgroups"
c: unknown key "allowlist.files"
c: extend: url is not supported: nothing is fetched
c: allowlist: allows nothing: it has no commits, paths, regexes or stopwords`
	if got != want {
		t.Errorf("warnings:\n%s\nwant:\n%s", got, want)
	}
	if len(c.Rules) != 2 {
		t.Errorf("%d rules", len(c.Rules))
	}
}

func TestDefaults(t *testing.T) {
	tests := []struct {
		name, config string
		rules        []string // id, title, entropy, path
		disabled     []string
		warnings     string
	}{
		{"empty", "", []string{"github-pat ours 0 ", "aws-access-key-id ours 0 "}, nil, ""},
		{"disabled", "[extend]\nuseDefault = true\ndisabledRules = ['github-pat']", []string{"aws-access-key-id ours 0 "}, []string{"github-pat"}, ""},
		{"disabled by gitleaks' id", "[extend]\nuseDefault = true\ndisabledRules = ['aws-access-token']", []string{"github-pat ours 0 "}, []string{"aws-access-key-id"}, ""},
		{"disabled unknown", "[extend]\nuseDefault = true\ndisabledRules = ['x']", []string{"github-pat ours 0 ", "aws-access-key-id ours 0 "}, nil, `c: disabledRules: none of our rules is "x"`},
		{"changed", "[extend]\nuseDefault = true\n[[rules]]\nid = 'aws-access-token'\ndescription = 'new'\nentropy = 3.5\npath = '\\.env$'", []string{"github-pat ours 0 ", `aws-access-key-id new 3.5 \.env$`}, nil, ""},
		{"replaced", "[extend]\nuseDefault = true\n[[rules]]\nid = 'github-pat'\nregex = 'ghp_[a-z]+'", []string{"aws-access-key-id ours 0 ", "github-pat github-pat 0 "}, []string{"github-pat"}, ""},
		{"beside", "[[rules]]\nid = 'github-pat'\nregex = 'ghp_[a-z]+'", []string{"github-pat ours 0 ", "aws-access-key-id ours 0 ", "github-pat github-pat 0 "}, nil, "c: without useDefault gitleaks would run its rules only; here they run beside ours"},
		{"changed unknown", "[extend]\nuseDefault = true\n[[rules]]\nid = 'x'\nentropy = 3.5", []string{"github-pat ours 0 ", "aws-access-key-id ours 0 "}, nil, `c:4: none of our rules is "x": what it changes of it is left`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, warnings := parse(t, tt.config)
			var rules []string
			for _, r := range c.Apply(ours()) {
				rules = append(rules, fmt.Sprint(r.ID, " ", r.Title, " ", r.Entropy, " ", r.Path))
			}
			if !slices.Equal(rules, tt.rules) || !slices.Equal(c.DisabledRules, tt.disabled) {
				t.Errorf("rules %q disabled %q, want %q %q", rules, c.DisabledRules, tt.rules, tt.disabled)
			}
			if got := strings.Join(warnings, "\n"); got != tt.warnings {
				t.Errorf("warnings %q, want %q", got, tt.warnings)
			}
		})
	}
}

func TestPathRules(t *testing.T) {
	c, _ := parse(t, "[[rules]]\nid = 'key-file'\ndescription = 'a key'\npath = '''(?i)\\.p12$'''\n[[rules.allowlists]]\npaths = ['^testdata/']\n"+rule("regex = 'acme_[a-z]+'", "path = '\\.env$'"))
	if len(c.PathRules) != 1 || len(c.Rules) != 1 {
		t.Fatalf("%d rules by path, %d others", len(c.PathRules), len(c.Rules))
	}
	r := &c.PathRules[0]
	if !r.Applies("a/b.P12") || r.Applies("a/b.p12.txt") || r.Title != "a key" {
		t.Errorf("rule %+v", r)
	}
	if _, ok := c.Judge(Found{Rule: r.ID}).Allows("testdata/b.p12", nil); !ok {
		t.Error("allowlist by path does not hold")
	}
	if r = &c.Rules[0]; !r.Applies("prod.env") || r.Applies("a.go") {
		t.Errorf("path %q of a rule", r.Path)
	}
}

func TestExtend(t *testing.T) {
	files := map[string]string{
		"base.toml": "[extend]\npath = 'deep.toml'\n" + rule("regex = 'acme_[a-z]+'", "description = 'base'", "keywords = ['acme']", "[rules.allowlist]", "paths = ['base']") +
			"[[rules]]\nid = 'gone'\nregex = 'gone_[a-z]+'\n[allowlist]\nstopwords = ['base']",
		"deep.toml":  "[extend]\npath = 'never.toml'\n[[rules]]\nid = 'deep'\nregex = 'deep_[a-z]+'",
		"never.toml": "no TOML",
		"loop.toml":  "[extend]\npath = 'loop.toml'",
		"bad.toml":   "title = 1",
	}
	read := func(path string) ([]byte, error) {
		if text, ok := files[path]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("no such file")
	}
	main := "[extend]\npath = 'base.toml'\ndisabledRules = ['gone']\n" + rule("entropy = 3", "[[rules.allowlists]]", "paths = ['main']") + "[[allowlists]]\nstopwords = ['main']"
	c, warnings, err := Parse("c", []byte(main), Options{Ours: ours(), Read: read})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range c.Rules {
		ids = append(ids, fmt.Sprint(r.ID, r.Title, r.Entropy, r.Pattern))
	}
	if want := []string{"deepdeep0deep_[a-z]+", "xbase3acme_[a-z]+"}; !slices.Equal(ids, want) {
		t.Errorf("rules %q, want %q", ids, want)
	}
	if len(c.lists) != 4 || len(c.DisabledRules) != 0 {
		t.Errorf("%d allowlists, disabled %q", len(c.lists), c.DisabledRules)
	}
	if want := []string{"deep.toml: extend: path is ignored: more than 2 files deep", "c: without useDefault gitleaks would run its rules only; here they run beside ours"}; !slices.Equal(warnings, want) {
		t.Errorf("warnings %q, want %q", warnings, want)
	}

	for path, want := range map[string]string{"loop.toml": "", "bad.toml": `bad.toml:1: "title" has a value`, "../x": "c: extend: no such file"} {
		_, warnings, err := Parse("c", []byte("[extend]\npath = '"+path+"'"), Options{Read: read})
		if want == "" && (err != nil || len(warnings) != 1) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v %q", path, err, warnings)
		}
	}
	if _, warnings, err = Parse("c", []byte(main), Options{}); err == nil {
		t.Errorf("a rule of nothing but entropy: %q", warnings)
	}
}

func TestJudge(t *testing.T) {
	a, b := strings.Repeat("a", 40), strings.Repeat("b", 40)
	find := Found{Rule: "x", Secret: []byte("acme_abcd"), Match: []byte(`key="acme_abcd"`), Line: []byte(`the key="acme_abcd" # test`)}
	tests := []struct {
		name, list string
		path       string
		commits    []string
		want       bool
	}{
		{"none", "stopwords = ['zzz']", "a.go", nil, false},
		{"stopword", "stopwords = ['BCD']", "a.go", nil, true},
		{"regex on secret", "regexes = ['^acme_']", "a.go", nil, true},
		{"regex not on match", "regexes = ['key=']", "a.go", nil, false},
		{"regex on match", "regexes = ['^key=']\nregexTarget = 'match'", "a.go", nil, true},
		{"regex not on line", "regexes = ['# test']\nregexTarget = 'match'", "a.go", nil, false},
		{"regex on line", "regexes = ['# test']\nregexTarget = 'line'", "a.go", nil, true},
		{"path", "paths = ['''\\.go$''']", "a.go", nil, true},
		{"other path", "paths = ['''\\.go$''']", "a.c", nil, false},
		{"commit", "commits = ['" + strings.ToUpper(a) + "']", "a.go", []string{a}, true},
		{"one commit of two", "commits = ['" + a + "']", "a.go", []string{a, b}, false},
		{"both commits", "commits = ['" + a + "', '" + b + "']", "a.go", []string{a, b}, true},
		{"no commit", "commits = ['" + a + "']", "a.go", nil, false},
		{"any", "paths = ['''\\.c$''']\nstopwords = ['acme']", "a.go", nil, true},
		{"all, path not", "condition = 'AND'\npaths = ['''\\.c$''']\nstopwords = ['acme']", "a.go", nil, false},
		{"all, content not", "condition = 'AND'\npaths = ['''\\.go$''']\nstopwords = ['zzz']", "a.go", nil, false},
		{"all, one regex not", "condition = 'AND'\nregexes = ['zzz']\nstopwords = ['acme']", "a.go", nil, false},
		{"all", "condition = 'and'\npaths = ['''\\.go$''']\nregexes = ['acme']\nstopwords = ['acme']\ncommits = ['" + a + "']", "a.go", []string{a}, true},
		{"all, commit not", "condition = '&&'\npaths = ['''\\.go$''']\ncommits = ['" + a + "']", "a.go", []string{b}, false},
		{"all, content only", "condition = 'AND'\nregexes = ['acme']\nstopwords = ['acme']", "a.go", nil, true},
		{"target rule", "targetRules = ['x']\nstopwords = ['acme']", "a.go", nil, true},
		{"other rule", "targetRules = ['y']\nstopwords = ['acme']", "a.go", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := parse(t, rule("regex = 'acme_[a-z]+'")+"[[allowlists]]\n"+tt.list)
			reason, ok := c.Judge(find).Allows(tt.path, tt.commits)
			if ok != tt.want || ok != (reason == "c: allowlist") {
				t.Errorf("allowed %t (%q), want %t", ok, reason, tt.want)
			}
			if _, ok = c.Judge(Found{Rule: scan.SealedValue.ID, Secret: find.Secret}).Allows(tt.path, tt.commits); ok {
				t.Error("a sealed value is allowed")
			}
		})
	}
}

// Where match and line are not known the secret is tested, and the ids of
// gitleaks' rules are those of ours.
func TestJudgeOurs(t *testing.T) {
	c, _ := parse(t, "[extend]\nuseDefault = true\n[[rules]]\nid = 'aws-access-token'\n[[rules.allowlists]]\ndescription = 'of  the\\ntest'\nregexTarget = 'line'\nregexes = ['^AKIA']\n")
	if reason, ok := c.Judge(Found{Rule: "aws-access-key-id", Secret: []byte("AKIA")}).Allows("a", nil); !ok || reason != "of the\\ntest" {
		t.Errorf("allowed %t: %q", ok, reason)
	}
	if _, ok := c.Judge(Found{Rule: "github-pat", Secret: []byte("AKIA")}).Allows("a", nil); ok {
		t.Error("an allowlist of another rule holds")
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", realistic, rule("regex = '''(?i)(?:^|[^a-z])acme(?:_live|_test)?[=:]([a-z0-9]{8,40})(x)?'''", "secretGroup = 2"),
		"a = '''\n''''\nb = \"\"\"\"\\\"\"\"\"\nc = [[[1], {a.b.c = 1}]]", "[a.'b'.\"c\"]\nd = 1.5e3", "\ufeff[extend]\npath = 'x'",
		rule("regex = '''(?s)(a|b|){3,}[^x]\\pL*?(?P<n>\\Qabc\\E)$'''", "path = '.*'"),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 64<<10 {
			return
		}
		read := func(string) ([]byte, error) { return text, nil }
		c, warnings, err := Parse("c", text, Options{Ours: ours(), Read: read})
		if err != nil {
			return
		}
		if len(warnings) > maxWarnings+1 || strings.ContainsAny(strings.Join(warnings, ""), "\n\x1b\x00") {
			t.Errorf("warnings %q", warnings)
		}
		e, err := scan.New(scan.Options{Rules: c.Apply(ours()), NoMemory: true})
		if err != nil {
			t.Fatalf("the engine refuses the rules: %v", err)
		}
		_, err = e.Scanner().Scan(t.Context(), bytes.NewReader(text), func(m *scan.Match) {
			c.Judge(Found{Rule: m.Rule.ID, Secret: m.Secret}).Allows("a/b.go", []string{"x"})
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
