package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/git-envelope/git-envelope/hooks"
	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/scan"
	"github.com/git-envelope/git-envelope/internal/scan/rules"
	"github.com/git-envelope/git-envelope/internal/sweep"
)

// staged judges the index. Somebody waits for it at each commit, and most of the
// time goes into starting Git, so whatever does not need another's answer is asked
// at the same time.
func (j *judgement) staged(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	listed := later(func() (*hooks.Stage, error) { return hooks.Staged(ctx, j.repo) })
	ready := j.ahead(ctx)
	index := later(func() (*indexView, error) { return j.viewIndex(ctx) })
	defer func() {
		if v, err := index(); err == nil {
			_ = v.done()
		}
	}()
	ready()
	// Nearly always there is a commit, and then these are the states.
	prepared := j.prepare(ctx, states{base: "HEAD", hasBase: true, hasState: true})
	stage, err := listed()
	if err != nil {
		return err
	}
	base := "HEAD"
	if !stage.Born {
		base = ""
		prepared = j.prepare(ctx, states{hasState: true})
	}
	if prepared != nil {
		return prepared
	}
	items := itemsOf(stage.Changes)
	asked, onDisk, err := j.named(ctx, stage)
	if err != nil {
		return err
	}
	items = append(items, asked...)
	judged := j.judging(ctx, base, stage.Changes, index)
	if countNew(items) >= manyItems {
		j.Workers = runtime.GOMAXPROCS(0)
		judged = later(judged)
	}
	found, err := j.Items(ctx, items, true)
	v, bad := judged()
	if bad != nil {
		return bad
	}
	j.take(ctx, v, nil)
	if err := j.add(found, err); err != nil || len(onDisk) == 0 {
		return err
	}
	return j.add(j.Files(ctx, onDisk, j.in))
}

// ahead begins what a hook needs whatever it finds: the engine, since nearly all
// repositories have no rules of their own, a git to read objects with, and of the
// small files of HEAD and the index which there are. What it returns waits for that.
// What fails here fails again where it counts.
func (j *judgement) ahead(ctx context.Context) (wait func()) {
	if !j.inTree(gitleaksFile) {
		j.builtin = sync.OnceValues(func() (*scan.Engine, error) { return scan.New(j.engineOptions(rules.All(), nil)) })
	}
	primed := later(func() (any, error) {
		j.blobs.Warm()
		specs := []string{":" + policyPath}
		for _, name := range []string{policyPath, gitleaksFile, allowPath, gitleaksList, baselinePath} {
			specs = append(specs, "HEAD:"+name)
		}
		return nil, j.blobs.Prime(ctx, specs...)
	})
	sealed := func() (any, error) { return nil, nil }
	if j.inTree(policyPath) { // the search for sealed values begins with these
		config := later(func() (any, error) { return j.repo.Config(ctx) })
		index := later(func() (any, error) { return j.repo.IndexEntries(ctx) })
		sealed = func() (any, error) { _, _ = config(); return index() }
	}
	return func() {
		if j.builtin != nil { // not in another goroutine, which could run before git is started
			_, _ = j.builtin()
		}
		_, _ = primed()
		_, _ = sealed()
	}
}

// inTree tells whether the work tree seems to have a file.
func (j *judgement) inTree(path string) bool {
	if j.tree == nil {
		return false
	}
	_, err := j.tree.Lstat(filepath.FromSlash(path))
	return err == nil
}

// indexView is the index by itself, and a git that tells the attributes in it.
type indexView struct {
	repo       *gitrepo.Repo
	attributes *gitrepo.Attributes
	done       func() error
}

func (j *judgement) viewIndex(ctx context.Context) (*indexView, error) {
	view, done, err := j.repo.View(ctx, "")
	if err != nil {
		return nil, err
	}
	v := &indexView{view, view.AttributesCached("filter", "envelope-ring"), done}
	v.attributes.Warm(ctx)
	return v, nil
}

// named are the files whose names a hook manager gave, if they are not staged,
// beside what the stage has anyway: of one that the index has as HEAD does, the
// whole content there, since the work tree has sealed files in clear; and of one
// that the index does not have, the file, unless it is to be sealed when added.
func (j *judgement) named(ctx context.Context, stage *hooks.Stage) (items []sweep.Item, onDisk []string, err error) {
	if len(j.o.paths) == 0 {
		return nil, nil, nil
	}
	index, err := j.repo.IndexEntries(ctx)
	if err != nil {
		return nil, nil, err
	}
	judged, staged := map[string]bool{}, map[string]bool{}
	for _, ch := range stage.Changes {
		judged[ch.Path], staged[ch.Path] = true, !same(ch)
	}
	var strangers []string
	for _, name := range j.o.paths {
		path, err := j.pathOf(name)
		if err != nil {
			return nil, nil, err
		}
		e, ok := index[path]
		switch {
		case staged[path]:
		case ok && !e.IntentToAdd:
			items = append(items, sweep.Item{Path: path, Mode: e.Mode, OID: e.OID})
			if !judged[path] {
				judged[path] = true
				blob := hooks.Blob(j.repo, e.Mode, e.OID)
				stage.Changes = append(stage.Changes, check.Change{Path: path, Old: blob, New: blob})
			}
		default:
			strangers = append(strangers, name)
		}
	}
	onDisk, err = j.plainOnDisk(ctx, strangers)
	return items, onDisk, err
}

