package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFrameworkBuilds: the framework builds and runs the hook from a clone, as it
// does on users' machines, with the modules that are on this machine already.
func TestFrameworkBuilds(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the program anew")
	}
	for _, program := range []string{"pre-commit", "go"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s here", program)
		}
	}
	work := t.TempDir()
	home, err := makeHome(work, "you")
	if err != nil {
		t.Fatal(err)
	}
	env := append(scriptEnvironment(), "HOME="+home, "GIT_CONFIG_GLOBAL="+filepath.Join(home, "gitconfig"), "PATH="+os.Getenv("PATH"),
		"PRE_COMMIT_HOME="+filepath.Join(work, "framework"), "GOPROXY=file://"+goEnv(t, "GOMODCACHE")+"/cache/download", "GOSUMDB=off",
		"GOCACHE="+goEnv(t, "GOCACHE"), "GOFLAGS=-mod=mod -modcacherw -buildvcs=false", "GOTOOLCHAIN=local")
	run := func(dir string, args ...string) (string, error) {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	must := func(dir string, args ...string) string {
		t.Helper()
		out, err := run(dir, args...)
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return out
	}
	offered, user := filepath.Join(work, "offered"), filepath.Join(work, "user")
	copyTracked(t, offered)
	// The stages of Debian's framework have other names.
	stages := stageNames(must(work, "pre-commit", "--version"))
	hooks := filepath.Join(offered, ".pre-commit-hooks.yaml")
	text, err := os.ReadFile(hooks)
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`(?m)^  minimum_pre_commit_version:.*\n`).ReplaceAll(text, nil)
	text = regexp.MustCompile(`(?m)^  stages:.*$`).ReplaceAllFunc(text, func(line []byte) []byte {
		return regexp.MustCompile(`[a-z-]+-[a-z]+`).ReplaceAllFunc(line, func(s []byte) []byte { return []byte(stages(string(s))) })
	})
	if err := os.WriteFile(hooks, text, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"init -q", "add -A", "commit -qm offered"} {
		must(offered, append([]string{"git"}, strings.Fields(args)...)...)
	}
	if err := os.Mkdir(user, 0o755); err != nil {
		t.Fatal(err)
	}
	must(user, "git", "init", "-q")
	config := "repos:\n  - repo: " + offered + "\n    rev: " + must(offered, "git", "rev-parse", "HEAD") + "    hooks:\n      - id: git-envelope-staged\n"
	if err := os.WriteFile(filepath.Join(user, ".pre-commit-config.yaml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(user, "leak"), []byte(madeUpToken("build")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	must(user, "git", "add", ".")
	out, err := run(user, "pre-commit", "run")
	if strings.Contains(out, "file://") && strings.Contains(out, "no such file or directory") {
		t.Skipf("not all modules are in this machine's cache:\n%.500s", out)
	}
	if err == nil || !strings.Contains(out, "leak:1:1: holds a secret") {
		t.Errorf("%v\n%s", err, out)
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// copyTracked copies what this repository tracks, as it is now.
func copyTracked(t *testing.T, to string) {
	t.Helper()
	const top = "../.."
	cmd := exec.Command("git", "ls-files", "-z", "--cached")
	cmd.Dir = top
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("this is no checkout: %v", err)
	}
	for _, name := range strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(top, name))
		if os.IsNotExist(err) {
			continue
		}
		if err == nil {
			err = os.MkdirAll(filepath.Join(to, filepath.Dir(name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
