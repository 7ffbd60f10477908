package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/keyring"
)

// sync brings what others pushed, by merge or rebase, and pushes.
func (p *lifePerson) sync(rebase bool) {
	p.Helper()
	p.commitAll()
	p.both("fetch", "-q", "origin")
	tip := strings.TrimSpace(p.git("rev-parse", "origin/main"))
	theirs := p.past[tip].audience
	if theirs == nil {
		p.Fatalf("nobody noted %s", tip)
	}
	if !rebase || !p.rebase(theirs) {
		p.merge("origin/main", theirs)
	}
	p.push()
	p.unlock()
}

// push pushes. The hook stops just what takes somebody out.
func (p *lifePerson) push() {
	p.Helper()
	p.good(p.twin, "git", "push", "-q", "origin", "main")
	if _, code, talk := p.run(p.clone, "", "git", "push", "-q", "origin", "main"); code != 0 {
		p.tell("  push refused: %s", talk)
		p.git("push", "-q", "--no-verify", "origin", "main")
	}
}

// expect is the audience after a merge with a revision.
func (p *lifePerson) expect(rev string, theirs audience) audience {
	bases := lines(p.git("merge-base", "--all", "HEAD", rev))
	if len(bases) != 1 || p.past[bases[0]].audience == nil {
		return nil
	}
	return joined(p.past[bases[0]].audience, p.audience, theirs)
}

func (p *lifePerson) rebase(theirs audience) bool {
	p.Helper()
	want := p.expect("origin/main", theirs)
	_, code, talk := p.run(p.clone, "", "git", "rebase", "-q", "origin/main")
	_, twin, _ := p.run(p.twin, "", "git", "rebase", "-q", "origin/main")
	if code == 0 && twin != 0 {
		p.Fatalf("%s: a rebase goes well where Git has a conflict", p.name)
	}
	if code != 0 || twin != 0 {
		p.tell("  rebase: conflict, twin's too: %v: %s", twin != 0, firstLines(talk))
		if code != 0 {
			p.git("rebase", "--abort")
		}
		if twin != 0 {
			p.good(p.twin, "git", "rebase", "--abort")
		} else {
			p.good(p.twin, "git", "reset", "-q", "--hard", "ORIG_HEAD")
		}
		return false
	}
	p.merged(want)
	p.record()
	return true
}

func firstLines(s string) string { return strings.Join(lines(s)[:min(6, len(lines(s)))], " | ") }

// merged takes over who the recipients are now.
func (p *lifePerson) merged(want audience) {
	p.Helper()
	got := p.readAudience()
	if want != nil && !maps.Equal(got, want) {
		p.Fatalf("%s: merged, the policy has %v, want %v", p.name, got, want)
	}
	p.audience = got
}

// merge merges a revision, and settles the conflicts that there are.
func (p *lifePerson) merge(rev string, theirs audience) {
	p.Helper()
	want := p.expect(rev, theirs)
	ours, twins := p.forward(p.clone, rev), p.forward(p.twin, rev)
	if ours && twins {
		p.merged(want)
		p.record()
		return
	}
	code, talk := 0, ""
	if !ours {
		_, code, talk = p.run(p.clone, "", "git", "merge", "-q", "--no-commit", "--no-ff", rev)
	}
	if !twins {
		p.run(p.twin, "", "git", "merge", "-q", "--no-commit", "--no-ff", rev)
	}
	got, plain := p.unmerged(p.clone), p.unmerged(p.twin)
	for path := range plain {
		if !got[path] {
			p.Fatalf("%s: %s is merged where Git has a conflict", p.name, path)
		}
	}
	if code != 0 {
		p.tell("  merge: conflicts %v, the twin's %v: %s", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(plain)), firstLines(talk))
	}
	for path := range got {
		if folder := filepath.Dir(path); slices.Contains(lifeFolders, folder) && !p.holds(folder) {
			p.giveUp(rev, theirs)
			return
		}
	}
	for path := range got {
		p.settle(path, plain[path])
	}
	p.merged(want)
	p.commit("--no-verify")
}

// holds tells whether p can open all that the repository has in a folder, on every
// branch: a conflict shows no more of it.
func (p *lifePerson) holds(folder string) bool {
	p.Helper()
	for path := range p.ever {
		ring, id, _, _ := keyring.ParsePath(path)
		if p.folderOf(ring) == folder && !p.opens(id.String()) {
			return false
		}
	}
	return true
}

// giveUp leaves a conflict, for want of keys, to those who have them: p's work goes
// to a branch of its own.
func (p *lifePerson) giveUp(rev string, theirs audience) {
	p.Helper()
	p.tell("  given up for want of keys")
	p.both("reset", "-q", "--hard")
	if rev != "origin/main" {
		return
	}
	p.n++
	p.both("push", "-q", "--no-verify", "origin", fmt.Sprintf("HEAD:refs/heads/stuck%d", p.n))
	p.both("reset", "-q", "--hard", rev)
	p.audience = maps.Clone(theirs)
}

// forward merges a revision if that takes no merge.
func (p *lifePerson) forward(dir, rev string) bool {
	p.Helper()
	_, code, _ := p.run(dir, "", "git", "merge", "-q", "--ff-only", rev)
	return code == 0
}

func (p *lifePerson) unmerged(dir string) map[string]bool {
	out := map[string]bool{}
	for _, e := range strings.Split(p.good(dir, "git", "diff", "--name-only", "-z", "--diff-filter=U"), "\x00") {
		if e != "" {
			out[e] = true
		}
	}
	return out
}

// settle resolves a conflict: with a text of its own, or as the twin has it.
func (p *lifePerson) settle(path string, both bool) {
	p.Helper()
	twin := filepath.Join(p.twin, path)
	text, err := os.ReadFile(twin)
	switch {
	case strings.HasPrefix(path, keysDir+"/"): // both let the same one in: either is right
		p.git("checkout", "-q", "--ours", "--", path)
		p.git("add", "--", path)
	case !slices.Contains(lifeFolders, filepath.Dir(path)):
		p.Fatalf("%s: a conflict in %s", p.name, path)
	case errors.Is(err, os.ErrNotExist):
		p.git("rm", "-q", "--cached", "--ignore-unmatch", "--", path)
		p.must(os.RemoveAll(filepath.Join(p.clone, path)))
		if both {
			p.good(p.twin, "git", "rm", "-q", "--ignore-unmatch", "--", path)
		}
	default:
		if both {
			text = []byte("settled " + p.mark() + "\n")
		}
		p.write(path, string(text))
		p.git("add", "--", path)
		if both {
			p.good(p.twin, "git", "add", "--", path)
		}
	}
}
