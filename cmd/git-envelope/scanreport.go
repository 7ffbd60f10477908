package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/report"
	"github.com/git-envelope/git-envelope/internal/scan"
	"github.com/git-envelope/git-envelope/internal/sweep"
)

// judgement is one scan under way.
type judgement struct {
	*clone // its repo is nil outside of a repository
	o      scanOptions
	r      *report.Report
	states states
	*sweep.Sweep
	rules *ruleSet
	known knownPolicies
	// builtin is an engine of the built-in rules that is made while Git is asked
	// whether there are others; nil: none is.
	builtin func() (*scan.Engine, error)
}

// states are the two states of the repository that a scan is between. What
// excuses a finding is taken from the base if there is one, so that a change
// can't excuse itself.
type states struct {
	base, rev         string // as in BASE:path; "" as rev is the index
	hasBase, hasState bool
	// orphan says that there is a base and nobody can tell which: then nothing is
	// excused.
	orphan bool
}

// governing is the state whose allowances count.
func (s states) governing() (rev string, ok bool) {
	if s.hasBase {
		return s.base, true
	}
	return s.rev, s.hasState && !s.orphan
}

// scanReport runs a scan from its flags to its report.
func (a *app) scanReport(ctx context.Context, o scanOptions) (*report.Report, error) {
	c, err := a.open(ctx)
	if len(o.paths) > 0 && errors.Is(err, gitrepo.ErrNotRepository) {
		c, err = &clone{app: a}, nil
	}
	if err != nil {
		return nil, err
	}
	if c.repo != nil {
		defer c.Close()
	}
	return c.judgeBy(ctx, o, func(j *judgement) error {
		if err := j.run(ctx); err != nil {
			return err
		}
		return j.upkeep(ctx)
	})
}

// judgeBy makes a judgement ready, lets do fill it, and applies what is allowed.
func (c *clone) judgeBy(ctx context.Context, o scanOptions, do func(*judgement) error) (*report.Report, error) {
	j := &judgement{clone: c, o: o, r: &report.Report{
		Version: 1, Tool: "git-envelope " + currentVersion(), Started: c.now().UTC(), Scope: o.scope(), Shard: o.shard,
		Findings: []report.Finding{},
	}}
	c.keyless = o.noKeys
	if err := do(j); err != nil {
		return nil, err
	}
	return j.finish(ctx)
}

// run is the part that differs by source.
func (j *judgement) run(ctx context.Context) error {
	switch {
	case j.o.staged:
		return j.staged(ctx)
	case j.o.tree != "":
		return j.wholeTree(ctx)
	case j.o.span != "":
		return j.span(ctx)
	case j.o.history:
		return j.history(ctx)
	case j.o.preReceive:
		return j.received(ctx)
	}
	return j.files(ctx)
}

func (j *judgement) wholeTree(ctx context.Context) error {
	oid, err := j.repo.Resolve(ctx, j.o.tree)
	if err != nil {
		return err
	}
	base, err := j.parent(ctx, oid)
	if err != nil {
		return err
	}
	s := states{base: base, rev: oid, hasBase: base != "", hasState: true}
	if done, err := j.ungovernedTree(ctx, s); done || err != nil {
		return err
	}
	changes, err := j.treeChanges(ctx, base, oid)
	if err != nil {
		return err
	}
	if err := j.prepare(ctx, s); err != nil {
		return err
	}
	if err := j.protection(ctx, base, oid, changes, nil); err != nil {
		return err
	}
	for i := range changes {
		changes[i].Old = nil // a tree is judged whole, old and new alike
	}
	return j.contents(ctx, changes, false)
}

// ungovernedTree searches a tree that asks for nothing to be sealed, and whose base
// did not either. done tells whether it was one.
func (j *judgement) ungovernedTree(ctx context.Context, s states) (done bool, err error) {
	if s.hasBase {
		if _, ok, err := j.ungoverned(ctx, s.base, nil); !ok || err != nil {
			return false, err
		}
	}
	var items []sweep.Item
	files, ok, err := j.ungoverned(ctx, s.rev, func(e gitrepo.TreeEntry) {
		items = append(items, sweep.Item{Path: e.Path, Mode: e.Mode, OID: e.OID})
	})
	if !ok || err != nil {
		return false, err
	}
	if err := j.prepare(ctx, s); err != nil {
		return false, err
	}
	j.r.Coverage.Files += files
	return true, j.add(j.Items(ctx, items, false))
}

