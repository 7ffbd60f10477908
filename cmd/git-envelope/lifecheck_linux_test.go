package main

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/audit"
	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/policy"
)

// check holds one clone against its twin.
func (p *lifePerson) check() {
	p.Helper()
	p.noteKeys()
	p.checkAudience()
	p.checkStatus(false)
	p.checkIndex()
	p.checkTree()
}

// checkAudience: the policy names whom it ought to.
func (p *lifePerson) checkAudience() {
	p.Helper()
	if got := p.readAudience(); !maps.Equal(got, p.audience) {
		p.Fatalf("%s: the policy has %v, want %v", p.name, got, p.audience)
	}
}

func (p *lifePerson) readAudience() audience {
	p.Helper()
	text, err := os.ReadFile(filepath.Join(p.clone, policyPath))
	p.must(err)
	pol, err := policy.Parse(text, policyPath)
	p.must(err)
	got := audience{}
	for _, ring := range pol.Rings {
		for _, r := range ring.Recipients {
			got[p.folderOf(ring.Name)+" "+p.nameOf(fromPolicy(r).ID())] = true
		}
	}
	return got
}

// checkStatus: Git sees the changes that the twin has and no other; with staged, the
// index may differ from HEAD in more.
func (p *lifePerson) checkStatus(staged bool) {
	p.Helper()
	got, want := p.changes(p.clone), p.changes(p.twin)
	for path, state := range got {
		ours := path == ".gitattributes" || strings.HasPrefix(path, ".envelope/")
		if staged && (state[1] == ' ' && want[path] == "" || want[path] != "" && state[1] == want[path][1] && state[0] == 'M') {
			continue
		}
		if ours || want[path] != state {
			p.Fatalf("%s: status says %q of %s, the twin %q", p.name, state, path, want[path])
		}
	}
	for path, state := range want {
		if got[path] == "" {
			p.Fatalf("%s: status says nothing of %s, the twin %q", p.name, path, state)
		}
	}
}

func (p *lifePerson) changes(dir string) map[string]string {
	p.Helper()
	out := map[string]string{}
	for _, e := range strings.Split(p.good(dir, "git", "status", "--porcelain", "-z", "-uall", "--no-renames"), "\x00") {
		if len(e) > 3 {
			out[e[3:]] = e[:2]
		}
	}
	return out
}

// checkIndex: the index holds what the twin's does, all of it sealed.
func (p *lifePerson) checkIndex() {
	p.Helper()
	p.checkBlobs("the index", entries(p.git("ls-files", "-s", "-z")), p.twinTree(""))
}

// checkPast: so does a commit.
func (p *lifePerson) checkPast(commit string) {
	p.Helper()
	p.checkBlobs(commit, entries(p.git("ls-tree", "-r", "-z", commit)), p.past[commit].files)
}

func (p *lifePerson) checkBlobs(where string, blobs []lifeBlob, want map[string]string) {
	p.Helper()
	if len(blobs) != len(want) {
		p.Fatalf("%s: %s has %d files, want %d", p.name, where, len(blobs), len(want))
	}
	open := p.read(p.clone, blobs)
	for i, b := range blobs {
		text, ok := want[b.path]
		if !ok {
			p.Fatalf("%s: %s has %s", p.name, where, b.path)
		}
		id := keyOf(open[i])
		switch {
		case id == "" && open[i] != text:
			p.Fatalf("%s: %s has another text of %s than it ought to:\n%.400q\nwant\n%.400q", p.name, where, b.path, open[i], text)
		case id != "" && p.opens(id):
			p.Fatalf("%s: %s of %s stays sealed, under %s, of which %s has a key", p.name, b.path, where, id[:8], p.name)
		}
		if id == "" && text != "" {
			p.checkRight(where, b)
		}
	}
}

// checkRight: what p has opened is sealed, under a key that p may have.
func (p *lifePerson) checkRight(where string, b lifeBlob) {
	p.Helper()
	id := keyOf(p.stored(p.clone, []lifeBlob{b})[0])
	switch {
	case id == "":
		p.Fatalf("%s: %s has %s in plain", p.name, where, b.path)
	case !p.may[id][p.name]:
		p.Fatalf("%s opens %s of %s, under %s, and must not", p.name, b.path, where, id[:8])
	}
}

// checkTree: the work tree has the twin's files, or for want of a key the index's blobs.
func (p *lifePerson) checkTree() {
	p.Helper()
	got, want := p.workTree(p.clone), p.workTree(p.twin)
	for path, text := range want {
		if got[path] == text {
			continue
		}
		id := keyOf(got[path])
		if id == "" || p.opens(id) || got[path] != p.git("cat-file", "blob", ":"+path) {
			p.Fatalf("%s: the work tree has another text of %s (key %q) than it ought to", p.name, path, id)
		}
	}
	for path := range got {
		if _, ok := want[path]; !ok {
			p.Fatalf("%s: the work tree has %s and ought not to", p.name, path)
		}
	}
}

