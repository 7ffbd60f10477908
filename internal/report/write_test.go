package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // its source holds the schema of OASIS
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write the golden files")

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// hostile is what no format may let through as it is.
const hostile = "a\nb\r\x1b[31m::error::x]]><b>,\"%0A{0}[l](http://x)\u202e\u009b\xff\x00\ufffe##[group]"

func fp(n int) string { return Fingerprint([]byte("key"), "r", fmt.Sprint(n), nil) }

func sample() *Report {
	c := Commit{OID: strings.Repeat("ab", 20), Author: "Ann <ann@example.com>", Time: noon.AddDate(0, -1, 0), Title: "add the settings"}
	d := Commit{OID: strings.Repeat("cd", 20), Author: "Bob <bob@example.com>", Time: noon, Title: "copy them"}
	return &Report{
		Version: 1, Tool: "git-envelope 1.2.3", Started: noon, Ended: noon.Add(2 * time.Second), Scope: "history", Commit: d.OID,
		Findings: []Finding{
			{Fingerprint: fp(2), Rule: "sealed-value", Verdict: 4, Severity: "critical", Place: "commit-message", Path: "cdcdcdcdcd", Line: 3,
				Message: "holds a sealed value", Sealed: "env/prod.yaml: db.password", Via: []string{"base64"}, Commits: []Commit{d}},
			{Fingerprint: fp(1), Rule: "sample-token", Verdict: 3, Severity: "high", Place: "file", Path: "conf/app.env", OID: "01", Line: 4, Column: 7, EndLine: 4, EndColumn: 46,
				Message: "token of a sample service", Redacted: "smp_…(40 bytes)", Validity: "verified", Hint: "revoke it", Commits: []Commit{c}},
			{Fingerprint: fp(1), Rule: "sample-token", Verdict: 3, Severity: "high", Place: "file", Path: "conf/app.env", OID: "01", Line: 9, Column: 7,
				Message: "token of a sample service", Redacted: "smp_…(40 bytes)", Validity: "verified", Hint: "revoke it", Commits: []Commit{c, d}},
			{Fingerprint: fp(3), Rule: "plain-at-sealed-path", Verdict: 1, Severity: "medium", Path: "conf/b: c.env", Message: "is to be sealed, but is plaintext", Hint: "git add --renormalize", Ring: "default"},
			{Fingerprint: fp(4), Rule: "damaged", Verdict: 1, Severity: "low", Place: "file", Path: "conf/d.env", Message: "is damaged", Hint: "git add --renormalize", Integrity: true},
		},
		Allowed: []Allowed{{Finding: Finding{Fingerprint: fp(5), Rule: "sample-token", Verdict: 3, Severity: "high", Place: "file", Path: "docs/x.md", Line: 1,
			Message: "token of a sample service"}, By: "inline", Reason: "from the manual"}},
		Stale: []string{".envelope/allow:3: allows nothing that is there"},
		Coverage: Coverage{Commits: 12, Files: 40, Objects: 1234, Bytes: 5 << 20, Cached: 30, Sealed: 4, Values: 17,
			Skipped: map[string]int{"archive nested too deep": 2, "encrypted archive": 1}},
		Undetermined: []string{"shallow boundary at abababababab"},
		Rules:        []Rule{{ID: "sample-token", Title: "sample service token", Severity: "high", Source: "https://example.com/tokens"}},
	}
}

// nasty has hostile text in everything that comes from a repository.
func nasty() *Report {
	f := Finding{Fingerprint: fp(1), Rule: "sample-token", Verdict: 3, Severity: "high", Place: "file", Path: "=cmd|" + hostile, Line: 1, Column: 2,
		Message: hostile, Hint: hostile, Redacted: hostile, Note: hostile, Via: []string{hostile}, Sealed: hostile,
		Commits: []Commit{{OID: strings.Repeat("a", 40), Author: hostile, Title: "=" + hostile, Time: noon}}}
	g := f
	g.Fingerprint, g.Place, g.Path, g.Line = "", "ref-name", hostile, 0
	return &Report{Version: 1, Tool: "git-envelope 1", Scope: hostile, Started: noon, Findings: []Finding{f, g},
		Allowed: []Allowed{{Finding: f, By: ".envelope/allow:1", Reason: hostile}},
		Stale:   []string{hostile}, Undetermined: []string{hostile}, Coverage: Coverage{Skipped: map[string]int{hostile: 1}}}
}