// contents searches what changes bring.
func (j *judgement) contents(ctx context.Context, changes []check.Change, news bool) error {
	return j.add(j.Items(ctx, itemsOf(changes), news))
}

func itemsOf(changes []check.Change) (items []sweep.Item) {
	for _, ch := range changes {
		if ch.New == nil {
			continue
		}
		item := sweep.Item{Path: ch.Path, Mode: ch.New.Mode, OID: ch.New.OID}
		if ch.Old != nil {
			item.Base = ch.Old.OID
		}
		items = append(items, item)
	}
	return items
}

func (j *judgement) history(ctx context.Context) error {
	head, born, err := j.repo.Head(ctx)
	if err != nil {
		return err
	}
	if err := j.prepare(ctx, states{rev: head, hasState: born}); err != nil {
		return err
	}
	if err := j.add(j.History(ctx, j.o.unreachable)); err != nil || !born {
		return err
	}
	if j.o.part.Index > 1 {
		return nil // the first shard judges protection
	}
	err = j.protectionAt(ctx, head)
	if err == nil {
		err = j.plainOnce(ctx)
	}
	var git *gitrepo.GitError
	if errors.Is(err, gitrepo.ErrMissing) || errors.As(err, &git) {
		// What was found is told all the same.
		j.r.Undetermined = append(j.r.Undetermined, fmt.Sprintf("protection can't be judged: %v", err))
		return ctx.Err()
	}
	return err
}

// protectionAt is verdict 1 on every file of a state.
func (j *judgement) protectionAt(ctx context.Context, rev string) error {
	if files, ok, err := j.ungoverned(ctx, rev, nil); ok || err != nil {
		j.r.Coverage.Files += files
		return err
	}
	changes, err := j.treeChanges(ctx, "", rev)
	if err != nil {
		return err
	}
	return j.protection(ctx, "", rev, changes, nil)
}

func (j *judgement) files(ctx context.Context) error {
	for _, path := range j.o.paths {
		if _, err := os.Lstat(path); err != nil && path != sweep.Stdin {
			return usage(fmt.Errorf("scan %s: %w", path, errors.Unwrap(err)), "name files or folders that are there; '-' is standard input")
		}
	}
	var s states
	if j.repo != nil {
		head, born, err := j.repo.Head(ctx)
		if err != nil {
			return err
		}
		s = states{rev: head, hasState: born}
	}
	if err := j.prepare(ctx, s); err != nil {
		return err
	}
	return j.add(j.Files(ctx, j.o.paths, j.in))
}

// message judges the text of a commit that is being made.
func (j *judgement) message(ctx context.Context, file string) error {
	text, err := readMessage(file)
	if err != nil {
		return err
	}
	s := states{hasState: true}
	if _, s.hasBase, err = j.repo.Head(ctx); err != nil {
		return err
	}
	if s.hasBase {
		s.base = "HEAD"
	}
	if err := j.prepare(ctx, s); err != nil {
		return err
	}
	j.r.Scope = "message"
	return j.add(j.Text(ctx, "COMMIT_EDITMSG", withoutDiff(text)))
}

// maxMessage bounds a file with a message, in which 'git commit -v' puts the whole
// diff. It is as much as is read of a commit.
const maxMessage = 64 << 20

func readMessage(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxMessage+1))
	if err == nil && len(text) > maxMessage {
		err = withHint(fmt.Errorf("read the message %s: larger than %d MiB", show(file), maxMessage>>20), "leave out -v, which puts the diff there")
	}
	return text, err
}

// withoutDiff cuts what 'git commit -v' shows below the message and throws away.
// Without -v nothing is thrown away, so it has to look like that: comments, then
// nothing or a diff.
func withoutDiff(text []byte) []byte {
	const scissors = " ------------------------ >8 ------------------------\n"
	i := bytes.Index(text, []byte(scissors))
	if i < 1 {
		return text
	}
	message, rest := text[:i], text[i+len(scissors):]
	for len(rest) > 0 && rest[0] == text[i-1] {
		_, rest, _ = bytes.Cut(rest, []byte{'\n'})
	}
	if len(rest) == 0 || bytes.HasPrefix(rest, []byte("diff --")) || bytes.HasPrefix(rest, []byte("Submodule ")) {
		return message
	}
	return text
}