// workTree has the files of a work tree that are not git-envelope's own.
func (p *lifePerson) workTree(dir string) map[string]string {
	p.Helper()
	out := map[string]string{}
	p.must(filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (rel == ".git" || rel == ".envelope"):
			return filepath.SkipDir
		case d.IsDir() || rel == ".gitattributes":
			return nil
		}
		b, err := os.ReadFile(name)
		out[rel] = string(b)
		return err
	}))
	return out
}

// lacking counts the wrapped keys that recipients of the policy lack, and those that
// there are for somebody else.
func (p *lifePerson) lacking() (missing, extra int) {
	p.Helper()
	for _, folder := range lifeFolders {
		for _, have := range p.keysOf(folder) {
			for _, q := range p.people {
				is := p.audience[folder+" "+q.name]
				switch has := slices.Contains(have, q.name); {
				case is && !has:
					missing++
				case has && !is:
					extra++
				}
			}
		}
	}
	return missing, extra
}

// checkTools: what the checking commands say of a committed state is so.
func (p *lifePerson) checkTools() {
	p.Helper()
	missing, extra := p.lacking()
	code := func(bad bool) int {
		if bad {
			return exitFindings
		}
		return exitClean
	}
	for _, c := range []struct {
		want int
		args []string
	}{
		{code(missing+extra > 0), []string{"rewrap", "--check"}},
		{code(missing > 0 || p.strange()), []string{"status"}},
	} {
		out, got, talk := p.run(p.clone, "", append([]string{"git-envelope"}, c.args...)...)
		if got != c.want {
			p.Fatalf("%s: %s exits %d, want %d, with %d keys missing and %d too many:\n%s%s", p.name, strings.Join(c.args, " "), got, c.want, missing, extra, out, talk)
		}
	}
	p.checkScan(map[string]bool{check.RecipientWithoutKey: missing > 0, check.KeyForStranger: p.strange()})
	p.checkAudit(missing, extra)
}

// strange tells whether the current key of a ring has been wrapped for somebody who
// is no recipient.
func (p *lifePerson) strange() bool {
	for _, folder := range lifeFolders {
		for _, name := range p.keysOf(folder)[p.current(folder)] {
			if !p.audience[folder+" "+name] {
				return true
			}
		}
	}
	return false
}

// checkScan: the scanner finds what it must, and beside that at most that the last
// commit took somebody out.
func (p *lifePerson) checkScan(want map[string]bool) {
	p.Helper()
	out, code, talk := p.run(p.clone, "", "git-envelope", "scan", "--tree", "HEAD", "--format", "json")
	var r struct {
		Findings []struct{ Rule string }
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		p.Fatalf("%s: scan: exit %d: %v: %s", p.name, code, err, talk)
	}
	told := map[string]bool{}
	for _, f := range r.Findings {
		told[f.Rule] = true
		if !want[f.Rule] && f.Rule != check.RecipientRemoved {
			p.Fatalf("%s: scan finds %s:\n%s", p.name, f.Rule, out)
		}
	}
	for rule, due := range want {
		if told[rule] != due {
			p.Fatalf("%s: scan finds %s: %v, want %v:\n%s", p.name, rule, told[rule], due, out)
		}
	}
	if bad := len(r.Findings) > 0; bad != (code == exitFindings) || code > exitFindings {
		p.Fatalf("%s: scan exits %d with %d findings: %s", p.name, code, len(r.Findings), talk)
	}
}

func (p *lifePerson) checkAudit(missing, extra int) {
	p.Helper()
	out, code, talk := p.run(p.clone, "", "git-envelope", "audit", "--json")
	var r audit.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		p.Fatalf("%s: audit: exit %d: %v: %s", p.name, code, err, talk)
	}
	serious := map[string]bool{}
	for _, f := range r.Findings {
		if f.Severity != audit.Advice {
			serious[f.Rule] = true
		}
	}
	if bad := len(serious) > 0; code != 0 != bad || code > exitFindings || !r.Complete {
		p.Fatalf("%s: audit exits %d, complete %v, with findings %v: %s", p.name, code, r.Complete, serious, talk)
	}
	knows := false
	for _, folder := range lifeFolders {
		current := p.current(folder)
		for _, q := range p.people {
			if !p.audience[folder+" "+q.name] {
				knows = knows || p.held(current, q)
			}
		}
	}
	for rule, want := range map[string]bool{
		"missing-keys": missing > 0, "removed-still-wrapped": extra > 0, "removed-knows-current": knows,
		"unlisted": false, "plaintext": false, "damaged": false, "unknown-key": false, "wrong-ring": false, "no-key": false, "ring-gone": false,
	} {
		if serious[rule] != want {
			p.Fatalf("%s: audit says %s: %v, want %v (%d keys missing, %d too many):\n%s", p.name, rule, serious[rule], want, missing, extra, out)
		}
	}
}

