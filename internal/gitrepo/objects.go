package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"sort"
)

// StoredObject is one object of a stream; read from it what it holds. It is valid
// until the stream's next step, which skips what was left unread.
type StoredObject struct {
	OID, Type string
	Size      int64
	io.Reader
}

const (
	// streamBuffer holds a good many objects of the usual size, so that most cost
	// no read of their own.
	streamBuffer = 256 << 10
	// maxDeaths is how many damaged objects a stream gets over. Git dies of each,
	// and starting it anew for ever would help nobody.
	maxDeaths = 100
)

// AllObjects streams every object of the object database, in git's order of
// storage: reachable or not, loose, packed, and of alternates; of several copies
// of one object one.
//
// An error that comes with an OID is about that object, and the stream goes on;
// one without is the stream's end. An object whose content proves damaged while
// it is read gives the error to the reader. Every object that git has a name for
// is either given or has an error.
func (r *Repo) AllObjects(ctx context.Context) iter.Seq2[StoredObject, error] {
	return func(yield func(StoredObject, error) bool) {
		s := objectStream{repo: r.bulk(), yield: yield}
		err := s.run(ctx, nil, "--batch-all-objects", "--unordered")
		if err == nil || s.stopped {
			return
		}
		if ctx.Err() != nil || exitCode(err) <= 0 {
			yield(StoredObject{}, err)
			return
		}
		// Git died of one object. The names come in the same order, so the rest of
		// them is what it owes us.
		rest, listed := r.restOfNames(ctx, s.complete)
		if listed != nil || len(rest) == 0 {
			yield(StoredObject{}, errors.Join(err, listed))
			return
		}
		if !s.died(rest[0], err) {
			return
		}
		s.readAll(ctx, rest[1:])
	}
}

// restOfNames is what AllObjectNames gives behind the first n.
func (r *Repo) restOfNames(ctx context.Context, n int) (rest []string, err error) {
	for name, err := range r.AllObjectNames(ctx) {
		if err != nil {
			return nil, err
		}
		if n--; n < 0 {
			rest = append(rest, string(name))
		}
	}
	return rest, nil
}

// AllObjectNames lists the objects of AllObjects in the same order, without a
// look at them. The slice is valid until the next one.
func (r *Repo) AllObjectNames(ctx context.Context) iter.Seq2[[]byte, error] {
	return r.objectNames(ctx, "--unordered")
}