func render(t testing.TB, format string, r *Report, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, r, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	if len(Formats) != 8 {
		t.Fatalf("%d formats", len(Formats))
	}
	for _, format := range Formats {
		for name, r := range map[string]*Report{"sample": sample(), "hostile": nasty(), "clean": {Version: 1, Tool: "git-envelope 1", Scope: "staged", Started: noon}} {
			t.Run(format+"/"+name, func(t *testing.T) {
				got := render(t, format, r, Options{Verbose: name == "sample"})
				file := filepath.Join("testdata", name+"."+format)
				if *update {
					if err := os.WriteFile(file, got, 0o666); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(string(want), string(got)); d != "" {
					t.Error(d)
				}
			})
		}
	}
}

// TestHostile: no format prints a character that a terminal or a reader of lines obeys.
func TestHostile(t *testing.T) {
	for _, format := range Formats {
		out := string(render(t, format, nasty(), Options{Verbose: true}))
		if !utf8.ValidString(out) {
			t.Errorf("%s: is not UTF-8", format)
		}
		for _, bad := range []string{"\x1b", "\x00", "\u009b", "\u202e", "\ufffe"} {
			if strings.Contains(out, bad) {
				t.Errorf("%s: has %q", format, bad)
			}
		}
		for l := range strings.Lines(out) {
			if strings.HasPrefix(strings.TrimSpace(l), "::error::") {
				t.Errorf("%s: a line is a command: %q", format, l)
			}
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	if err := Write(io.Discard, "yaml", sample(), Options{}); err == nil || !strings.Contains(err.Error(), "sarif") {
		t.Errorf("error %v should name the formats", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteError(t *testing.T) {
	for _, format := range Formats {
		if err := Write(full{}, format, sample(), Options{}); err == nil {
			t.Errorf("%s: a failed write is no error", format)
		}
	}
}

func TestWriteChangesNothing(t *testing.T) {
	r := nasty()
	for _, format := range Formats {
		render(t, format, r, Options{})
	}
	if d := cmp.Diff(nasty(), r); d != "" {
		t.Error(d)
	}
}

func TestJSONKeepsPaths(t *testing.T) {
	for _, r := range []*Report{sample(), nasty()} {
		got, err := Read(bytes.NewReader(render(t, "json", r, Options{})))
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range r.copy().Findings {
			if got.Findings[i].Path != f.Path {
				t.Errorf("path %q became %q", f.Path, got.Findings[i].Path)
			}
		}
		again := render(t, "json", got, Options{})
		if !bytes.Equal(again, render(t, "json", r, Options{})) {
			t.Error("written again it is another")
		}
	}
}

// sarifSchema is the schema of OASIS, taken from the source of the module that
// embeds it: its own Validate sees only what its structures keep of a document.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	var dir bytes.Buffer
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3")
	list.Stdout, list.Stderr = &dir, os.Stderr
	if err := list.Run(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(strings.TrimSpace(dir.String()), "pkg/report/v210/sarif/schema.go")
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var text string
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && len(lit.Value) > len(text) {
			text = lit.Value
		}
		return true
	})
	if text, err = strconv.Unquote(text); err != nil {
		t.Fatal(err)
	}
	return compile(t, []byte(text))
}

func compile(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// conforms validates what a format writes of reports of all kinds.
func conforms(t *testing.T, format string, schema *jsonschema.Schema) {
	for name, r := range map[string]*Report{"sample": sample(), "hostile": nasty(), "clean": {Version: 1, Tool: "git-envelope"}, "bare": {Findings: []Finding{{}}}} {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(render(t, format, r, Options{Verbose: true})))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if schema.Validate(map[string]any{"version": "2.1"}) == nil {
		t.Error("the schema accepts anything")
	}
}

func TestSARIFSchema(t *testing.T) { conforms(t, "sarif", sarifSchema(t)) }

func TestGitLabSchema(t *testing.T) {
	text, err := os.ReadFile("testdata/gitlab.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	conforms(t, "gitlab", compile(t, text))
}

// TestSARIFForGitHub: what GitHub asks beyond the schema.
func TestSARIFForGitHub(t *testing.T) {
	for _, r := range []*Report{sample(), nasty(), {Findings: []Finding{{}}}} {
		var log sarifLog
		if err := json.Unmarshal(render(t, "sarif", r, Options{Verbose: true}), &log); err != nil {
			t.Fatal(err)
		}
		run := log.Runs[0]
		for _, res := range run.Results {
			if res.Message.Text == "" || len(res.Locations) != 1 || res.Locations[0].Physical.Artifact.URI == "" || run.Tool.Driver.Rules[res.RuleIndex].ID != res.RuleID {
				t.Errorf("%+v", res)
			}
		}
		if got := run.Invocations[0].Success; got != r.Proved() {
			t.Errorf("executionSuccessful is %v", got)
		}
	}
}

func TestSARIFLimit(t *testing.T) {
	r := &Report{Version: 1}
	for i := range maxSARIFResults + 10 {
		s := "low"
		if i >= maxSARIFResults {
			s = "critical"
		}
		r.Findings = append(r.Findings, Finding{Path: fmt.Sprintf("%06d", i), Rule: "r-" + s, Severity: s, Verdict: 3})
	}
	var log sarifLog
	if err := json.Unmarshal(render(t, "sarif", r, Options{}), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	critical := 0
	for _, res := range run.Results {
		if res.RuleID == "r-critical" {
			critical++
		}
	}
	if len(run.Results) != maxSARIFResults || critical != 10 {
		t.Errorf("%d results, %d of them critical", len(run.Results), critical)
	}
	if !strings.Contains(fmt.Sprint(run.Invocations), "10 results left out") {
		t.Errorf("nothing says so: %v", run.Invocations)
	}
}

func TestJUnitParses(t *testing.T) {
	var s junitSuites
	if err := xml.Unmarshal(render(t, "junit", nasty(), Options{Verbose: true}), &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Suite.Cases) != 4 || s.Failures != 2 || s.Errors != 1 || s.Suite.Skipped != 1 {
		t.Errorf("%+v", s)
	}
}

func TestCSVParses(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(render(t, "csv", nasty(), Options{Verbose: true}))).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		for _, c := range row {
			if strings.HasPrefix(c, "=") {
				t.Errorf("cell %q is a formula", c)
			}
		}
	}
}

func TestGitHubEscapes(t *testing.T) {
	r := &Report{Findings: []Finding{{Rule: "r", Severity: "high", Path: "a,b:c%.txt", Line: 2, Message: "100%"}}}
	got, _, _ := strings.Cut(string(render(t, "github", r, Options{})), "\n")
	if want := "::error file=a%2Cb%3Ac%25.txt,line=2,title=r::100%25"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestTidyJoins(t *testing.T) {
	r := sample()
	r.Tidy()
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Fingerprint == fp(1) })
	f := r.Findings[i]
	if len(r.Findings) != 4 || f.Line != 4 || !slices.Equal(f.Also, []int{9}) || len(f.Commits) != 2 || f.All != 0 {
		t.Errorf("%d findings, %+v", len(r.Findings), f)
	}
}

func TestFingerprint(t *testing.T) {
	k, s := []byte("k"), []byte("s")
	all := []string{
		Fingerprint(k, "r", "p", s), Fingerprint([]byte("l"), "r", "p", s), Fingerprint(k, "rp", "", s), Fingerprint(k, "r", "p", nil),
		Fingerprint(k, "r", "p", []byte{}), Fingerprint(k, "r", "p", nil, "a"), Fingerprint(k, "r", "p", nil, "a", ""), Fingerprint(k, "r", "p", nil, "", "a"),
	}
	for i, a := range all {
		if !fingerprintShape().MatchString(a) || slices.Contains(all[:i], a) {
			t.Errorf("%d: %s", i, a)
		}
	}
	if Fingerprint(k, "r", "p", s) != all[0] {
		t.Error("not stable")
	}
}

func TestRedact(t *testing.T) {
	for _, tt := range []struct{ secret, prefix, want string }{
		{"smp_" + strings.Repeat("x", 36), "smp_", "smp_…(40 bytes)"},
		{"smp_" + strings.Repeat("x", 15), "smp_", "…(16 to 31 bytes)"},
		{"other" + strings.Repeat("x", 36), "smp_", "…(32 to 63 bytes)"},
		{"hunter2", "", "…(under 8 bytes)"},
		{"hunter22", "", "…(8 to 15 bytes)"},
		{strings.Repeat("x", 256), "", "…(256 bytes or more)"},
		{strings.Repeat("x", 60), strings.Repeat("x", 30), "…(32 to 63 bytes)"},
	} {
		if got := Redact([]byte(tt.secret), tt.prefix); got != tt.want {
			t.Errorf("Redact(%q, %q) = %q, want %q", tt.secret, tt.prefix, got, tt.want)
		}
	}
}