// held tells whether HEAD's history ever had a wrapped key for q.
func (p *lifePerson) held(id string, q *lifePerson) bool {
	return p.git("log", "-1", "--format=%H", "--full-history", "--", ":(glob).envelope/keys/*/"+id+"/"+q.recipient.ID()+".json") != ""
}

func (p *lifePerson) rings() []ringEntry {
	p.Helper()
	var list struct{ Rings []ringEntry }
	p.must(json.Unmarshal([]byte(p.env("ring", "list", "--json")), &list))
	return list.Rings
}

// checkSecrets: no marker lies anywhere that Git keeps things, nor in TMPDIR.
func (w *life) checkSecrets() {
	w.Helper()
	forms := disguises(w.marker)
	dirs := []string{w.file("tmp"), w.file("hub.git")}
	for _, p := range w.people {
		dirs = append(dirs, filepath.Join(p.clone, ".git"), filepath.Join(p.clone, ".envelope"))
		all := p.git("cat-file", "--batch-all-objects", "--unordered", "--batch")
		if strings.Contains(all, w.marker) {
			w.Fatalf("an object of %s has a marker in plain", p.name)
		}
	}
	for _, dir := range dirs {
		w.must(filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			b, err := os.ReadFile(name)
			if z, bad := zlib.NewReader(bytes.NewReader(b)); bad == nil {
				inflated, _ := io.ReadAll(z) // a leftover may be cut
				b = append(b, inflated...)
			}
			if found(forms, b) {
				w.Fatalf("%s has a marker in plain", name)
			}
			return err
		}))
	}
}

// checkOutsiders: with every wrapped key of all history at hand, everybody opens what
// they may, and nothing else.
func (w *life) checkOutsiders() {
	w.Helper()
	for _, p := range w.people {
		thief := *p
		thief.clone = w.file(p.name + ".all")
		w.must(os.RemoveAll(thief.clone))
		w.must(os.MkdirAll(thief.clone, 0o755))
		thief.good(w.dir, "git", "clone", "-q", w.file("hub.git"), thief.clone)
		thief.env("install")
		for path, data := range w.ever {
			w.must(os.MkdirAll(filepath.Dir(filepath.Join(thief.clone, path)), 0o755))
			w.must(os.WriteFile(filepath.Join(thief.clone, path), data, 0o644))
		}
		seen := map[lifeBlob]bool{}
		var blobs []lifeBlob
		var want []string
		for _, commit := range lines(thief.git("log", "--all", "--format=%H")) {
			for _, b := range entries(thief.git("ls-tree", "-r", "-z", commit)) {
				if !seen[b] {
					seen[b] = true
					blobs, want = append(blobs, b), append(want, w.past[commit].files[b.path])
				}
			}
		}
		opened := 0
		for i, text := range thief.read(thief.clone, blobs) {
			if envelope.IsSealed([]byte(text)) {
				if id := keyOf(text); w.held(id, p) {
					w.Fatalf("%s can't open %s %s, under %s", p.name, blobs[i].path, blobs[i].oid, id[:8])
				}
				continue
			}
			opened++
			if text != want[i] {
				w.Fatalf("%s opens %s %s as something else", p.name, blobs[i].path, blobs[i].oid)
			}
			if text != "" {
				thief.checkRight("history", blobs[i])
			}
		}
		w.tell("%s, with all keys of history, opens %d of %d blobs", p.name, opened, len(blobs))
		w.must(os.RemoveAll(thief.clone))
	}
}

// held tells whether there ever was a wrapped key for p.
func (w *life) held(id string, p *lifePerson) bool {
	for path := range w.ever {
		if _, key, recipient, _ := keyring.ParsePath(path); key.String() == id && recipient == p.recipient.ID() {
			return true
		}
	}
	return false
}

func (w *life) checkRepositories() {
	w.Helper()
	for _, p := range w.people {
		p.git("fsck", "--no-dangling", "--no-progress")
	}
	w.people[0].good(w.file("hub.git"), "git", "fsck", "--no-dangling", "--no-progress")
}
