package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// own are the files that p can work on: those of folders whose keys are all there.
func (p *lifePerson) own() (paths []string) {
	files := p.workTree(p.twin)
	for _, folder := range lifeFolders {
		if !p.works(folder) {
			continue
		}
		for _, path := range slices.Sorted(maps.Keys(files)) {
			if strings.HasPrefix(path, folder+"/") {
				paths = append(paths, path)
			}
		}
	}
	return paths
}

func (p *lifePerson) edit() {
	p.Helper()
	paths := p.own()
	if len(paths) == 0 {
		return
	}
	for range 1 + p.rng.IntN(3) {
		path := pick(p.life, paths)
		text, err := os.ReadFile(filepath.Join(p.twin, path))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		p.must(err)
		list := strings.SplitAfter(string(text), "\n")
		switch p.rng.IntN(8) {
		case 0:
			list = append(list, "and "+p.mark()+"\n")
		case 1:
			list = list[:p.rng.IntN(len(list)+1)]
		case 2:
			path = filepath.Dir(path) + fmt.Sprintf("/new%d", p.n)
			list = []string{p.mark(), "\x00binary\r\n"}
		case 3:
			for _, dir := range []string{p.clone, p.twin} {
				p.must(os.Remove(filepath.Join(dir, path)))
			}
			paths = slices.DeleteFunc(paths, func(x string) bool { return x == path })
			if len(paths) == 0 {
				return
			}
			continue
		default:
			list[p.rng.IntN(len(list))] = "now " + p.mark() + "\n"
		}
		p.write(path, strings.Join(list, ""))
		if p.odds(4) {
			p.both("add", "--", path)
		}
	}
}

func (p *lifePerson) commitAll() {
	p.Helper()
	p.both("add", "-A")
	if len(p.changes(p.clone))+len(p.changes(p.twin)) > 0 {
		p.commit()
	}
}

// keysStep runs git-envelope, now and then killed at first, holds the state before its
// commit against what it ought to be, and commits.
func (p *lifePerson) keysStep(noVerify bool, args ...string) {
	p.Helper()
	p.tell("  %s", strings.Join(args, " "))
	if p.odds(3) {
		p.kill(args...)
	}
	start := time.Now()
	p.env(args...)
	p.took[args[0]] = time.Since(start)
	p.noteKeys()
	p.checkStatus(true)
	p.checkIndex()
	p.checkTree()
	if noVerify {
		p.commit("--no-verify")
	} else {
		p.commit()
	}
}

// kill starts git-envelope and kills it after a while, alone or with all that it has
// started. Then no file and no text of the index is another one.
func (p *lifePerson) kill(args ...string) {
	p.Helper()
	cmd := p.command(p.clone, append([]string{"git-envelope"}, args...)...)
	p.must(cmd.Start())
	after := time.Duration(p.rng.Float64() * float64(p.took[args[0]]+50*time.Millisecond))
	time.Sleep(after)
	whom := cmd.Process.Pid
	if p.odds(2) {
		whom = -whom
	}
	_ = syscall.Kill(whom, syscall.SIGKILL)
	err := cmd.Wait()
	for syscall.Kill(-cmd.Process.Pid, 0) == nil { // what it has started may go on
		time.Sleep(time.Millisecond)
	}
	lock := filepath.Join(p.clone, ".git", "index.lock")
	locked := os.Remove(lock) == nil
	p.tell("  killed after %s: %v (index.lock left: %v)", after, err, locked)
	if err != nil {
		p.killed++
	}
	p.checkIndex()
	p.checkTree()
}

func (p *lifePerson) rotate() {
	p.Helper()
	folder := pick(p.life, lifeFolders)
	p.keysStep(false, "rotate", "--ring", p.ring[folder])
}

func (p *lifePerson) reseal() {
	p.Helper()
	args := []string{"reseal"}
	for _, folder := range lifeFolders {
		if p.works(folder) {
			args = append(args, "--ring", p.ring[folder])
		}
	}
	if len(args) > 1 {
		p.keysStep(false, args...)
		for _, folder := range lifeFolders {
			if p.works(folder) {
				p.checkResealed(folder)
			}
		}
	}
}

// checkResealed: nothing of a folder is under an older key.
func (p *lifePerson) checkResealed(folder string) {
	p.Helper()
	current := p.current(folder)
	blobs := entries(p.git("ls-files", "-s", "-z", "--", folder))
	for i, blob := range p.stored(p.clone, blobs) {
		if id := keyOf(blob); id != "" && id != current {
			p.Fatalf("%s: %s is under %s after reseal, not %s", p.name, blobs[i].path, id[:8], current[:8])
		}
	}
}

// widen notes that the audience of a folder may get all its keys.
func (p *lifePerson) widen(folder string) {
	p.noteKeys()
	for id := range p.keysOf(folder) {
		for _, q := range p.people {
			if p.audience[folder+" "+q.name] {
				p.may[id][q.name] = true
			}
		}
	}
}

