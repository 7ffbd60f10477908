package check

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/scan"
)

// Place is what kind of thing a content is.
type Place string

// The places where Git can keep a secret.
const (
	File      Place = "file"
	Commit    Place = "commit" // the whole object: author, committer, message, signature
	Tag       Place = "tag"    // likewise
	FileNames Place = "file-names"
	RefNames  Place = "ref-names"
	Message   Place = "message" // one that is no commit yet
)

// Content is one thing to search for secrets: verdicts 3 and 4.
type Content struct {
	Place Place
	OID   string // of the object it is, "" if it is none
	Name  string // its path, where it is known
	Read  io.Reader
}

// Hit is a secret in a content. The secret itself is not in it, only what tells
// it from others.
type Hit struct {
	Place  Place
	OID    string
	Name   string
	Rule   *scan.Rule
	Secret [sha256.Size]byte // its SHA-256
	Shown  string            // what may be shown of it (Searcher.Redact)

	Line, Column, EndLine, EndColumn int

	Validity scan.Validity
	Note     string
	Via      []string
	Allowed  *scan.Allowance
	// Named says that a rule is about the path of the content and not about what
	// is in it, of which Secret is the SHA-256.
	Named bool
	// Excused tells whether something allows it at a path; nil: nothing does.
	Excused Excuse
}

// Excuse tells whether a hit does not count at a path, with all the commits that
// brought it, and why.
type Excuse func(path string, commits []string) (reason string, ok bool)

// Sealed tells whether it is verdict 4: a value that is sealed elsewhere.
func (h Hit) Sealed() bool { return h.Rule == scan.SealedValue }

// Searched is what a search looked at and found.
type Searched struct {
	Hits    []Hit           // by content; of one content by offset
	Dirty   map[string]bool // objects that are not known to be clean
	Objects int
	Bytes   int64
	Sealed  int // contents that are sound sealed blobs, and so not searched
	Skipped map[string]int
	Failed  []error // contents that could not be read
}

// Limits of a search. A repository that breaks them is not clean anyway.
const (
	maxHits       = 100_000   // in all
	maxContent    = 1_000     // hits in one content
	smallContent  = 1 << 20   // what a worker gets as a copy
	batchSize     = 256 << 10 // of what it gets at once
	batchContents = 256
)

// Searcher searches contents with the rules of an engine, in parallel.
type Searcher struct {
	Engine  *scan.Engine
	Workers int // how many contents at once
	// Redact tells what may be shown of a secret.
	Redact func(*scan.Match) string
	// Excuse looks at a secret while it is there; nil: nothing is excused.
	Excuse func(*scan.Match) Excuse
	// Progress is called now and then, by one goroutine at a time; nil: never.
	Progress func(objects int, bytes int64)
}

// Search reads each content to its end, also after failures: what could not be
// read is in Failed. The error is the context's, or that of a search without end.
func (s *Searcher) Search(ctx context.Context, contents iter.Seq2[Content, error]) (*Searched, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c := &collector{cancel: cancel, make: s.hit, progress: s.Progress}
	c.Dirty, c.Skipped = map[string]bool{}, map[string]int{}
	workers := max(s.Workers, 1)
	q := queue{jobs: make(chan *batch, workers), free: make(chan *batch, workers+2)}
	for range cap(q.free) {
		q.free <- new(batch)
	}
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			scanner := s.Engine.Scanner()
			for b := range q.jobs {
				for i := range b.contents {
					c.small(ctx, scanner, b.contents[i].Content, b.contents[i].data)
				}
				q.free <- b
			}
		})
	}
	q.fill(ctx, c, s.Engine.Scanner(), contents)
	close(q.jobs)
	running.Wait()
	return &c.Searched, context.Cause(ctx)
}

// hit keeps of a match what may be kept.
func (s *Searcher) hit(content Content, m *scan.Match) Hit {
	h := Hit{
		Place: content.Place, OID: content.OID, Name: content.Name,
		Rule: m.Rule, Secret: sha256.Sum256(m.Secret), Shown: s.Redact(m),
		Line: m.Line, Column: m.Column, EndLine: m.EndLine, EndColumn: m.EndColumn,
		Validity: m.Validity, Note: m.Note, Via: slices.Clone(m.Via), Allowed: m.Allowed,
	}
	if s.Excuse != nil {
		h.Excused = s.Excuse(m)
	}
	return h
}

// collector gathers what the workers find.
type collector struct {
	mu sync.Mutex
	Searched
	cancel   context.CancelCauseFunc
	make     func(Content, *scan.Match) Hit
	progress func(int, int64)
}

