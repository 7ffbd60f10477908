// Package layers holds the map of this module: which package may import which,
// who may use which library, who may read the environment. It has only this
// test, which reads the source of every package, for every system.
package layers

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "github.com/git-envelope/git-envelope"

// arrows is the map. "a < b" says that b may import a, directly; NONE is no
// package of ours, ALL every one but the helpers of tests. A package that is not
// here fails the test, and so does an import that is not.
//
// Do not loosen this to mend a build. An arrow that points up means that
// something is in the wrong package: hand a function in from the caller, or move
// the type down. See "Where things live" in CONTRIBUTING.md.
const arrows = `
	# These know nothing of ours, so that each can be read, and trusted, alone.
	NONE < policy, filter/process, internal/envelope, internal/keys, internal/gitrepo, internal/hedge, internal/memlock, internal/audit, internal/hunk;

	# Providers know what a key is; they never know each other.
	internal/keys < internal/keys/agekey, internal/keys/awskms, internal/keys/azurekv, internal/keyring;
	internal/hedge < internal/keyring, internal/keys/awskms;

	# The agent keeps opened keys; it opens none.
	internal/keys, internal/memlock < internal/agent;

	# The filter runs no git: keys, policy and attributes come from its caller.
	policy, internal/envelope, internal/keys, filter/process < filter;

	# The verdict needs no key and no git.
	policy, internal/envelope, internal/scan < internal/check;
	internal/scan < internal/report;

	# The scanner's parts know one thing each; the engine puts them together, and
	# rules are data for it.
	NONE < internal/scan/assign, internal/scan/decode, internal/scan/archive, internal/scan/exact;
	internal/scan/assign, internal/scan/decode, internal/scan/archive < internal/scan;
	internal/scan, internal/scan/assign < internal/scan/rules;
	internal/scan < internal/scan/gitleaks;

	# One scan, from its source to its findings.
	internal/gitrepo, internal/check, internal/scan, internal/report < internal/sweep;

	internal/gitrepo, internal/envelope < internal/worktree;
	policy, internal/check, internal/gitrepo < hooks;

	ALL < cmd/git-envelope;

	# Helpers of tests.
	internal/gitrepo < internal/gitrepo/gittest;
	internal/keys < internal/keys/keystest;
	NONE < internal/keys/awskms/kmstest, internal/keys/azurekv/vaulttest;
	NONE < internal/layers;
`

// helpers may be imported by tests and by each other only.
var helpers = []string{"internal/gitrepo/gittest", "internal/keys/keystest", "internal/keys/awskms/kmstest", "internal/keys/azurekv/vaulttest"}

// libraries says which packages may import what is not ours; the longest prefix
// counts. It is about code that ships, not about tests. docs/dependencies.md
// gives the reasons.
const libraries = `
	filippo.io/age: internal/keys/agekey
	github.com/Azure: internal/keys/azurekv
	github.com/BurntSushi/toml: internal/scan/gitleaks
	github.com/aws: internal/keys/awskms
	github.com/bmatcuk/doublestar/v4: internal/report
	github.com/klauspost/compress: internal/envelope, internal/scan/archive
	github.com/rogpeppe/go-internal/diff: internal/hunk
	github.com/spf13/cobra: cmd/git-envelope
	github.com/spf13/pflag: cmd/git-envelope
	go.yaml.in/yaml: policy, internal/scan/exact
	golang.org/x/crypto/ssh: internal/keys/agekey
	golang.org/x/sys: internal/gitrepo, internal/memlock, internal/agent
`

// clouds are what must stay out of reach of keyless.
var (
	clouds  = []string{"github.com/aws", "github.com/Azure", module + "/internal/keys/awskms", module + "/internal/keys/azurekv"}
	keyless = []string{"hooks", "filter", "filter/process", "policy", "internal/check", "internal/envelope", "internal/scan", "internal/gitrepo"}
)

// environment may read the process's environment: the command declares each
// variable once, gitrepo hands Git's own on to git.
var environment = []string{"cmd/git-envelope", "internal/gitrepo", "internal/gitrepo/gittest"}

// readers of the environment, by package.
var readers = map[string][]string{
	"os":      {"Getenv", "LookupEnv", "Environ", "ExpandEnv", "UserHomeDir", "UserConfigDir", "UserCacheDir"},
	"syscall": {"Getenv", "Environ"},
}

