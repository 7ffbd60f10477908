// Package hooks installs, upgrades and removes git-envelope's native Git hooks,
// and runs the verdict of package check on what is staged.
//
// It is polite: a hook that somebody else wrote is never overwritten. One in the
// repository's own hooks folder is kept under another name and run first; in a
// folder that core.hooksPath points to elsewhere (husky, a shared folder)
// nothing is written, and the line to add is told instead.
package hooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
)

// Names are the native hooks that are installed. Git runs pre-merge-commit in
// place of pre-commit where a merge needs no help.
var Names = []string{"pre-commit", "pre-merge-commit", "commit-msg", "pre-push"}

// Known are all hooks there are. pre-receive belongs on a server, where its
// administrator installs it; FrameworkPush is run by the pre-commit framework.
var Known = append(slices.Clone(Names), "pre-receive", FrameworkPush)

// FrameworkPush is pre-push as the pre-commit framework runs it, which reads Git's
// list itself and tells of it in the environment. It is a hook of its own, and not
// guessed from the environment: that is inherited by whatever a hook runs, a 'git
// push' for instance.
const FrameworkPush = "framework-push"

// marker stands in the second line of every hook of ours.
const marker = "# git-envelope hook, version "

// version of the hook text; a hook with another version is rewritten.
const version = "2"

// chainedSuffix names the foreign hook that ours runs first.
const chainedSuffix = ".before-git-envelope"

// maxHook bounds how much of a hook file is read.
const maxHook = 1 << 20

// State of one hook.
type State int

const (
	Absent   State = iota
	Current        // ours, as this version writes it
	Outdated       // ours, of another version, for another program, or not executable
	Foreign        // somebody else's alone
	Called         // somebody else's, and it calls ours
)

// Hook is one native hook of a repository.
type Hook struct {
	Name    string
	Path    string
	State   State
	Chained bool // a foreign hook runs before ours
	// Ours tells whether the folder belongs to the repository itself, so that
	// we may write there.
	Ours bool
	// Changed tells whether Install wrote it.
	Changed bool
}

// Line is what a foreign hook manager has to run.
func (h Hook) Line() string { return "git-envelope hook " + h.Name + ` "$@"` }

// List looks at the hooks of a repository; program is the command that ours run.
func List(ctx context.Context, repo *gitrepo.Repo, program string) ([]Hook, error) {
	dir, _, err := repo.HooksDir(ctx)
	if err != nil {
		return nil, err
	}
	ours, err := inside(repo.CommonDir, dir)
	if err != nil {
		return nil, err
	}
	var list []Hook
	for _, name := range Names {
		h := Hook{Name: name, Path: filepath.Join(dir, name), Ours: ours}
		text, err := read(h.Path)
		if err != nil {
			return nil, err
		}
		h.State = stateOf(text, name, program)
		if h.State == Current && !executable(h.Path) { // Git passes it over
			h.State = Outdated
		}
		_, err = os.Lstat(h.Path + chainedSuffix)
		h.Chained = err == nil
		list = append(list, h)
	}
	return list, nil
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && (info.Mode().Perm()&0o111 != 0 || runtime.GOOS == "windows")
}

func stateOf(text []byte, name, program string) State {
	switch {
	case len(text) == 0:
		return Absent
	case bytes.Equal(text, script(name, program)):
		return Current
	case bytes.Contains(text, []byte("\n"+marker)):
		return Outdated
	case bytes.Contains(text, []byte("git-envelope hook "+name)), bytes.Contains(text, []byte("git envelope hook "+name)):
		return Called
	}
	return Foreign
}

// Install writes or upgrades the hooks and tells what they are then. Hooks in
// folders that are not the repository's own stay as they are.
func Install(ctx context.Context, repo *gitrepo.Repo, program string) ([]Hook, error) {
	list, err := List(ctx, repo, program)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if h := &list[i]; h.Ours {
			if err := h.install(program); err != nil {
				return nil, fmt.Errorf("install the %s hook: %w", h.Name, err)
			}
		}
	}
	return list, nil
}

func (h *Hook) install(program string) error {
	switch h.State {
	case Current, Called:
		return nil
	case Foreign:
		if h.Chained {
			return fmt.Errorf("both %s and %s are there and neither is ours; remove one", h.Path, filepath.Base(h.Path)+chainedSuffix)
		}
		if err := os.Rename(h.Path, h.Path+chainedSuffix); err != nil {
			return err
		}
		h.Chained = true
	}
	if err := write(h.Path, script(h.Name, program)); err != nil {
		if h.State == Foreign {
			err = errors.Join(err, os.Rename(h.Path+chainedSuffix, h.Path))
		}
		return err
	}
	h.State, h.Changed = Current, true
	return nil
}

// Uninstall removes our hooks and puts the foreign ones back where they were.
func Uninstall(ctx context.Context, repo *gitrepo.Repo, program string) ([]Hook, error) {
	list, err := List(ctx, repo, program)
	if err != nil {
		return nil, err
	}
	var removed []Hook
	for _, h := range list {
		if !h.Ours || (h.State != Current && h.State != Outdated) {
			continue
		}
		if h.Chained {
			err = os.Rename(h.Path+chainedSuffix, h.Path)
		} else {
			err = os.Remove(h.Path)
		}
		if err != nil {
			return removed, fmt.Errorf("remove the %s hook: %w", h.Name, err)
		}
		removed = append(removed, h)
	}
	return removed, nil
}

// script is the hook's text. A hook whose program is gone refuses the commit:
// without it nobody looks for plaintext.
func script(name, program string) []byte {
	input, feed, run := "", "", "exec "
	if name == "pre-push" {
		// Git's list of what is pushed is for both hooks; the dot keeps the line ends.
		input, feed, run = "input=$(cat; echo .)\n", `printf %s "${input%.}" | `, ""
	}
	return []byte(`#!/bin/sh
` + marker + version + ` (made by 'git envelope install'; 'git envelope uninstall' removes it)
before="$0` + chainedSuffix + `"
` + input + `if [ -x "$before" ]; then
	` + feed + `"$before" "$@" || exit $?
fi
if ! command -v ` + program + ` >/dev/null 2>&1; then
	echo "git-envelope: error: the ` + name + ` hook cannot find ` + strings.ReplaceAll(program, `"`, ``) + `" >&2
	echo "git-envelope: hint: install it again, then run 'git envelope install'" >&2
	exit 3
fi
` + feed + run + program + ` hook ` + name + ` "$@"
`)
}

// inside tells whether dir is parent or below it, links resolved.
func inside(parent, dir string) (bool, error) {
	parent, err := filepath.EvalSymlinks(parent)
	if err != nil {
		return false, err
	}
	resolved, err := filepath.EvalSymlinks(dir)
	if errors.Is(err, fs.ErrNotExist) {
		resolved, err = filepath.Clean(dir), nil
	}
	if err != nil {
		return false, err
	}
	rel, err := filepath.Rel(parent, resolved)
	return err == nil && filepath.IsLocal(rel), nil
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxHook))
}

// write replaces the file as a whole: a half-written hook would block commits.
func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp := path + ".new-git-envelope"
	if err := os.WriteFile(tmp, text, 0o755); err != nil {
		_ = os.Remove(tmp)
		return err
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		_ = os.Remove(tmp)
		return err
	}
	return os.Rename(tmp, path)
}
