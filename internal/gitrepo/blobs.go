package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// Object is an object of the repository; read from it what it holds. Objects of
// Stat read as empty.
type Object struct {
	OID, Type string
	Size      int64
	io.ReadCloser
}

// Limits of Blobs in bytes.
const (
	// inMemory is up to which size Open reads an object at once, so that git is
	// free for the next question.
	inMemory = 256 << 10
	// drainable is how much of an object closed early is read off rather than
	// starting git anew.
	drainable = 4 << 20
	// maxIdle is how many idle processes are kept.
	maxIdle = 2
)

// Blobs reads objects through persistent "git cat-file" processes, started on
// first use. Its methods may be called concurrently, also while objects opened
// before are still being read: each of those holds a process of its own, unless
// it was small enough to be read at once. So close every Object.
//
// A process reads the index once: specs like ":path" keep seeing that state, as
// they should in a filter, which lives for one git command. Close makes the next
// call look anew.
type Blobs struct {
	repo *Repo
	mu   sync.Mutex
	idle []*coproc // cat-file --batch
	stat []*coproc // cat-file --batch-check
	// absent are specs that Prime found to lead to nothing.
	absent map[string]bool
}

// Blobs is the repository's object reader, always the same one.
func (r *Repo) Blobs() *Blobs {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.blobs == nil {
		r.blobs = &Blobs{repo: r}
	}
	return r.blobs
}

// Warm starts what the first Open and the first miss will need: git gets ready
// while the caller has other things to do. A failure shows when it is needed.
func (b *Blobs) Warm() {
	for _, pool := range []*[]*coproc{&b.idle, &b.stat} {
		if c, err := b.start(pool); err == nil {
			b.give(c, pool)
		}
	}
}

// Open finds an object by any spec git understands (an id, "HEAD:dir/file",
// ":path" for the index) that holds no newline and streams what it holds.
// ErrMissing says that there is none; an object that is there and can't be read
// is another error.
func (b *Blobs) Open(ctx context.Context, spec string) (Object, error) {
	b.mu.Lock()
	absent := b.absent[spec]
	b.mu.Unlock()
	if absent {
		return Object{}, missing(spec)
	}
	o, err := b.ask(ctx, spec, &b.idle, b.open)
	if errors.Is(err, ErrMissing) {
		// Git also answers "missing" for a damaged object.
		if _, err := b.Stat(ctx, spec); err != nil {
			return Object{}, err
		}
		return Object{}, fmt.Errorf("read object %q: git finds it and can't read it", spec)
	}
	return o, err
}

// Stat is Open without content.
func (b *Blobs) Stat(ctx context.Context, spec string) (Object, error) {
	return b.ask(ctx, spec, &b.stat, b.look)
}

// Sizes are those of many objects, asked for at once. Objects of which nothing can
// be told are left out, and on an error all that git had not come to.
func (r *Repo) Sizes(ctx context.Context, oids []string) (map[string]int64, error) {
	sizes := make(map[string]int64, len(oids))
	for line, err := range r.bulk().lines(ctx, &nameLines{names: oids}, "cat-file", "--batch-check", "--buffer") {
		if err != nil {
			return sizes, err
		}
		if o, ok := parseObject(string(line), r.HashSize()); ok {
			sizes[o.OID] = o.Size
		}
	}
	return sizes, nil
}

// OpenPath opens the entry of a tree; path may be any bytes.
func (b *Blobs) OpenPath(ctx context.Context, treeish, path string) (Object, error) {
	if err := checkPath(path); err != nil {
		return Object{}, err
	}
	if !strings.Contains(path, "\n") {
		return b.Open(ctx, treeish+":"+path)
	}
	for e, err := range b.repo.TreeIter(ctx, treeish, path) {
		if err != nil {
			return Object{}, err
		}
		if e.Path == path {
			return b.Open(ctx, e.OID)
		}
	}
	return Object{}, missing(treeish + ":" + path)
}

// OpenIndex opens the blob that the index holds for a path at a stage: 0, or in
// a conflict 1 (base), 2 (ours), 3 (theirs). It is quick for a single path of a
// large index, and works while git holds the index lock.
func (b *Blobs) OpenIndex(ctx context.Context, path string, stage int) (Object, error) {
	if err := checkPath(path); err != nil {
		return Object{}, err
	}
	if !strings.Contains(path, "\n") {
		return b.Open(ctx, fmt.Sprintf(":%d:%s", stage, path))
	}
	entries, err := b.repo.Index(ctx, literal(path))
	if err != nil {
		return Object{}, err
	}
	for _, e := range entries {
		if e.Path == path && e.Stage == stage {
			return b.Open(ctx, e.OID)
		}
	}
	return Object{}, missing(fmt.Sprintf(":%d:%s", stage, path))
}