func (r *Repo) objectNames(ctx context.Context, options ...string) iter.Seq2[[]byte, error] {
	args := append([]string{"cat-file", "--batch-check=%(objectname)", "--batch-all-objects", "--buffer"}, options...)
	return func(yield func([]byte, error) bool) {
		for line, err := range r.bulk().lines(ctx, nil, args...) {
			if err == nil && !isOID(string(line), r.HashSize()) {
				err = badRecord("cat-file", line)
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

// ObjectsOf streams the objects of the given names. One that is not there gives
// an error that is ErrMissing, possibly ahead of its turn. Errors are those of
// AllObjects.
func (r *Repo) ObjectsOf(ctx context.Context, oids []string) iter.Seq2[StoredObject, error] {
	return func(yield func(StoredObject, error) bool) {
		for _, oid := range oids {
			if !isOID(oid, r.HashSize()) {
				yield(StoredObject{}, fmt.Errorf("%.200q: not an object id", oid))
				return
			}
		}
		s := objectStream{repo: r.bulk(), yield: yield}
		s.readAll(ctx, oids)
	}
}

// bulk is the repository for output that goes one way and in large amounts:
// answers need not come at once. Neither a file of grafts nor a commit-graph has
// a say in what history is.
func (r *Repo) bulk() *Repo {
	env := environ(r.git.read).set("GIT_FLUSH", "0").set("GIT_GRAFT_FILE", devNull)
	return &Repo{GitDir: r.GitDir, CommonDir: r.CommonDir, WorkTree: r.WorkTree, IndexFile: r.IndexFile, ObjectFormat: r.ObjectFormat,
		git: runner{dir: r.git.dir, read: env, write: env}}
}

// devNull is what git takes for an empty file on every system.
const devNull = "/dev/null"

// thrifty bounds what git maps of a pack at once, which counts as its memory: by
// default a GiB and more. It costs no time.
var thrifty = []string{"-c", "core.packedGitWindowSize=16m", "-c", "core.packedGitLimit=64m"}

// objectStream hands the answers of one git cat-file after another to yield.
type objectStream struct {
	repo     *Repo
	yield    func(StoredObject, error) bool
	asked    bool // for objects by name, not for all there are
	stopped  bool // the consumer wants no more
	complete int  // answers of the present process that came whole
	told     bool // the reader of the present object gave its error
	deaths   int

	out  *bufio.Reader
	left int64 // content of the present object not read yet
}

// readAll reads the objects of the given names, whatever git dies of.
func (s *objectStream) readAll(ctx context.Context, oids []string) {
	s.asked = true
	for len(oids) > 0 {
		err := s.run(ctx, &nameLines{names: oids})
		if s.stopped {
			return
		}
		if err == nil && s.complete != len(oids) {
			err = fmt.Errorf("git cat-file: %d answers to %d questions", s.complete, len(oids))
		}
		if err == nil {
			return
		}
		if ctx.Err() != nil || exitCode(err) <= 0 {
			s.yield(StoredObject{}, err)
			return
		}
		oids = oids[s.complete:]
		if errors.Is(promised("", err), ErrMissing) {
			if oids, err = s.skipMissing(ctx, oids); err != nil {
				s.yield(StoredObject{}, err)
				return
			}
		} else {
			if !s.died(oids[0], err) {
				return
			}
			oids = oids[1:]
		}
		if s.stopped {
			return
		}
	}
}

// died reports the object that ended git, unless its reader did, and whether to
// go on.
func (s *objectStream) died(oid string, err error) bool {
	if s.deaths++; s.deaths > maxDeaths {
		s.yield(StoredObject{}, fmt.Errorf("give up after %d damaged objects: %w", maxDeaths, err))
		return false
	}
	return s.told || s.yield(StoredObject{OID: oid}, fmt.Errorf("read object %s: %w", oid, err))
}

// skipMissing reports the names of which there is no object and returns the
// others. A git before 2.45 dies of each object that a partial clone has not
// fetched; so they must not be asked for.
func (s *objectStream) skipMissing(ctx context.Context, oids []string) (here []string, err error) {
	all, err := s.repo.allNames(ctx)
	if err != nil {
		return nil, err
	}
	for _, oid := range oids {
		if all.has(oid) {
			here = append(here, oid)
			continue
		}
		if !s.yield(StoredObject{OID: oid}, fmt.Errorf("%w in this partial clone", missing(oid))) {
			s.stopped = true
			return nil, nil
		}
	}
	if len(here) == len(oids) {
		return nil, errors.New("git cat-file: died over a missing object, and none is missing")
	}
	return here, nil
}

// nameSet is sorted names of one width, without separators: of a million objects
// 40 MB.
type nameSet struct {
	names []byte
	width int
}

func (r *Repo) allNames(ctx context.Context) (nameSet, error) {
	set := nameSet{width: 2 * r.HashSize()}
	for name, err := range r.objectNames(ctx) {
		if err != nil {
			return nameSet{}, err
		}
		set.names = append(set.names, name...)
	}
	return set, nil
}

func (s nameSet) has(oid string) bool {
	name := []byte(oid)
	_, found := sort.Find(len(s.names)/s.width, func(i int) int {
		return bytes.Compare(name, s.names[i*s.width:(i+1)*s.width])
	})
	return found
}

// run has one process answer to all of stdin. Its error is about the object
// behind s.complete, or about git as a whole.
func (s *objectStream) run(ctx context.Context, stdin io.Reader, options ...string) error {
	s.complete, s.told, s.left = 0, false, -1
	out, err := s.repo.start(ctx, stdin, widePipe, slices.Concat(thrifty, []string{"cat-file", "--batch", "--buffer"}, options))
	if err != nil {
		return err
	}
	defer out.Close()
	s.out = bufio.NewReaderSize(out, streamBuffer)
	for {
		if err := s.skip(); err != nil {
			return err
		}
		line, err := s.out.ReadSlice('\n')
		if err == io.EOF && len(line) == 0 {
			return nil
		}
		if err != nil {
			return cutShort(err)
		}
		o, err := s.header(line[:len(line)-1])
		if err != nil && o.OID == "" {
			return err
		}
		if err != nil {
			s.complete++
		}
		if !s.yield(o, err) {
			s.stopped = true
			return nil
		}
	}
}

// skip reads the rest of the present object and the newline behind it.
func (s *objectStream) skip() error {
	if s.left < 0 {
		return nil
	}
	for s.left > 0 {
		n, err := s.out.Discard(int(min(s.left, 1<<30)))
		if s.left -= int64(n); err != nil {
			return cutShort(err)
		}
	}
	c, err := s.out.ReadByte()
	if err != nil {
		return cutShort(err)
	}
	if c != '\n' {
		return fmt.Errorf("git cat-file: unexpected byte %#x behind an object", c)
	}
	s.left = -1
	s.complete++
	return nil
}

// header reads "<id> <type> <size>", or "<id> missing".
func (s *objectStream) header(line []byte) (StoredObject, error) {
	width := 2 * s.repo.HashSize()
	if len(line) < width+2 || line[width] != ' ' {
		return StoredObject{}, badRecord("cat-file", line)
	}
	name, rest := string(line[:width]), line[width+1:]
	if !isOID(name, s.repo.HashSize()) {
		return StoredObject{}, badRecord("cat-file", line)
	}
	if string(rest) == "missing" {
		if s.asked {
			return StoredObject{OID: name}, missing(name)
		}
		return StoredObject{OID: name}, fmt.Errorf("read object %s: git finds it and can't read it", name)
	}
	typ, digits, _ := bytes.Cut(rest, []byte{' '})
	size, ok := parseSize(string(digits))
	o := StoredObject{OID: name, Type: typeName(typ), Size: size, Reader: s}
	if !ok || o.Type == "" {
		return StoredObject{}, badRecord("cat-file", line)
	}
	s.left = size
	return o, nil
}

// typeName is a type without an allocation, or "".
func typeName(b []byte) string {
	switch string(b) {
	case "blob":
		return "blob"
	case "tree":
		return "tree"
	case "commit":
		return "commit"
	case "tag":
		return "tag"
	}
	return ""
}

// Read reads the present object.
func (s *objectStream) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, io.EOF
	}
	n, err := s.out.Read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	if err != nil {
		s.told = true
		err = cutShort(err)
	}
	return n, err
}

// cutShort is err, or for an end in mid-object something that is no end.
func cutShort(err error) error {
	if err == io.EOF {
		return fmt.Errorf("git cat-file: %w", io.ErrUnexpectedEOF)
	}
	return err
}
