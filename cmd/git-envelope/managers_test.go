package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v4"

	"github.com/git-envelope/git-envelope/hooks"
	"github.com/git-envelope/git-envelope/internal/report"
)

const hooksDocument = "../../docs/hooks.md"

// snippets are the fenced blocks below a heading of a document, each with the
// prose line before it.
func snippets(document, heading string) (list []struct{ before, text string }) {
	_, section, _ := strings.Cut(document, "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	before := ""
	for section != "" {
		prose, rest, ok := strings.Cut(section, "\n```")
		if !ok {
			return list
		}
		before = prose[strings.LastIndex(strings.TrimSpace(prose), "\n")+1:]
		_, rest, _ = strings.Cut(rest, "\n")
		text, rest, _ := strings.Cut(rest, "\n```\n")
		list = append(list, struct{ before, text string }{strings.TrimSpace(before), text + "\n"})
		section = "\n" + rest
	}
	return list
}

// managed gives the shell line of each hook, as the document has it for a manager.
func managed(document, manager string) (map[string]string, error) {
	lines := map[string]string{}
	for _, s := range snippets(document, strings.ToUpper(manager[:1])+manager[1:]) {
		if manager == "husky" {
			name, ok := strings.CutPrefix(s.before, "`.husky/")
			name, _, ok2 := strings.Cut(name, "`")
			if !ok || !ok2 {
				return nil, fmt.Errorf("no file is named before %q", s.text)
			}
			lines[name] = s.text
			continue
		}
		var config map[string]struct {
			Commands map[string]struct {
				Run      string `yaml:"run"`
				UseStdin bool   `yaml:"use_stdin"`
			} `yaml:"commands"`
		}
		if err := yaml.Unmarshal([]byte(s.text), &config); err != nil {
			return nil, err
		}
		for name, hook := range config {
			command := hook.Commands["git-envelope"]
			if (name == "pre-push") != command.UseStdin {
				return nil, fmt.Errorf("%s: use_stdin is %t", name, command.UseStdin)
			}
			// Lefthook puts the arguments of the hook in for {1}, {2}, …
			lines[name] = strings.NewReplacer("{1}", `"$1"`, "{2}", `"$2"`).Replace(command.Run) + "\n"
		}
	}
	for name := range lines {
		if !slices.Contains(hooks.Names, name) {
			return nil, fmt.Errorf("%s is no hook of ours", name)
		}
	}
	if lines["pre-commit"] == "" || lines["commit-msg"] == "" || lines["pre-push"] == "" {
		return nil, fmt.Errorf("hooks of %s: %v", manager, lines)
	}
	return lines, nil
}

// managed MANAGER: hooks of the current repository that run the lines of
// docs/hooks.md as that manager does, in place of ours.
func cmdManaged(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 1, "managed husky|lefthook")
	text, err := os.ReadFile(hooksDocument)
	ts.Check(err)
	lines, err := managed(string(text), args[0])
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs(".husky/_"), 0o755))
	for name, line := range lines {
		ts.Check(os.WriteFile(ts.MkAbs(".husky/"+name), []byte(line), 0o644))
		ts.Check(os.WriteFile(ts.MkAbs(".husky/_/"+name), []byte("#!/usr/bin/env sh\nexec sh -e \".husky/"+name+"\" \"$@\"\n"), 0o755))
	}
	ts.Check(ts.Exec("git", "config", "core.hooksPath", ".husky/_"))
}

// TestHooksDocument: the snippets for servers and CI services are well-formed, and
// what they run is there.
func TestHooksDocument(t *testing.T) {
	text, err := os.ReadFile(hooksDocument)
	if err != nil {
		t.Fatal(err)
	}
	document := string(text)
	if s := snippets(document, "On a server"); len(s) != 1 || !strings.Contains(s[0].text, "git-envelope hook pre-receive\n") {
		t.Errorf("server: %q", s)
	}
	services := snippets(document, "CI")
	if len(services) != 2 {
		t.Fatalf("%d CI services", len(services))
	}
	for _, s := range services {
		var doc any
		if err := yaml.Unmarshal([]byte(s.text), &doc); err != nil {
			t.Errorf("%s: %v", s.before, err)
		}
		ranges := 0
		for line := range strings.Lines(s.text) {
			_, args, ok := strings.Cut(line, "git-envelope scan ")
			if !ok {
				continue
			}
			root, _ := (&app{}).command()
			scan, _, err := root.Find([]string{"scan"})
			if err == nil {
				err = scan.ParseFlags(strings.Fields(strings.ReplaceAll(strings.NewReplacer("${{ ", "", " }}", "").Replace(args), `"`, "")))
			}
			if err != nil {
				t.Errorf("%s: %v", strings.TrimSpace(line), err)
				continue
			}
			if format := scan.Flag("format").Value.String(); !slices.Contains(report.Formats, format) {
				t.Errorf("%s: no format %q", strings.TrimSpace(line), format)
			}
			if scan.Flag("range").Value.String() != "" {
				ranges++
			}
		}
		if ranges != 1 || !strings.Contains(s.text, "fetch-depth: 0\n") && !strings.Contains(s.text, `GIT_DEPTH: "0"`) {
			t.Errorf("%s: %d ranges, or not all of history is fetched", s.before, ranges)
		}
	}
}