func (c *collector) small(ctx context.Context, scanner *scan.Scanner, content Content, data []byte) {
	if content.Place == File && envelope.IsSealed(data) {
		if _, err := envelope.Inspect(bytes.NewReader(data)); err == nil && !legible(data) {
			c.sealed(int64(len(data)))
			return
		}
	}
	r := result{content: content, make: c.make}
	var err error
	r.outcome, err = scanner.Bytes(ctx, data, r.hit)
	c.add(content, r, err)
}

// large reads a content that is too large to be kept.
func (c *collector) large(ctx context.Context, scanner *scan.Scanner, content Content) {
	if content.Place != File {
		c.scan(ctx, scanner, content)
		return
	}
	r := bufio.NewReaderSize(content.Read, 64<<10)
	head, _ := r.Peek(envelope.HeaderSize)
	content.Read = r
	if !envelope.IsSealed(head) {
		c.scan(ctx, scanner, content)
		return
	}
	// Its structure can be told only at its end, and then it is too late to search
	// it: so both at once. What is found counts only if it is no sealed blob.
	piped, feed := io.Pipe()
	sound := make(chan error, 1)
	text := &watcher{r: r}
	go func() {
		_, err := envelope.Inspect(piped)
		_, _ = io.Copy(io.Discard, piped)
		sound <- err
	}()
	content.Read = io.TeeReader(text, feed)
	res := result{content: content, make: c.make}
	outcome, err := scanner.Scan(ctx, content.Read, res.hit)
	res.outcome = outcome
	_ = feed.Close()
	if damaged := <-sound; err == nil && damaged == nil && !text.legible {
		c.sealed(res.outcome.Bytes)
		return
	}
	c.add(content, res, err)
}

// textRun is how many printable characters in a row no ciphertext has: a terabyte
// has them with a chance of one in 50 000. Whoever frames plaintext as if it was
// sealed, which needs no key, has as many.
const textRun = 40

// legible tells whether something that is framed as a sealed blob holds text.
func legible(data []byte) bool {
	for i := textRun - 1; i < len(data); i += textRun {
		from, to := i, i
		for from >= 0 && i-from < textRun && printable(data[from]) {
			from--
		}
		for to < len(data) && to-i < textRun && printable(data[to]) {
			to++
		}
		if to-from-1 >= textRun {
			return true
		}
	}
	return false
}

func printable(c byte) bool { return c >= ' ' && c < 0x7f || c == '\n' || c == '\r' || c == '\t' }

// watcher passes a content on and tells whether any piece of it is legible.
type watcher struct {
	r       io.Reader
	legible bool
}

func (w *watcher) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.legible = w.legible || legible(p[:n])
	return n, err
}

func (c *collector) scan(ctx context.Context, scanner *scan.Scanner, content Content) {
	r := result{content: content, make: c.make}
	var err error
	r.outcome, err = scanner.Scan(ctx, content.Read, r.hit)
	c.add(content, r, err)
}

// result is what one content gave.
type result struct {
	content Content
	make    func(Content, *scan.Match) Hit
	hits    []Hit
	more    bool // than hits has
	outcome scan.Outcome
}

func (r *result) hit(m *scan.Match) {
	if m.Rule.Alone && r.content.Place != File {
		return // a message or a name of one word is no file that is its secret
	}
	if len(r.hits) == maxContent {
		r.more = true
		return
	}
	r.hits = append(r.hits, r.make(r.content, m))
}

func (c *collector) add(content Content, r result, err error) {
	if err != nil {
		c.fail(content.OID, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count(r.outcome.Bytes)
	c.Hits = append(c.Hits, r.hits...)
	if r.more {
		// Not merely skipped: the first ones may all be allowed, or no news.
		c.Dirty[content.OID] = true
		c.Failed = append(c.Failed, fmt.Errorf("%s: more than %d findings, the others were not looked at", cmp.Or(content.OID, string(content.Place)), maxContent))
	}
	for _, skip := range r.outcome.Skipped {
		c.Skipped[skip.Why]++
	}
	if len(r.hits) > 0 || len(r.outcome.Skipped) > 0 {
		c.Dirty[content.OID] = true
	}
	if len(c.Hits) > maxHits {
		c.cancel(fmt.Errorf("more than %d findings: this is no repository to list them for", maxHits))
	}
}

func (c *collector) sealed(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Sealed++
	c.count(n)
}

// count is called with the lock held.
func (c *collector) count(n int64) {
	c.Objects++
	c.Bytes += n
	if c.progress != nil && c.Objects%256 == 0 {
		c.progress(c.Objects, c.Bytes)
	}
}

func (c *collector) fail(oid string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Dirty[oid] = true
	c.Failed = append(c.Failed, err)
}