func TestLayers(t *testing.T) {
	m, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(m) < 5 {
		t.Fatalf("only %d packages found", len(m))
	}
	for _, problem := range check(m) {
		t.Error(problem)
	}
}

// TestDependencies: the page names every module we import something of, and no
// other but those behind them.
func TestDependencies(t *testing.T) {
	m, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	required := modules(t)
	page, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	direct := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		for _, imp := range m[name].all {
			if mod := owner(required, imp); mod != "" && !direct[mod] {
				direct[mod] = true
				if !strings.Contains(string(page), "\n| `"+mod+"` |") {
					t.Errorf("docs/dependencies.md has no row for %s, which %s imports", mod, name)
				}
			}
		}
	}
	if len(direct) < 3 {
		t.Errorf("only found %d dependencies", len(direct))
	}
	for line := range strings.Lines(string(page)) {
		if row, ok := strings.CutPrefix(line, "| `"); ok {
			if mod, _, _ := strings.Cut(row, "`"); !direct[mod] {
				t.Errorf("docs/dependencies.md has a row for %s, of which nothing is imported", mod)
			}
		}
	}
}

// modules are the paths that go.mod requires.
func modules(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(strings.TrimPrefix(line, "require "))
		if len(fields) >= 2 && strings.Contains(fields[0], ".") && strings.HasPrefix(fields[1], "v") {
			all = append(all, fields[0])
		}
	}
	return all
}

// owner is the module that has a package: the longest path counts.
func owner(modules []string, imp string) string {
	best := ""
	for _, mod := range modules {
		if under(imp, mod) && len(mod) > len(best) {
			best = mod
		}
	}
	return best
}

// TestCheckFails: a map that nothing can break guards nothing.
func TestCheckFails(t *testing.T) {
	good := fstest.MapFS{
		"policy/policy.go":             file("// Package policy decides.\npackage policy"),
		"internal/keys/keys.go":        file("// Package keys has keys.\npackage keys"),
		"internal/check/check.go":      file("// Package check judges.\npackage check\nimport _ \"" + module + "/policy\""),
		"hooks/hooks.go":               file("// Package hooks hooks.\npackage hooks\nimport _ \"" + module + "/internal/check\""),
		"internal/keys/awskms/kms.go":  file("// Package awskms asks AWS.\npackage awskms\nimport _ \"github.com/aws/sdk\"\nimport _ \"" + module + "/internal/keys\""),
		"internal/keys/keystest/t.go":  file("// Package keystest tests.\npackage keystest\nimport _ \"" + module + "/internal/keys\""),
		"policy/policy_test.go":        file("package policy_test\nimport \"os\"\nimport _ \"" + module + "/hooks\"\nvar _ = os.Getenv"),
		"cmd/git-envelope/main.go":     file("// Command git-envelope.\npackage main\nimport env \"os\"\nimport _ \"" + module + "/internal/keys/awskms\"\nvar _ = env.Getenv"),
		"scripts/gen.go":               file("//go:build ignore\n\npackage main\nimport _ \"anything.example\""),
		"policy/testdata/broken.go":    file("not Go"),
		".hidden/x.go":                 file("not Go"),
		"internal/keys/agekey/age.go":  file("// Package agekey asks age.\npackage agekey"),
		"internal/keys/agekey/unix.go": file("//go:build unix\n\npackage agekey"),
	}
	tests := []struct{ name, file, text, want string }{
		{"nothing wrong", "policy/b.go", "package policy\nimport _ \"fmt\"", ""},
		{"arrow up", "policy/b.go", "package policy\nimport _ \"" + module + "/hooks\"", "policy/b.go:2: policy may not import hooks"},
		{"provider beside provider", "internal/keys/agekey/b.go", "package agekey\nimport _ \"" + module + "/internal/keys/awskms\"", "internal/keys/agekey may not import internal/keys/awskms"},
		{"new package", "internal/novel/a.go", "// Package novel is new.\npackage novel", "internal/novel is not in the table"},
		{"new library", "policy/b.go", "package policy\nimport _ \"example.com/x\"", "policy may not use example.com/x"},
		{"library of another", "policy/b.go", "package policy\nimport _ \"github.com/spf13/cobra\"", "policy may not use github.com/spf13/cobra"},
		{"name that only begins alike", "internal/keys/awskms/b.go", "package awskms\nimport _ \"github.com/awsome/x\"", "may not use github.com/awsome/x"},
		{"cloud in reach", "internal/check/b.go", "package check\nimport _ \"" + module + "/internal/keys/awskms\"", "hooks must not reach a cloud SDK: hooks → internal/check → internal/keys/awskms"},
		{"helper in shipping code", "hooks/b.go", "package hooks\nimport _ \"" + module + "/internal/keys/keystest\"", "hooks may not import internal/keys/keystest"},
		{"helper in the command", "cmd/git-envelope/b.go", "package main\nimport _ \"" + module + "/internal/keys/keystest\"", "cmd/git-envelope may not import internal/keys/keystest"},
		{"environment", "policy/b.go", "package policy\nimport \"os\"\nvar _ = os.Getenv(\"X\")", "policy/b.go:3: policy may not read the environment (os.Getenv)"},
		{"environment, renamed", "policy/b.go", "package policy\nimport o \"os\"\nvar _, _ = o.UserHomeDir()", "policy may not read the environment (os.UserHomeDir)"},
		{"environment, dot import", "policy/b.go", "package policy\nimport . \"os\"", "policy/b.go:2: dot import"},
		{"no comment", "filter/a.go", "package filter", "filter has 0 package comments"},
		{"two comments", "policy/b.go", "// Package policy, again.\npackage policy", "policy has 2 package comments"},
		{"second program", "hooks/cmd/main.go", "// Command x.\npackage main", "hooks/cmd is a second program"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fsys := maps.Clone(good)
			fsys[tt.file] = file(tt.text)
			m, err := load(fsys)
			if err != nil {
				t.Fatal(err)
			}
			problems := strings.Join(check(m), "\n")
			if tt.want == "" && problems != "" || !strings.Contains(problems, tt.want) {
				t.Errorf("problems:\n%s\nwant %q", problems, tt.want)
			}
		})
	}
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// pkg is one package as its files are written, tests apart.
type pkg struct {
	imports  map[string]string // import path: where, "file:line"
	all      []string          // import paths, those of tests too
	comments int
	main     bool
	problems []string // found while reading
}

