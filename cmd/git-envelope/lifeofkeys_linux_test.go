package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
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