func (p *lifePerson) rewrap() {
	p.Helper()
	args := []string{"rewrap"}
	for _, folder := range lifeFolders {
		if p.works(folder) {
			p.widen(folder)
			args = append(args, "--ring", p.ring[folder])
		}
	}
	if len(args) > 1 {
		p.keysStep(false, args...)
		p.both("status")
	}
}

func (p *lifePerson) other() *lifePerson {
	for {
		if q := pick(p.life, p.people[1:]); q != p {
			return q
		}
	}
}

func (p *lifePerson) add() {
	p.Helper()
	folder, q := pick(p.life, lifeFolders), p.other()
	if !p.works(folder) {
		return
	}
	p.audience[folder+" "+q.name] = true
	p.widen(folder)
	p.keysStep(false, "recipient", "add", "--ring", p.ring[folder], "--age", q.recipient.URI)
}

func (p *lifePerson) remove() {
	p.Helper()
	folder, q := pick(p.life, lifeFolders), p.other()
	if !p.works(folder) || !p.audience[folder+" "+q.name] {
		return
	}
	p.noteKeys()
	delete(p.audience, folder+" "+q.name)
	args := []string{"recipient", "remove", "--ring", p.ring[folder], "--age", q.recipient.URI}
	if !p.odds(3) {
		args = append(args, "--rotate")
	}
	p.keysStep(true, args...)
	if slices.Contains(args, "--rotate") {
		p.checkResealed(folder)
		if p.may[p.current(folder)][q.name] {
			p.Fatalf("%s: %s has the key that was made when they left", p.name, q.name)
		}
	}
}

// rename gives a ring another name, when nobody has anything in hand.
func (p *lifePerson) rename() {
	p.Helper()
	folder := pick(p.life, lifeFolders)
	p.together()
	if !p.works(folder) {
		return
	}
	p.n++
	name := fmt.Sprintf("%s-%d", folder, p.n)
	p.env("ring", "rename", p.ring[folder], name)
	p.ring[folder] = name
	p.noteKeys()
	p.commit("--no-verify")
	p.together()
}

// lock makes the clone ciphertext and back; with edits at hand it refuses.
func (p *lifePerson) lock() {
	p.Helper()
	edited := false
	for _, state := range p.changes(p.twin) {
		edited = edited || state[1] != ' ' && state != "??" && state[1] != 'D'
	}
	out, code, talk := p.run(p.clone, "", "git-envelope", "lock")
	if edited != (code != 0) && code != exitLocked {
		p.Fatalf("%s: lock exits %d, with edits %v: %s%s", p.name, code, edited, out, talk)
	}
	if code == 0 {
		for path, text := range p.workTree(p.clone) {
			if twin := p.changes(p.twin)[path]; strings.Contains(text, p.marker) && twin != "??" {
				p.Fatalf("%s: %s is plaintext in a locked clone", p.name, path)
			}
		}
		p.checkStatus(false)
		p.touch()
	}
	p.unlock()
}

// unlock opens what can be opened.
func (p *lifePerson) unlock() {
	p.Helper()
	if _, code, talk := p.run(p.clone, "", "git-envelope", "unlock"); code != 0 && code != exitLocked {
		p.Fatalf("%s: unlock: exit %d: %s", p.name, code, talk)
	}
}

func (p *lifePerson) touch() {
	p.Helper()
	for path := range p.workTree(p.clone) {
		if p.odds(2) {
			p.must(os.Chtimes(filepath.Join(p.clone, path), time.Time{}, time.Now().Add(-time.Duration(p.rng.IntN(1e9))*time.Second)))
		}
	}
	p.checkStatus(false)
}

// stash puts edits aside, rotates perhaps, and takes them back.
func (p *lifePerson) stash() {
	p.Helper()
	if p.good(p.twin, "git", "status", "--porcelain", "-uno") == "" {
		return
	}
	p.both("stash", "-q")
	p.checkStatus(false)
	if p.odds(2) {
		p.rotate()
	}
	p.both("stash", "pop", "-q", "--index")
}

// branch works on a branch and on main, and merges the two.
func (p *lifePerson) branch() {
	p.Helper()
	p.commitAll()
	name := fmt.Sprintf("side%d", p.n)
	p.both("switch", "-q", "-c", name)
	p.work()
	theirs := maps.Clone(p.audience)
	p.both("switch", "-q", "main")
	p.audience = p.readAudience()
	p.work()
	p.merge(name, theirs)
}

// work is some steps, committed.
func (p *lifePerson) work() {
	p.Helper()
	for range 1 + p.rng.IntN(2) {
		f := pick(p.life, []func(*lifePerson){(*lifePerson).edit, (*lifePerson).edit, (*lifePerson).rotate, (*lifePerson).reseal, (*lifePerson).add, (*lifePerson).remove})
		f(p)
		p.commitAll()
	}
}