// load reads every package of a module. Programs that a build ignores don't
// count; files for other systems do.
func load(fsys fs.FS) (map[string]*pkg, error) {
	m := map[string]*pkg{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if d.IsDir() {
			if name != "." && (base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
			return nil
		}
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if strings.HasPrefix(string(src), "//go:build ignore\n") {
			return nil
		}
		return folder(m, path.Dir(name)).add(name, src)
	})
	return m, err
}

// folder is the package of a folder, made if need be.
func folder(m map[string]*pkg, dir string) *pkg {
	if m[dir] == nil {
		m[dir] = &pkg{imports: map[string]string{}}
	}
	return m[dir]
}

func (p *pkg) add(name string, src []byte) error {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	test := strings.HasSuffix(name, "_test.go")
	if f.Doc != nil && (!test || strings.HasPrefix(f.Doc.Text(), "Package ")) {
		p.comments++
	}
	imports := make([]string, len(f.Imports))
	for i, spec := range f.Imports {
		if imports[i], err = strconv.Unquote(spec.Path.Value); err != nil {
			return err
		}
	}
	p.all = append(p.all, imports...)
	if test {
		return nil
	}
	p.main = p.main || f.Name.Name == "main"
	at := func(n ast.Node) string { return fmt.Sprintf("%s:%d", name, set.Position(n.Pos()).Line) }
	names := map[string]string{} // as the file calls it: import path
	for i, spec := range f.Imports {
		imp := imports[i]
		p.imports[imp] = at(spec)
		switch {
		case spec.Name == nil:
			names[path.Base(imp)] = imp
		case spec.Name.Name == ".":
			p.problems = append(p.problems, at(spec)+": dot import hides who is called")
		default:
			names[spec.Name.Name] = imp
		}
	}
	p.environment(f, at, names, path.Dir(name))
	return nil
}

