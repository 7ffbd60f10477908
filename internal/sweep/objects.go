package sweep

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
)

// maxText bounds the commits, tags and trees that are read: Git itself holds
// them in memory, and real ones are a thousand times smaller.
const (
	maxText  = 64 << 20
	keptText = 1 << 20 // of the memory for one, till the next
)

// contents turns objects into what is searched: blobs as they are, commits and
// tags as the text they are, of trees the names. Each object is shown to graph
// first. A content is valid until the next one.
func (s *Sweep) contents(r *Result, objects iter.Seq2[gitrepo.StoredObject, error], g *graph) iter.Seq2[check.Content, error] {
	return func(yield func(check.Content, error) bool) {
		var data bytes.Buffer
		for o, err := range objects {
			content := check.Content{OID: o.OID, Place: check.File, Read: o}
			if err == nil {
				g.arrived(o.OID)
			}
			if err == nil && o.Type != "blob" {
				content, err = s.text(r, o, g, &data)
			}
			if !yield(content, err) {
				return
			}
		}
	}
}

func (s *Sweep) text(r *Result, o gitrepo.StoredObject, g *graph, buf *bytes.Buffer) (check.Content, error) {
	content := check.Content{OID: o.OID}
	if o.Size > maxText {
		return content, fmt.Errorf("%s %s: larger than %d MiB", o.Type, o.OID, maxText>>20)
	}
	buf.Reset()
	if buf.Cap() > keptText {
		*buf = bytes.Buffer{}
	}
	buf.Grow(int(o.Size) + bytes.MinRead) // not twice as much, of a large one
	_, err := buf.ReadFrom(o)
	if err != nil {
		return content, err
	}
	data := buf.Bytes()
	switch o.Type {
	case "commit":
		r.Coverage.Commits++
		content.Place, content.Read = check.Commit, bytes.NewReader(data)
		err = g.commit(o.OID, data)
	case "tag":
		content.Place, content.Read = check.Tag, bytes.NewReader(data)
		err = g.tag(o.OID, data)
	case "tree":
		// Each name is put where the tree began with what was read before it.
		names := data[:0]
		for item, bad := range gitrepo.ParseTree(data, s.Repo.HashSize()) {
			if bad != nil {
				err = fmt.Errorf("tree %s: %w", o.OID, bad)
				break
			}
			at := len(names)
			names = append(names, item.Name...)
			for i, c := range names[at:] {
				if c == '\n' {
					names[at+i] = ' '
				}
			}
			names = append(names, '\n')
			if !item.IsGitlink() {
				g.need(o.OID, item.OID)
			}
		}
		content.Place, content.Read = check.FileNames, bytes.NewReader(names)
	}
	return content, err
}

// graph checks that whatever an object leads to is there: a scan of all objects
// would not miss one that is not.
type graph struct {
	size    int
	present []byte // sorted names of all objects
	cut     map[string]bool
	known   [1 << 14][32]byte // names asked for lately: trees repeat each other
	holes   map[string]bool   // what is not there
	leads   map[string]bool   // the objects that lead there
	came    []bool            // which of present were given to be read
	n       int               // and how many
}

func newGraph(size int, names []byte, shallow []string) *graph {
	g := &graph{size: size, present: names, cut: map[string]bool{}, holes: map[string]bool{}, leads: map[string]bool{}}
	for _, oid := range shallow {
		g.cut[oid] = true
	}
	sortNames(names, size)
	g.came = make([]bool, len(names)/size)
	return g
}

// arrived notes that an object was given to be read. A git that was killed, or a
// repository that is repacked meanwhile, gives less than it has listed.
func (g *graph) arrived(oid string) {
	if g == nil {
		return
	}
	if i := find(g.present, rawOID(oid)); i >= 0 && !g.came[i] {
		g.came[i] = true
		g.n++
	}
}

// gave tells whether an object was given to be read.
func (g *graph) gave(oid []byte) bool {
	i := find(g.present, oid)
	return i >= 0 && g.came[i]
}

// maxHoles is how many missing objects are told apart.
const maxHoles = 1000

// need notes that an object leads to another one.
func (g *graph) need(from string, oid []byte) {
	if g == nil {
		return
	}
	slot := &g.known[(uint(oid[0])|uint(oid[1])<<8)%uint(len(g.known))]
	if bytes.Equal(slot[:g.size], oid) {
		return
	}
	if search(g.present, oid) {
		copy(slot[:], oid)
		return
	}
	g.leads[from] = true
	if len(g.holes) < maxHoles {
		g.holes[gitrepo.HexOID(oid)] = true
	}
}

func (g *graph) commit(oid string, data []byte) error {
	if g == nil {
		return nil
	}
	c, ok := gitrepo.ParseCommit(data, g.size)
	if !ok {
		return fmt.Errorf("commit %s is not as git writes it", oid)
	}
	if g.cut[oid] {
		g.leads[oid] = true // what is said to be cut off can change
	} else {
		for _, p := range c.Parents {
			g.need(oid, rawOID(p))
		}
	}
	g.need(oid, rawOID(c.Tree))
	return nil
}

func (g *graph) tag(oid string, data []byte) error {
	if g == nil {
		return nil
	}
	t, ok := gitrepo.ParseTag(data, g.size)
	if !ok {
		return fmt.Errorf("tag %s is not as git writes it", oid)
	}
	g.need(oid, rawOID(t.Object))
	return nil
}

// sortNames sorts names that stand one behind the other. They are hashes, so
// that their first eight bytes almost always decide.
func sortNames(names []byte, size int) {
	type place struct {
		head uint64
		at   int
	}
	order := make([]place, 0, len(names)/size)
	for at := 0; at < len(names); at += size {
		order = append(order, place{binary.BigEndian.Uint64(names[at:]), at})
	}
	slices.SortFunc(order, func(a, b place) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		return bytes.Compare(names[a.at:a.at+size], names[b.at:b.at+size])
	})
	sorted := make([]byte, 0, len(names))
	for _, p := range order {
		sorted = append(sorted, names[p.at:p.at+size]...)
	}
	copy(names, sorted)
}

// unique are strings without repetition, in their order.
func unique(list []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool {
		was := seen[s]
		seen[s] = true
		return was
	})
}
