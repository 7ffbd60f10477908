package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestLifeOfKeys walks at random through what people do to keys and files, and holds
// every state against twins without git-envelope. It takes a few fixed seeds; with
// LIFE_SEED=FROM-TO it takes those, and with LIFE_STEPS more steps each.
func TestLifeOfKeys(t *testing.T) {
	from, to, steps := uint64(1), uint64(2), 14
	if v := os.Getenv("LIFE_SEED"); v != "" {
		first, last, several := strings.Cut(v, "-")
		from, _ = strconv.ParseUint(first, 10, 64)
		if to = from; several {
			to, _ = strconv.ParseUint(last, 10, 64)
		}
		steps = 60
	}
	if n, err := strconv.Atoi(os.Getenv("LIFE_STEPS")); err == nil {
		steps = n
	}
	if to < from {
		t.Fatalf("no seeds from %d to %d", from, to)
	}
	for seed := from; seed <= to; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newLife(t, seed)
			w.begin()
			for range steps {
				w.step()
			}
			w.end()
		})
	}
}

// begin makes the repository: dev is of all three, prod of alice and bob.
func (w *life) begin() {
	alice := w.people[0]
	alice.good(w.dir, "git", "init", "-q", "--bare", w.file("hub.git"))
	alice.good(w.dir, "git", "init", "-q", "--bare", w.file("twins.git"))
	for _, dir := range []string{alice.clone, alice.twin} {
		alice.good(w.dir, "git", "init", "-q", dir)
	}
	alice.git("remote", "add", "origin", w.file("hub.git"))
	alice.good(alice.twin, "git", "remote", "add", "origin", w.file("twins.git"))
	for _, folder := range lifeFolders {
		args := []string{"--age", alice.recipient.URI}
		alice.audience[folder+" alice"] = true
		for _, p := range w.people[1:] {
			if folder == "dev" || p.name == "bob" {
				args = append(args, "--age", p.recipient.URI)
				alice.audience[folder+" "+p.name] = true
			}
		}
		alice.env(append([]string{"init", "--ring", folder}, args...)...)
		alice.env("seal", "--ring", folder, "--", folder+"/**")
	}
	for i := range 20 {
		alice.write(fmt.Sprintf("%s/%d", lifeFolders[i%2], i), alice.text(i))
	}
	alice.both("add", "-A")
	alice.commit()
	alice.both("push", "-q", "-u", "origin", "main")
	for _, p := range w.people[1:] {
		p.good(w.dir, "git", "clone", "-q", w.file("hub.git"), p.clone)
		p.good(w.dir, "git", "clone", "-q", w.file("twins.git"), p.twin)
		p.audience = maps.Clone(alice.audience)
		p.env("unlock")
	}
	for _, p := range w.people {
		p.check()
		p.checkTools()
	}
}

// text is a file's first content, of very different sizes.
func (p *lifePerson) text(i int) string {
	size := []int{1, 8, 12, 30, 200}[i%5]
	if i == 7 {
		size = 20000 // beyond a pipe's and a spool's first block
	}
	var b strings.Builder
	for n := range size {
		fmt.Fprintf(&b, "line %d of file %d: %s\n", n, i, p.mark())
	}
	return b.String()
}

func (p *lifePerson) write(path, text string) {
	p.Helper()
	for _, dir := range []string{p.clone, p.twin} {
		name := filepath.Join(dir, path)
		p.must(os.MkdirAll(filepath.Dir(name), 0o755))
		p.must(os.WriteFile(name, []byte(text), 0o644))
	}
}

// step is one thing that somebody does.
func (w *life) step() {
	w.Helper()
	p := pick(w, w.people)
	steps := []struct {
		name   string
		weight int
		do     func(*lifePerson)
	}{
		{"edit", 12, (*lifePerson).edit},
		{"commit", 8, (*lifePerson).commitAll},
		{"rotate", 5, (*lifePerson).rotate},
		{"reseal", 5, (*lifePerson).reseal},
		{"rewrap", 5, (*lifePerson).rewrap},
		{"add", 5, (*lifePerson).add},
		{"remove", 5, (*lifePerson).remove},
		{"rename", 1, (*lifePerson).rename},
		{"lock", 2, (*lifePerson).lock},
		{"touch", 3, (*lifePerson).touch},
		{"stash", 3, (*lifePerson).stash},
		{"branch", 4, (*lifePerson).branch},
		{"sync", 14, func(p *lifePerson) { p.sync(p.odds(3)) }},
	}
	all := 0
	for _, s := range steps {
		all += s.weight
	}
	n := w.rng.IntN(all)
	for _, s := range steps {
		if n -= s.weight; n < 0 {
			w.tell("%s: %s", p.name, s.name)
			s.do(p)
			break
		}
	}
	p.check()
	p.checkPast(strings.TrimSpace(p.git("rev-parse", "HEAD")))
	if w.odds(4) {
		p.checkPast(pick(w, slices.Sorted(maps.Keys(p.reachable()))))
		p.checkTools()
	}
	if w.odds(10) {
		w.checkSecrets()
	}
}

func (p *lifePerson) reachable() map[string]bool {
	out := map[string]bool{}
	for _, oid := range lines(p.git("rev-list", "HEAD")) {
		out[oid] = true
	}
	return out
}

// end brings everybody together and looks at everything.
func (w *life) end() {
	w.Helper()
	w.tell("the end")
	w.together()
	heads := map[string]bool{}
	for _, folder := range lifeFolders {
		current := map[string]bool{}
		for _, p := range w.people {
			current[p.current(folder)] = true
			heads[p.git("rev-parse", "HEAD")] = true
		}
		if len(current) != 1 || len(heads) != 1 {
			w.Fatalf("the clones take %v for the current generation of %s, at %v", current, folder, heads)
		}
	}
	alice := w.people[0]
	if missing, extra := alice.lacking(); missing+extra > 0 {
		alice.rewrap()
		w.together()
	}
	for _, p := range w.people {
		p.check()
		p.checkTools()
		for commit := range p.reachable() {
			if p.name == "alice" {
				p.checkPast(commit)
			}
		}
	}
	w.checkSecrets()
	w.checkOutsiders()
	w.checkRepositories()
	w.Logf("seed: %d commits, %d generations, %d wrapped keys, killed %d times", len(w.past), len(w.may), len(w.ever), w.killed)
}

// together has everybody commit, push and pull until all are at one commit.
func (w *life) together() {
	w.Helper()
	for range 2 {
		for _, p := range w.people {
			p.commitAll()
			p.sync(false)
		}
	}
	for _, p := range w.people {
		p.sync(false)
	}
}

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
		p.settle(path, plain[path])
	}
	p.merged(want)
	p.commit("--no-verify")
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
	folder := filepath.Dir(path)
	twin := filepath.Join(p.twin, path)
	text, err := os.ReadFile(twin)
	switch {
	case strings.HasPrefix(path, ".envelope/") || path == ".gitattributes":
		p.Fatalf("%s: a conflict in %s", p.name, path)
	case errors.Is(err, os.ErrNotExist):
		p.git("rm", "-q", "--cached", "--ignore-unmatch", "--", path)
		p.must(os.RemoveAll(filepath.Join(p.clone, path)))
		if both {
			p.good(p.twin, "git", "rm", "-q", "--ignore-unmatch", "--", path)
		}
	case !p.works(folder):
		p.git("checkout", "-q", "--theirs", "--", path)
		p.git("add", "--", path)
		p.good(p.twin, "git", "checkout", "-q", "--theirs", "--", path)
		p.good(p.twin, "git", "add", "--", path)
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