// Close ends the idle processes and waits for them. Objects still open keep
// theirs until they are closed. Blobs may be used again.
func (b *Blobs) Close() error {
	b.mu.Lock()
	all := append(b.idle, b.stat...)
	b.idle, b.stat, b.absent = nil, nil, nil
	b.mu.Unlock()
	for _, c := range all {
		_ = c.in.Close() // so that they end at the same time
	}
	var errs []error
	for _, c := range all {
		errs = append(errs, c.end())
	}
	return errors.Join(errs...)
}

func missing(spec string) error { return fmt.Errorf("%q: %w", spec, ErrMissing) }

// request puts one question to a process.
type request func(ctx context.Context, c *coproc, spec string) (Object, error)

func (b *Blobs) ask(ctx context.Context, spec string, pool *[]*coproc, do request) (Object, error) {
	if err := checkSpec(spec); err != nil {
		return Object{}, err
	}
	for {
		c, err := b.take(pool)
		if err != nil {
			return Object{}, err
		}
		veteran := c.asked
		o, err := do(ctx, c, spec)
		if lost(err) && veteran && ctx.Err() == nil {
			continue // it had gone before we asked; a new one is not a veteran
		}
		return o, promised(spec, err)
	}
}

func checkSpec(spec string) error {
	if spec == "" || strings.ContainsAny(spec, "\n\x00") {
		return fmt.Errorf("%q: not an object name git cat-file can be asked for", spec)
	}
	return nil
}

// promised recognises the death of a git before 2.45 over an object that a
// partial clone has not fetched and that we don't let it fetch.
func promised(spec string, err error) error {
	var e *GitError
	if errors.As(err, &e) && e.ExitCode > 0 && (strings.Contains(e.Stderr, "promisor remote") || strings.Contains(e.Stderr, "not allowed")) {
		return fmt.Errorf("%w in this partial clone", missing(spec))
	}
	return err
}

func (b *Blobs) take(pool *[]*coproc) (*coproc, error) {
	b.mu.Lock()
	if n := len(*pool); n > 0 {
		c := (*pool)[n-1]
		*pool = (*pool)[:n-1]
		b.mu.Unlock()
		return c, nil
	}
	b.mu.Unlock()
	return b.start(pool)
}

func (b *Blobs) start(pool *[]*coproc) (*coproc, error) {
	if pool == &b.stat {
		return b.repo.git.startCoproc(true, "cat-file", "--batch-check")
	}
	return b.repo.git.startCoproc(false, slices.Concat(thrifty, []string{"cat-file", "--batch"})...)
}

// give puts a process that is ready for the next question back.
func (b *Blobs) give(c *coproc, pool *[]*coproc) {
	c.asked = true
	b.mu.Lock()
	keep := len(*pool) < maxIdle
	if keep {
		*pool = append(*pool, c)
	}
	b.mu.Unlock()
	if !keep {
		_ = c.end()
	}
}

// look asks a --batch-check process.
func (b *Blobs) look(ctx context.Context, c *coproc, spec string) (Object, error) {
	stop := c.interruptible(ctx)
	defer stop()
	_, err := io.WriteString(c.in, spec+"\n")
	if err != nil {
		return Object{}, c.abandon(ctx, err)
	}
	o, said, err := b.answer(c, spec)
	if err != nil || !stop() {
		return Object{}, c.abandon(ctx, err)
	}
	b.give(c, &b.stat)
	return o, said
}

// answer reads what a --batch-check process says of one spec; its complaints stand
// before its answer. said is what it says if there is no such object, err that it
// says nothing.
func (b *Blobs) answer(c *coproc, spec string) (o Object, said, err error) {
	*c.stderr = excerpt{}
	for {
		line, err := c.out.ReadString('\n')
		if err != nil {
			_, _ = io.WriteString(c.stderr, line)
			return Object{}, nil, err
		}
		o, ok := parseObject(strings.TrimSuffix(line, "\n"), b.repo.HashSize())
		if !ok && !absent(line, spec) {
			_, _ = io.WriteString(c.stderr, line)
			continue
		}
		o.ReadCloser = io.NopCloser(bytes.NewReader(nil))
		switch complaints := c.stderr.String(); {
		case ok:
			return o, nil, nil
		case complained(complaints):
			return Object{}, &GitError{Op: "cat-file", Stderr: complaints, ExitCode: -1, Err: errors.New("object not readable")}, nil
		}
		return Object{}, missing(spec), nil
	}
}

