package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/agekey"
	"github.com/git-envelope/git-envelope/policy"
)

// life is a small company: three people with a clone each of one bare repository,
// which they treat at random. Beside each clone lies a twin without git-envelope in
// which the same is done to the same text, so that Git itself says what the sealed
// repository has to hold.
type life struct {
	*testing.T
	rng    *rand.Rand
	dir    string
	marker string // begins every marker, which is all that must never be found
	n      int    // markers and commits so far
	people []*lifePerson
	ring   map[string]string          // folder → its ring today
	may    map[string]map[string]bool // key id → who may ever open it
	ever   map[string][]byte          // every wrapped-key file there ever was
	past   map[string]lifeCommit      // by commit
	told   []string
	took   map[string]time.Duration // by command, when it ran last
	killed int
}

// lifeCommit is what a commit has to hold.
type lifeCommit struct {
	files    map[string]string
	audience audience
}

// audience has "FOLDER NAME" for whoever is a recipient of the folder's ring.
type audience map[string]bool

// joined merges two audiences as the policy's merge driver promises to.
func joined(base, ours, theirs audience) audience {
	out := audience{}
	for _, side := range []audience{ours, theirs} {
		for member := range side {
			if ours[member] && theirs[member] || !base[member] {
				out[member] = true
			}
		}
	}
	return out
}

type lifePerson struct {
	*life
	name, home, clone, twin string
	recipient               keys.Recipient
	audience                audience
}

var lifeFolders = []string{"dev", "prod"}

func newLife(t *testing.T, seed uint64) *life {
	w := &life{
		T: t, rng: rand.New(rand.NewPCG(seed, 5)), dir: t.TempDir(), marker: fmt.Sprintf("mrkq%dz", seed),
		ring: map[string]string{"dev": "dev", "prod": "prod"}, may: map[string]map[string]bool{},
		ever: map[string][]byte{}, past: map[string]lifeCommit{}, took: map[string]time.Duration{},
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d, the steps:\n%s", seed, strings.Join(w.told, "\n"))
		}
	})
	if keep := os.Getenv("LIFE_KEEP"); keep != "" {
		w.dir = filepath.Join(keep, fmt.Sprint(seed))
		w.must(os.MkdirAll(w.dir, 0o755))
	}
	w.must(os.Mkdir(w.file("tmp"), 0o700))
	for _, name := range []string{"alice", "bob", "carol"} {
		w.people = append(w.people, w.newPerson(name))
	}
	return w
}

func (w *life) newPerson(name string) *lifePerson {
	home, err := makeHome(w.dir, name)
	w.must(err)
	config := filepath.Join(home, ".config", "git-envelope")
	w.must(os.MkdirAll(config, 0o700))
	var identity bytes.Buffer
	recipient, err := agekey.NewIdentity(&identity, time.Unix(0, 0))
	w.must(err)
	w.must(os.WriteFile(filepath.Join(config, "identities.txt"), identity.Bytes(), 0o600))
	return &lifePerson{
		life: w, name: name, home: home, clone: w.file(name), twin: w.file(name + ".twin"),
		recipient: keys.Recipient{Kind: policy.KindAge, URI: recipient}, audience: audience{},
	}
}

func (w *life) file(names ...string) string {
	return filepath.Join(append([]string{w.dir}, names...)...)
}

func (w *life) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *life) tell(format string, args ...any) {
	w.told = append(w.told, fmt.Sprintf(format, args...))
}

// odds is true once in n times.
func (w *life) odds(n int) bool { return w.rng.IntN(n) == 0 }

func pick[T any](w *life, list []T) T { return list[w.rng.IntN(len(list))] }

// mark is a text that is found nowhere else.
func (w *life) mark() string { w.n++; return fmt.Sprintf("%s%dq", w.marker, w.n) }

