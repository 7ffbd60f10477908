package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v4"

	"github.com/git-envelope/git-envelope/hooks"
)

const frameworkHooks = "../../.pre-commit-hooks.yaml"

// framework: sets up, in the current folder, the hooks that the repository offers
// to the pre-commit framework, to be run as the program on PATH, and installs the
// framework's own native hooks in place of ours.
func cmdFramework(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 0, "framework")
	version, err := exec.Command("pre-commit", "--version").Output()
	ts.Check(err)
	text, err := os.ReadFile(frameworkHooks)
	ts.Check(err)
	stages := stageNames(string(version))
	ts.Setenv("PUSH", stages("pre-push"))
	config, err := localConfig(text, stages)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(".pre-commit-config.yaml"), config, 0o644))
	for _, name := range hooks.Names { // the framework would run ours first
		ts.Check(os.RemoveAll(ts.MkAbs(filepath.Join(".git", "hooks", name))))
	}
	ts.Setenv("PRE_COMMIT_HOME", filepath.Join(ts.Getenv("WORK"), ".pre-commit"))
	ts.Check(ts.Exec("pre-commit", "install", "-t", "pre-commit", "-t", "pre-merge-commit", "-t", "commit-msg", "-t", "pre-push"))
}

// stageNames gives the names of stages in a version of the framework: before 3.2
// (Debian 12 has 3.0) three had others.
func stageNames(version string) func(string) string {
	var major, minor int
	_, err := fmt.Sscanf(version, "pre-commit %d.%d", &major, &minor)
	former := map[string]string{"pre-commit": "commit", "pre-merge-commit": "merge-commit", "pre-push": "push"}
	return func(stage string) string {
		if old := former[stage]; err == nil && old != "" && (major < 3 || major == 3 && minor < 2) {
			return old
		}
		return stage
	}
}

// localConfig makes the offered hooks those of a local repository, which needs no
// build and no network. All else stays as it is offered.
func localConfig(text []byte, stageName func(string) string) ([]byte, error) {
	var offered []map[string]any
	if err := yaml.Unmarshal(text, &offered); err != nil {
		return nil, err
	}
	for _, h := range offered {
		h["language"] = "system"
		delete(h, "minimum_pre_commit_version")
		stages, ok := h["stages"].([]any)
		if !ok {
			return nil, fmt.Errorf("%v has no stages", h["id"])
		}
		for i, stage := range stages {
			stages[i] = stageName(fmt.Sprint(stage))
		}
	}
	return yaml.Marshal(map[string]any{"repos": []any{map[string]any{"repo": "local", "hooks": offered}}})
}

// leak FILE [SEED]: appends a line with a token that looks like one of GitLab's, and
// is made of the seed.
func cmdLeak(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) > 0 && len(args) < 3, "leak FILE [SEED]")
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	ts.Check(err)
	defer f.Close()
	_, err = fmt.Fprintf(f, "see %s\n", madeUpToken(strings.Join(args[1:], "")))
	ts.Check(err)
}

func madeUpToken(seed string) string {
	sum := sha256.Sum256([]byte("token" + seed))
	return "glpat" + "-" + strings.NewReplacer("+", "a", "/", "b").Replace(base64.StdEncoding.EncodeToString(sum[:]))[:20]
}

// absent DIR MARKER: no file below DIR has the marker in it, and there is
// one file at least.
func cmdAbsent(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 2, "absent DIR MARKER")
	files := map[string][]byte{}
	ts.Check(gather(files, ts.MkAbs(args[0])))
	if len(files) == 0 {
		ts.Fatalf("no files below %s", args[0])
	}
	for name, content := range files {
		if bytes.Contains(content, []byte(args[1])) {
			ts.Fatalf("%s has %q in it", name, args[1])
		}
	}
}