// complained tells errors from warnings and hints.
func complained(text string) bool {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "error: ") || strings.HasPrefix(line, "fatal: ") {
			return true
		}
	}
	return false
}

// open asks a --batch process, and leaves it to the object if that is large.
func (b *Blobs) open(ctx context.Context, c *coproc, spec string) (Object, error) {
	stop := c.interruptible(ctx)
	fail := func(err error) (Object, error) {
		stop()
		return Object{}, c.abandon(ctx, err)
	}
	if _, err := io.WriteString(c.in, spec+"\n"); err != nil {
		return fail(err)
	}
	line, err := c.out.ReadString('\n')
	if err != nil {
		return fail(err)
	}
	o, ok := parseObject(strings.TrimSuffix(line, "\n"), b.repo.HashSize())
	switch {
	case !ok && !absent(line, spec):
		return fail(fmt.Errorf("unexpected answer %q", line))
	case !ok:
		if !stop() {
			return fail(ctx.Err())
		}
		b.give(c, &b.idle)
		return Object{}, missing(spec)
	}
	body := &blobReader{ctx: ctx, blobs: b, child: c, stop: stop, left: o.Size, name: o.OID}
	o.ReadCloser = body
	if o.Size > inMemory {
		return o, nil
	}
	data := make([]byte, o.Size)
	if _, err := io.ReadFull(body, data); err != nil {
		return Object{}, err
	}
	o.ReadCloser = io.NopCloser(bytes.NewReader(data))
	return o, body.Close()
}

// absent recognises the answers for names that lead to no object here.
func absent(line, spec string) bool {
	switch rest, ok := strings.CutPrefix(line, spec); {
	case !ok: // the last of these is preceded by the object's id
		return strings.HasSuffix(line, " submodule\n")
	default:
		return rest == " missing\n" || rest == " ambiguous\n"
	}
}

// parseObject reads "<id> <type> <size>".
func parseObject(line string, hashSize int) (Object, bool) {
	f := strings.Split(line, " ")
	if len(f) != 3 || !isOID(f[0], hashSize) {
		return Object{}, false
	}
	size, ok := parseSize(f[2])
	switch f[1] {
	case "blob", "tree", "commit", "tag":
		return Object{OID: f[0], Type: f[1], Size: size}, ok
	}
	return Object{}, false
}

func isOID(s string, hashSize int) bool {
	if len(s) != 2*hashSize {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// blobReader reads one object's content off a process and returns the process
// to its pool at the end.
type blobReader struct {
	ctx   context.Context
	blobs *Blobs
	child *coproc // nil when done with
	stop  func() bool
	left  int64
	name  string
	err   error
}

func (r *blobReader) Read(p []byte) (int, error) {
	if r.child == nil {
		if r.err != nil {
			return 0, r.err
		}
		return 0, io.EOF
	}
	if r.left == 0 {
		if err := r.finish(); err != nil {
			return 0, err
		}
		return 0, io.EOF
	}
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.child.out.Read(p)
	r.left -= int64(n)
	if err != nil {
		return n, r.fail(err)
	}
	return n, nil
}

// finish reads the newline behind the content.
func (r *blobReader) finish() error {
	c, err := r.child.out.ReadByte()
	if err == nil && c != '\n' {
		err = fmt.Errorf("unexpected byte %#x behind the content", c)
	}
	if err != nil {
		return r.fail(err)
	}
	if !r.stop() {
		return r.fail(r.ctx.Err())
	}
	r.blobs.give(r.child, &r.blobs.idle)
	r.child = nil
	return nil
}

func (r *blobReader) fail(err error) error {
	r.stop()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	r.err = fmt.Errorf("read object %s: %w", r.name, r.child.abandon(r.ctx, err))
	r.child = nil
	return r.err
}

// Close gives the process free. An object closed early is read off if little is
// left, else the process is ended.
func (r *blobReader) Close() error {
	if r.child == nil {
		return nil
	}
	if r.left > drainable {
		r.stop()
		_ = r.child.cmd.Process.Kill()
		_ = r.child.end()
		r.child, r.err = nil, errClosed
		return nil
	}
	n, err := io.CopyN(io.Discard, r.child.out, r.left)
	r.left -= n
	if err != nil {
		return r.fail(err)
	}
	if err := r.finish(); err != nil {
		return err
	}
	r.err = errClosed
	return nil
}

var errClosed = errors.New("read of a closed object")