// environment notes each use of a function that reads the environment.
func (p *pkg) environment(f *ast.File, at func(ast.Node) string, names map[string]string, dir string) {
	if slices.Contains(environment, dir) {
		return
	}
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(readers[names[x.Name]], sel.Sel.Name) {
			p.problems = append(p.problems, fmt.Sprintf("%s: %s may not read the environment (%s.%s): take the value from the command",
				at(sel), dir, names[x.Name], sel.Sel.Name))
		}
		return true
	})
}

// check lists what is wrong with a module.
func check(m map[string]*pkg) []string {
	allowed := parseArrows()
	var problems []string
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for _, name := range slices.Sorted(maps.Keys(m)) {
		p := m[name]
		problems = append(problems, p.problems...)
		if p.comments != 1 {
			complain("%s has %d package comments, want 1", name, p.comments)
		}
		if p.main && name != "cmd/git-envelope" {
			complain("%s is a second program: go install ./... would install it for everybody; mark it //go:build ignore", name)
		}
		may, known := allowed[name]
		if !known {
			complain("%s is not in the table of internal/layers/layers_test.go: decide where it stands", name)
			continue
		}
		for _, imp := range slices.Sorted(maps.Keys(p.imports)) {
			ours, isOurs := strings.CutPrefix(imp, module+"/")
			switch {
			case isOurs && !slices.Contains(may, ours) && !all(may, ours, name):
				complain("%s: %s may not import %s", p.imports[imp], name, ours)
			case !isOurs && outside(imp) && !slices.Contains(users(imp), name):
				complain("%s: %s may not use %s (see libraries in internal/layers/layers_test.go)", p.imports[imp], name, imp)
			}
		}
	}
	for _, name := range keyless {
		if way := reach(m, name, clouds); way != nil {
			complain("%s must not reach a cloud SDK: %s", name, strings.Join(way, " → "))
		}
	}
	return problems
}

// all tells whether ALL lets name import ours.
func all(may []string, ours, name string) bool {
	if slices.Contains(helpers, ours) {
		return slices.Contains(helpers, name)
	}
	return slices.Contains(may, "ALL")
}

// outside tells a library from the standard library: its path begins with a domain.
func outside(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return strings.Contains(first, ".")
}

// under tells whether imp is the package or module prefix, or below it.
func under(imp, prefix string) bool { return imp == prefix || strings.HasPrefix(imp, prefix+"/") }

// parseArrows reads the map: for each package what it may import.
func parseArrows() map[string][]string {
	allowed := map[string][]string{}
	for rule := range strings.SplitSeq(strip(arrows), ";") {
		if strings.TrimSpace(rule) == "" {
			continue
		}
		low, high, ok := strings.Cut(rule, "<")
		if !ok {
			panic("layers: bad rule " + rule)
		}
		for _, importer := range list(high) {
			allowed[importer] = append(allowed[importer], list(low)...)
		}
	}
	return allowed
}

// strip takes the comments out.
func strip(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func list(s string) []string {
	var out []string
	for item := range strings.SplitSeq(s, ",") {
		out = append(out, strings.TrimSpace(item))
	}
	return out
}

// users are the packages that may import a library.
func users(imp string) []string {
	var best, who string
	for line := range strings.Lines(libraries) {
		prefix, names, _ := strings.Cut(strings.TrimSpace(line), ":")
		if prefix != "" && under(imp, prefix) && len(prefix) > len(best) {
			best, who = prefix, names
		}
	}
	return list(who)
}

// reach finds the shortest way from a package to one of the targets.
func reach(m map[string]*pkg, from string, targets []string) []string {
	seen := map[string]bool{from: true}
	for queue := [][]string{{from}}; len(queue) > 0; queue = queue[1:] {
		way := queue[0]
		p := m[way[len(way)-1]]
		if p == nil {
			continue
		}
		for _, imp := range slices.Sorted(maps.Keys(p.imports)) {
			ours := strings.TrimPrefix(imp, module+"/")
			next := append(slices.Clone(way), ours)
			if slices.ContainsFunc(targets, func(t string) bool { return under(imp, t) }) {
				return next
			}
			if !seen[ours] {
				seen[ours] = true
				queue = append(queue, next)
			}
		}
	}
	return nil
}
