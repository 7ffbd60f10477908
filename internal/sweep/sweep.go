// Package sweep is one scan for secrets from its source to its findings: it
// takes contents out of a repository or a folder, has them searched (verdicts 3
// and 4 of package check), and tells for what was found where it is and which
// commits brought it.
//
// It promises that a result without findings and without a line in Undetermined
// is a proof for all that the scope names: what could not be read is said. It is
// influenced by nothing in the scanned repository but its objects and refs: no
// attributes, no configuration of diff or log, no ignore file. It writes nothing
// but its own cache.
package sweep

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/report"
	"github.com/git-envelope/git-envelope/internal/scan"
)

// Sweep is a scan that is about to begin.
type Sweep struct {
	Repo    *gitrepo.Repo // nil for a scan of files alone
	Engine  *scan.Engine
	Key     []byte // of the findings' fingerprints
	Workers int
	Shard   Shard
	// PathRules are about paths alone: a file there that is not sealed is a finding,
	// whatever it holds.
	PathRules []scan.Rule
	// CacheDir is where the names of clean objects are kept; "": nowhere.
	CacheDir string
	// CacheKey names, beside the engine's digest, what else decides what is clean.
	CacheKey string
	// Excuse is check.Searcher's, ExcusedBy its name in reports.
	Excuse    func(*scan.Match) check.Excuse
	ExcusedBy string
	// Progress is called now and then; total is 0 where it is not known.
	Progress func(objects, total int, bytes int64)

	shown map[string]string // names, as Shown shows them
}

// Shard is one of several parts of a scan; the zero value is the whole.
type Shard struct{ Index, Count int } // Index from 1

// has tells whether an object belongs to this part.
func (s Shard) has(oid string) bool {
	if s.Count < 2 {
		return true
	}
	h := uint32(2166136261) // FNV-1a: names of refs and paths are no hashes
	for i := range len(oid) {
		h = (h ^ uint32(oid[i])) * 16777619
	}
	return int(h%uint32(s.Count)) == s.Index-1
}

// Result is what a scan found and looked at.
type Result struct {
	Findings     []report.Finding
	Inline       []report.Allowed // what a comment on its line allows
	Coverage     report.Coverage
	Undetermined []string
}

func (r *Result) undetermined(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if !slices.Contains(r.Undetermined, line) {
		r.Undetermined = append(r.Undetermined, line)
	}
}

// place is where a finding is said to be.
type place struct {
	kind, path string
	shown      string // path without what was found in it; "": as Shown has it
	oid        string // of what has no content of its own: what it names
	commits    []report.Commit
	all        int
}

// search runs the verdicts on contents and counts what was looked at.
func (s *Sweep) search(ctx context.Context, r *Result, total int, contents iter.Seq2[check.Content, error]) (*check.Searched, error) {
	searcher := check.Searcher{Engine: s.Engine, Workers: s.Workers, Redact: redact, Excuse: s.Excuse}
	if s.Progress != nil {
		searcher.Progress = func(n int, bytes int64) { s.Progress(n, total, bytes) }
	}
	found, err := searcher.Search(ctx, contents)
	if err != nil {
		return nil, err
	}
	c := &r.Coverage
	c.Objects += found.Objects
	c.Bytes += found.Bytes
	c.Sealed += found.Sealed
	for why, n := range found.Skipped {
		if c.Skipped == nil {
			c.Skipped = map[string]int{}
		}
		c.Skipped[why] += n
	}
	for i, err := range found.Failed {
		if i == 10 {
			r.undetermined("%d more objects could not be read", len(found.Failed)-i)
			break
		}
		r.undetermined("not read: %v", err)
	}
	return found, nil
}

// report makes a finding of a hit.
func (s *Sweep) report(ctx context.Context, r *Result, h check.Hit, at place) {
	shown := s.Shown(ctx, cmp.Or(at.shown, at.path))
	var via []string
	for _, step := range h.Via { // names of what is in archives
		via = append(via, s.Shown(ctx, step))
	}
	f := report.Finding{
		Rule: h.Rule.ID, Verdict: 3, Severity: h.Rule.Severity.String(), Place: at.kind, Path: shown, OID: cmp.Or(h.OID, at.oid),
		Line: h.Line, Column: h.Column, EndLine: h.EndLine, EndColumn: h.EndColumn,
		Message: "holds a secret: " + h.Rule.Title, Hint: hintSecret, Redacted: h.Shown, Validity: h.Validity.String(), Note: h.Note, Via: via,
		Commits: at.commits, All: at.all,
		Fingerprint: report.Fingerprint(s.Key, h.Rule.ID, at.path, h.Secret[:]),
	}
	if h.Sealed() {
		f.Verdict, f.Sealed, f.Note, f.Validity = 4, h.Note, "", ""
		f.Message, f.Hint = "holds a value that is sealed elsewhere", hintSealed
	}
	if h.Named {
		f.Validity, f.Message, f.Hint = "", "is a file of this name: "+h.Rule.Title, hintNamed
	}
	if by, reason, ok := s.excused(h, f); ok {
		r.Inline = append(r.Inline, report.Allowed{Finding: f, By: by, Reason: s.Shown(ctx, brief(reason))})
		return
	}
	r.Findings = append(r.Findings, f)
}