// add takes over what a sweep found.
func (j *judgement) add(found *sweep.Result, err error) error {
	if err != nil {
		return err
	}
	r, c := j.r, found.Coverage
	r.Findings = append(r.Findings, found.Findings...)
	r.Allowed = append(r.Allowed, found.Inline...)
	r.Undetermined = append(r.Undetermined, found.Undetermined...)
	r.Coverage.Commits += c.Commits
	r.Coverage.Objects += c.Objects
	r.Coverage.Bytes += c.Bytes
	r.Coverage.Cached += c.Cached
	r.Coverage.Sealed += c.Sealed
	r.Coverage.Skipped = c.Skipped
	if j.o.strict {
		for why, n := range c.Skipped {
			r.Undetermined = append(r.Undetermined, fmt.Sprintf("%s not looked into: %s", plural(n, "part"), why))
		}
		slices.Sort(r.Undetermined)
	}
	return nil
}

// finish applies what is allowed and completes the report.
func (j *judgement) finish(ctx context.Context) (*report.Report, error) {
	r := j.r
	r.Commit = j.states.rev
	r.Scope = j.Shown(ctx, r.Scope) // a branch can have any name
	r.Coverage.Values = j.rules.values
	if err := j.applyAllowed(ctx); err != nil {
		return nil, err
	}
	if !j.o.history || j.o.shard != "" {
		r.Stale = nil // what is not used here may be elsewhere
	}
	for i := range r.Allowed { // reasons are anyone's words
		r.Allowed[i].Reason = j.Shown(ctx, r.Allowed[i].Reason)
	}
	for _, lines := range [][]string{r.Undetermined, r.Stale} { // and names are in what git says
		for i := range lines {
			lines[i] = j.Shown(ctx, lines[i])
		}
	}
	r.Tidy()
	r.Rules = j.rules.describe(r)
	r.Ended = j.now().UTC()
	return r, nil
}

// prepare makes the engine, which takes both states' policies.
func (j *judgement) prepare(ctx context.Context, s states) (err error) {
	j.states = s
	if j.rules, err = j.newRules(ctx, s); err != nil {
		return err
	}
	j.Sweep = &sweep.Sweep{Repo: j.repo, Engine: j.rules.engine, Key: j.rules.key, CacheKey: j.rules.cacheKey, Shard: j.o.part, Workers: j.o.jobs}
	if j.rules.gitleaks != nil {
		j.Excuse, j.ExcusedBy = j.rules.excuse, gitleaksFile
		j.PathRules = j.rules.gitleaks.PathRules
	}
	if j.Workers == 0 {
		j.Workers = runtime.GOMAXPROCS(0)
	}
	if j.repo != nil && !j.o.noCache {
		j.CacheDir = j.state("scan")
	}
	if showsProgress(j.err) {
		j.Progress = progress(j.err)
	}
	return nil
}

// showsProgress tells a terminal.
func showsProgress(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// progress writes one line over and over.
func progress(w io.Writer) func(n, total int, size int64) {
	return func(n, total int, size int64) {
		of := ""
		if total > 0 {
			of = fmt.Sprintf(" of %d", total)
		}
		fmt.Fprintf(w, "\rscanning: %d%s objects, %d MiB\x1b[K\r", n, of, size>>20)
	}
}

// writeReport prints a report or replaces a file by it.
func (a *app) writeReport(r *report.Report, o scanOptions) error {
	if o.output == "" || o.output == "-" {
		return report.Write(a.out, o.format, r, report.Options{Verbose: o.verbose})
	}
	var b bytes.Buffer
	if err := report.Write(&b, o.format, r, report.Options{Verbose: o.verbose}); err != nil {
		return err
	}
	if info, err := os.Stat(o.output); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(o.output, b.Bytes(), 0o644) // a device or a pipe is written to, not replaced
	}
	return writeFile(o.output, b.Bytes())
}