// command prepares a program that p runs in a folder, in a process group of its own.
func (p *lifePerson) command(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(scriptEnvironment(), "PATH="+os.Getenv("PATH"), "HOME="+p.home, "TMPDIR="+p.file("tmp"),
		"GIT_CONFIG_GLOBAL="+filepath.Join(p.home, "gitconfig"), "GIT_ENVELOPE_AGENT=off",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=merge.renames", "GIT_CONFIG_VALUE_0=false") // ciphertexts are never alike
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// run gives standard output and the exit code, and standard error beside them.
func (p *lifePerson) run(dir, in string, args ...string) (out string, code int, talk string) {
	p.Helper()
	var stdout, stderr bytes.Buffer
	cmd := p.command(dir, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		p.Fatal(err)
	}
	return stdout.String(), cmd.ProcessState.ExitCode(), stderr.String()
}

// git runs git in the clone; it must succeed.
func (p *lifePerson) git(args ...string) string {
	p.Helper()
	return p.good(p.clone, append([]string{"git"}, args...)...)
}

// env runs git-envelope in the clone; it must succeed.
func (p *lifePerson) env(args ...string) string {
	p.Helper()
	return p.good(p.clone, append([]string{"git-envelope"}, args...)...)
}

// both runs git in the clone and in its twin; both must succeed.
func (p *lifePerson) both(args ...string) {
	p.Helper()
	p.git(args...)
	p.good(p.twin, append([]string{"git"}, args...)...)
}

func (p *lifePerson) good(dir string, args ...string) string {
	p.Helper()
	out, code, talk := p.run(dir, "", args...)
	if code != 0 {
		p.Fatalf("%s in %s: exit %d\n%s%s", strings.Join(args, " "), filepath.Base(dir), code, out, talk)
	}
	return out
}

// commit commits what is staged on both sides.
func (p *lifePerson) commit(flags ...string) {
	p.Helper()
	p.n++
	p.both(append([]string{"commit", "-q", "--allow-empty", "-m", fmt.Sprintf("c%d", p.n)}, flags...)...)
	p.record()
}

// record notes what the newest commits have to hold, by their twins of the same title.
func (p *lifePerson) record() {
	p.Helper()
	twins := map[string]string{}
	for _, line := range lines(p.good(p.twin, "git", "log", "-500", "--format=%H %s")) {
		oid, title, _ := strings.Cut(line, " ")
		twins[title] = oid
	}
	head := strings.TrimSpace(p.git("rev-parse", "HEAD"))
	for _, line := range lines(p.git("log", "-500", "--format=%H %s")) {
		oid, title, _ := strings.Cut(line, " ")
		if _, known := p.past[oid]; known {
			continue
		}
		if twins[title] == "" {
			p.Fatalf("%s has commit %s (%s), its twin has not", p.name, oid, title)
		}
		c := lifeCommit{files: p.twinTree(twins[title])}
		if oid == head {
			c.audience = maps.Clone(p.audience)
		}
		p.past[oid] = c
	}
}

func lines(s string) []string {
	return slices.DeleteFunc(strings.Split(s, "\n"), func(l string) bool { return l == "" })
}

// lifeBlob is a file of an index or a tree.
type lifeBlob struct{ path, oid string }

// entries reads 'ls-files -s -z' and 'ls-tree -r -z'.
func entries(list string) (out []lifeBlob) {
	for _, e := range strings.Split(list, "\x00") {
		meta, path, _ := strings.Cut(e, "\t")
		fields := strings.Fields(meta)
		if len(fields) != 3 || path == ".gitattributes" || strings.HasPrefix(path, ".envelope/") {
			continue
		}
		oid := fields[1]
		if oid == "blob" {
			oid = fields[2]
		}
		out = append(out, lifeBlob{path, oid})
	}
	return out
}

// twinTree is the text of all files of a commit of the twin, or of its index for "".
func (p *lifePerson) twinTree(rev string) map[string]string {
	p.Helper()
	list := []string{"git", "ls-tree", "-r", "-z", rev}
	if rev == "" {
		list = []string{"git", "ls-files", "-s", "-z"}
	}
	blobs := entries(p.good(p.twin, list...))
	out := map[string]string{}
	for i, text := range p.read(p.twin, blobs) {
		out[blobs[i].path] = text
	}
	return out
}

const lifeCut = "@@cut-between-two-blobs@@"

// read gives blobs as a checkout would.
func (p *lifePerson) read(dir string, blobs []lifeBlob) []string {
	p.Helper()
	if len(blobs) == 0 {
		return nil
	}
	var in strings.Builder
	for _, b := range blobs {
		fmt.Fprintf(&in, "%s %s\n", b.oid, b.path)
	}
	out, code, talk := p.run(dir, in.String(), "git", "cat-file", "--filters", "--batch="+lifeCut+"%(objectname)")
	if code != 0 {
		p.Fatalf("cat-file in %s: exit %d: %s", filepath.Base(dir), code, talk)
	}
	parts := strings.Split(out, lifeCut)[1:]
	for i := range parts {
		_, parts[i], _ = strings.Cut(parts[i], "\n")
		parts[i] = strings.TrimSuffix(parts[i], "\n")
	}
	if len(parts) != len(blobs) {
		p.Fatalf("cat-file in %s gave %d of %d blobs", filepath.Base(dir), len(parts), len(blobs))
	}
	return parts
}

// stored gives blobs as they lie in the repository.
func (p *lifePerson) stored(dir string, blobs []lifeBlob) []string {
	p.Helper()
	var out []string
	for _, b := range blobs {
		out = append(out, p.good(dir, "git", "cat-file", "blob", b.oid))
	}
	return out
}

// keyOf is the key id of a sealed blob, "" if it is none.
func keyOf(blob string) string {
	info, err := envelope.Inspect(strings.NewReader(blob))
	if err != nil {
		return ""
	}
	return info.Header.KeyID.String()
}

// noteKeys looks at the wrapped-key files of the work tree. A generation that is new
// here has just been made, for the whole audience of its ring.
func (p *lifePerson) noteKeys() {
	p.Helper()
	fresh := map[string]map[string]bool{}
	for path, data := range p.keyFiles() {
		ring, id, recipient, err := keyring.ParsePath(path)
		p.must(err)
		p.ever[path] = data
		who := p.nameOf(recipient)
		if p.may[id.String()] == nil {
			if fresh[id.String()] == nil {
				fresh[id.String()] = map[string]bool{"ring": ring != ""}
			}
			fresh[id.String()][who] = true
			delete(fresh[id.String()], "ring")
		} else if !p.may[id.String()][who] {
			p.Fatalf("in the clone of %s, %s has a wrapped key of generation %s and ought not to", p.name, who, id.Short())
		}
		if fresh[id.String()] != nil && !p.audience[p.folderOf(ring)+" "+who] {
			p.Fatalf("in the clone of %s, generation %s of ring %s was made for %s, who is no recipient", p.name, id.Short(), ring, who)
		}
	}
	for id, who := range fresh {
		p.may[id] = who
	}
}

func (p *lifePerson) keyFiles() map[string][]byte {
	p.Helper()
	found, err := filepath.Glob(filepath.Join(p.clone, ".envelope", "keys", "*", "*", "*.json"))
	p.must(err)
	out := map[string][]byte{}
	for _, name := range found {
		data, err := os.ReadFile(name)
		p.must(err)
		rel, err := filepath.Rel(p.clone, name)
		p.must(err)
		out[rel] = data
	}
	return out
}

func (w *life) nameOf(recipientID string) string {
	for _, p := range w.people {
		if p.recipient.ID() == recipientID {
			return p.name
		}
	}
	w.Fatalf("nobody is %s", recipientID)
	return ""
}

// folderOf is the folder of a ring, of today's name or an older one: "prod-2" is of prod.
func (w *life) folderOf(ring string) string { folder, _, _ := strings.Cut(ring, "-"); return folder }

// keysOf are the generations of a folder's ring in the work tree, each with those
// who have a wrapped key.
func (p *lifePerson) keysOf(folder string) map[string][]string {
	out := map[string][]string{}
	for path := range p.keyFiles() {
		ring, id, recipient, _ := keyring.ParsePath(path)
		if p.folderOf(ring) == folder {
			out[id.String()] = append(out[id.String()], p.nameOf(recipient))
		}
	}
	return out
}

// opens tells whether p must be able to open a generation: the work tree has the key,
// and p did not lock its ring. (A lock stays until the ring's current key opens.)
func (p *lifePerson) opens(id string) bool {
	found, _ := filepath.Glob(filepath.Join(p.clone, ".envelope", "keys", "*", id, p.recipient.ID()+".json"))
	if len(found) == 0 {
		return false
	}
	rel, err := filepath.Rel(p.clone, found[0])
	p.must(err)
	ring, _, _, err := keyring.ParsePath(rel)
	p.must(err)
	locked, _ := os.ReadFile(filepath.Join(p.clone, ".git", "envelope", "locked"))
	return !slices.ContainsFunc(lines(string(locked)), func(name string) bool {
		return name == allRings || p.folderOf(name) == p.folderOf(ring)
	})
}

// current is the newest generation of a folder's ring, as git-envelope tells it.
func (p *lifePerson) current(folder string) string {
	p.Helper()
	for _, r := range p.rings() {
		if r.Name == p.ring[folder] {
			return r.KeyID
		}
	}
	p.Fatalf("%s has no ring %s", p.name, p.ring[folder])
	return ""
}

// works tells whether p can work on the files of a folder.
func (p *lifePerson) works(folder string) bool {
	for id := range p.keysOf(folder) {
		if !p.opens(id) {
			return false
		}
	}
	return p.opens(p.current(folder))
}