// pathOf is the path in the repository of a file that was named from the current
// folder.
func (j *judgement) pathOf(name string) (string, error) {
	full, err := filepath.Abs(name)
	if err == nil { // the link itself is meant, if it is one
		var dir string
		if dir, err = filepath.EvalSymlinks(filepath.Dir(full)); err == nil {
			full = filepath.Join(dir, filepath.Base(full))
		}
	}
	if err == nil {
		full, err = filepath.Rel(j.repo.WorkTree, full)
	}
	if err != nil || !filepath.IsLocal(full) {
		return "", usage(fmt.Errorf("%s is no file of this work tree", show(name)), "name files that are in it")
	}
	return filepath.ToSlash(full), nil
}

// plainOnDisk are those of the files that 'git add' would not seal.
func (j *judgement) plainOnDisk(ctx context.Context, names []string) (plain []string, err error) {
	for _, name := range names {
		info, err := os.Lstat(name)
		if err != nil || info.IsDir() {
			return nil, usage(fmt.Errorf("%s is no file", show(name)), "name files that are there; 'git envelope scan' takes folders")
		}
		path, err := j.pathOf(name)
		if err != nil {
			return nil, err
		}
		a, err := j.attrs.Get(ctx, path)
		if err != nil {
			return nil, err
		}
		if sealed, _ := filtered(a); !sealed {
			plain = append(plain, name)
		}
	}
	return plain, nil
}

// countNew is how many of the items are to be searched.
func countNew(items []sweep.Item) (n int) {
	for _, item := range items {
		if item.OID != item.Base {
			n++
		}
	}
	return n
}

// manyItems is from how many new ones on verdicts 1 and 2 are reached beside the search and
// not after it, which takes a git more to read objects with.
const manyItems = 24

// judging is judge for changes of the index; what it returns waits for it. Most
// commits leave the rules as they are: then one state's rules are the other's, and
// only the attributes of what changed need be asked for.
func (j *judgement) judging(ctx context.Context, base string, changes []check.Change, index func() (*indexView, error)) func() (*verdict, error) {
	governs := func(ch check.Change) bool { return check.Governs(ch.Path) && !same(ch) }
	if base == "" || slices.ContainsFunc(changes, governs) {
		return later(func() (*verdict, error) { return j.judge(ctx, base, "", changes) })
	}
	asked := later(func() (*check.Checker, error) {
		p, err := j.policyOf(ctx, base)
		if err != nil {
			return nil, err
		}
		view, err := index()
		if err != nil {
			return nil, err
		}
		side := check.Side{Policy: p}
		if side.Attributed, err = attributesOf(ctx, view.attributes, changes); err != nil {
			return nil, err
		}
		return &check.Checker{Open: j.keyIfAny, Old: side, New: side, RingOfKey: j.ringOfKey(view.repo)}, nil
	})
	return func() (*verdict, error) {
		j.readHeads(ctx, changes)
		checker, err := asked()
		if err != nil {
			return nil, err
		}
		return verdictBy(ctx, checker, changes)
	}
}

// readHeads reads how the blobs begin that the changes replace, all at once. What
// can't be read is asked for again by whoever needs it, and then it counts.
func (j *judgement) readHeads(ctx context.Context, changes []check.Change) {
	replaced := map[string][]*check.Blob{}
	var oids []string
	for _, ch := range changes {
		if ch.Old == nil || ch.New == nil || ch.Old.OID == ch.New.OID || !gitrepo.IsFile(ch.Old.Mode) {
			continue
		}
		if replaced[ch.Old.OID] == nil {
			oids = append(oids, ch.Old.OID)
		}
		replaced[ch.Old.OID] = append(replaced[ch.Old.OID], ch.Old)
	}
	for o, err := range j.blobs.Several(ctx, oids) {
		if err != nil {
			continue
		}
		head := make([]byte, min(o.Size, int64(envelope.HeaderSize)))
		if _, err := io.ReadFull(o, head); err != nil {
			continue
		}
		for _, b := range replaced[o.OID] {
			b.Head = head
		}
	}
}

// later starts f and gives what waits for its result, as often as it is asked.
func later[T any](f func() (T, error)) func() (T, error) {
	wait := sync.OnceValues(f)
	go func() { _, _ = wait() }()
	return wait
}