// excused tells who allows a finding of verdict 3; the others nobody does here.
func (s *Sweep) excused(h check.Hit, f report.Finding) (by, reason string, ok bool) {
	if h.Sealed() {
		return "", "", false
	}
	if h.Allowed != nil {
		if h.Allowed.Tool == "gitleaks" {
			return "gitleaks:allow", h.Allowed.Reason, true
		}
		return "inline", h.Allowed.Reason, true
	}
	if h.Excused == nil {
		return "", "", false
	}
	var commits []string
	if len(f.Commits) == f.All { // all that brought it are known
		for _, c := range f.Commits {
			commits = append(commits, c.OID)
		}
	}
	reason, ok = h.Excused(f.Path, commits)
	return s.ExcusedBy, reason, ok
}

const (
	hintSecret = "take it out and revoke it: whoever can read a commit can use it. Seal what must stay: 'git envelope seal PATTERN'. A false alarm: 'envelope:allow REASON' on its line, or its fingerprint in .envelope/allow"
	hintNamed  = "take it out and revoke what it holds, or seal it: 'git envelope seal PATTERN'. A false alarm: its fingerprint in .envelope/allow"
	hintSealed = "take it out; if it was pushed, change the sealed value. Only its fingerprint in .envelope/allow can excuse it"
)

// redact shows what the rule's own documentation tells of every such secret.
func redact(m *scan.Match) string { return report.Redact(m.Secret, m.Rule.Prefix()) }

// merge joins findings of one secret at one path, whatever the version.
func merge(findings []report.Finding) []report.Finding {
	r := report.Report{Findings: findings}
	r.Tidy()
	return r.Findings
}

// brief is a reason as long as people write them: a comment in a line of
// generated code ends where the line does.
func brief(reason string) string {
	const most = 200
	if len(reason) <= most {
		return reason
	}
	return strings.ToValidUTF8(reason[:most], "") + "…"
}

func short(oid string) string { return oid[:min(len(oid), 10)] }

// isMissing tells an object that is not there from one that is broken.
func isMissing(err error) bool { return errors.Is(err, gitrepo.ErrMissing) }

// Text searches one text that is no object yet: a commit message.
func (s *Sweep) Text(ctx context.Context, name string, text []byte) (*Result, error) {
	r := new(Result)
	found, err := s.search(ctx, r, 1, one(check.Content{Place: check.Message, Name: name, Read: bytes.NewReader(text)}))
	if err != nil {
		return nil, err
	}
	for _, h := range found.Hits {
		s.report(ctx, r, h, place{kind: "commit-message", path: name})
	}
	r.Findings = merge(r.Findings)
	return r, nil
}

// RefNames searches the names of references that are no references yet.
func (s *Sweep) RefNames(ctx context.Context, refs []gitrepo.Root) (*Result, error) {
	r := new(Result)
	refs = s.named(refs)
	found, err := s.search(ctx, r, len(refs), s.names(check.RefNames, rootNames(refs)))
	if err != nil || len(found.Hits) == 0 {
		return r, err
	}
	a := attribution{leads: s.commitsOf(ctx, found.Hits, refs)}
	if a.details, err = s.Details(ctx, unique(withoutEmpty(slices.Collect(maps.Values(a.leads))))); err != nil {
		return nil, err
	}
	for _, h := range check.At("", found.Hits) {
		s.report(ctx, r, h, a.refPlace(h, refs[h.Line-1], a.leads[h.Line-1]))
	}
	r.Findings = merge(r.Findings)
	return r, nil
}

// named are the references of this part, each name once.
func (s *Sweep) named(refs []gitrepo.Root) (out []gitrepo.Root) {
	seen := map[string]bool{}
	for _, ref := range refs {
		if !seen[ref.Name] && s.Shard.has(ref.Name) {
			seen[ref.Name] = true
			out = append(out, ref)
		}
	}
	return out
}

func one(c check.Content) iter.Seq2[check.Content, error] {
	return func(yield func(check.Content, error) bool) { yield(c, nil) }
}

// nameList is a text of one name a line; a name with a line feed in it would be
// two, so that is shown as a space.
func nameList(names []string) string {
	var b strings.Builder
	for _, n := range names {
		b.WriteString(strings.ReplaceAll(n, "\n", " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// byOID groups hits by the object they are in.
func byOID(hits []check.Hit) map[string][]check.Hit {
	m := map[string][]check.Hit{}
	for _, h := range hits {
		m[h.OID] = append(m[h.OID], h)
	}
	return m
}

func keys(m map[string][]check.Hit) []string { return slices.Sorted(maps.Keys(m)) }
