package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
)

// carryOut does what a plan says. The repository takes blobs in once all of them
// are there, and the index once the repository has them.
func (c *clone) carryOut(ctx context.Context, plan *resealPlan) error {
	if len(plan.targets) == 0 {
		return nil
	}
	if err := c.unlockPlanned(ctx, plan); err != nil {
		return err
	}
	w, err := c.newResealer(ctx, plan)
	if err != nil {
		return nothingDone(err)
	}
	done, err := w.run(plan)
	if err != nil {
		return nothingDone(err)
	}
	for path, f := range w.failedPaths(plan) {
		plan.skip(path, f.kind, "%v", f.err)
	}
	var list []gitrepo.Replacement
	gone := map[string]bool{}
	for _, t := range plan.targets {
		if oid, ok := done[t.entry.OID]; ok {
			list = append(list, gitrepo.Replacement{Path: t.entry.Path, Old: t.entry.OID, New: oid})
		} else {
			gone[t.entry.Path] = true
		}
	}
	changed, err := c.repo.ReplaceBlobs(ctx, list)
	if errors.Is(err, gitrepo.ErrIndexBusy) {
		return withHint(err, "wait for the other git to end, then run the same command again; if none is running, it was killed: remove the lock file")
	}
	if err != nil {
		return nothingDone(err)
	}
	for _, path := range changed {
		gone[path] = true
		plan.skip(path, skippedFinding, "something else was staged there meanwhile")
	}
	plan.drop(gone)
	return nil
}

func nothingDone(err error) error {
	return withHint(err, "index and work tree are as they were: once the cause is mended, run the same command again")
}

// unlockPlanned makes files plaintext that the work tree has as the very
// ciphertext of the index: with another ciphertext in the index, Git would call
// them modified. It comes first, so that an interruption at any point leaves
// nothing that Git takes for an edit.
func (c *clone) unlockPlanned(ctx context.Context, plan *resealPlan) error {
	var sealed []string
	for _, t := range plan.targets {
		if !t.entry.SkipWorktree && c.treeState(t.entry.Path) == treeSealed {
			sealed = append(sealed, t.entry.Path)
		}
	}
	if len(sealed) == 0 {
		return nil
	}
	modified, err := c.repo.Modified(ctx)
	if err != nil {
		return err
	}
	var same []string
	for _, path := range sealed {
		if !modified[path] { // else it is an edit of the user's, whatever it is
			same = append(same, path)
		}
	}
	if plan.unlocked, err = c.rewrite(ctx, same, treePlain); err != nil {
		return withHint(fmt.Errorf("make files plaintext that are ciphertext in the work tree: %w", err), "git envelope unlock")
	}
	return nil
}

// inlineFrom is the size from which a blob is not read into memory: its content
// streams, one such blob at a time. Sealing it takes several threads as it is.
const inlineFrom = 1 << 20

// resealer seals blobs anew, in parallel.
type resealer struct {
	*clone
	ctx    context.Context
	cancel context.CancelCauseFunc
	filter *filter.Filter
	blobs  *gitrepo.BlobWriter
	meter  *meter
	rings  map[string]string // by blob
	count  map[string]int    // files that have it

	mu     sync.Mutex
	done   map[string]string        // old blob: new blob
	failed map[string]resealFailure // by blob
}

// resealFailure is one blob's own, which does not concern the others.
type resealFailure struct {
	kind string
	err  error
}

func (c *clone) newResealer(ctx context.Context, plan *resealPlan) (*resealer, error) {
	blobs, err := c.repo.NewBlobWriter(ctx)
	if err != nil {
		return nil, err
	}
	w := &resealer{clone: c, filter: c.filter(), blobs: blobs, rings: map[string]string{}, count: map[string]int{}, done: map[string]string{}, failed: map[string]resealFailure{}}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	var size int64
	for _, t := range plan.targets {
		w.rings[t.entry.OID] = t.ring
		w.count[t.entry.OID]++
		size += t.stored.size
	}
	w.meter = c.meter("resealing", "files", len(plan.targets), size)
	return w, nil
}

// run seals the plan's blobs and has the repository take them in.
func (w *resealer) run(plan *resealPlan) (done map[string]string, err error) {
	defer w.blobs.Discard()
	defer w.filter.Close()
	defer w.meter.end()
	defer w.cancel(nil)
	small := make(chan smallBlob)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for b := range small {
				w.blob(b.oid, int64(len(b.content)), bytes.NewReader(b.content))
			}
		})
	}
	var oids []string
	seen := map[string]bool{}
	for _, t := range plan.targets { // in the index's order, which is that of the pack, more or less
		if !seen[t.entry.OID] {
			seen[t.entry.OID] = true
			oids = append(oids, t.entry.OID)
		}
	}
	w.read(oids, small)
	close(small)
	workers.Wait()
	if w.ctx.Err() != nil {
		return nil, context.Cause(w.ctx)
	}
	if len(w.done) == 0 {
		return nil, nil
	}
	return w.done, w.blobs.Close(w.ctx)
}

type smallBlob struct {
	oid     string
	content []byte
}

// read gives out the small blobs and does the large ones itself.
func (w *resealer) read(oids []string, small chan<- smallBlob) {
	for o, err := range w.repo.ObjectsOf(w.ctx, oids) {
		switch {
		case w.ctx.Err() != nil:
			return
		case err != nil && o.OID == "":
			w.cancel(err)
			return
		case err != nil:
			w.fail(o.OID, skippedUnreadable, err)
		case o.Size >= inlineFrom:
			w.blob(o.OID, o.Size, o)
		default:
			content := make([]byte, o.Size)
			if _, err := io.ReadFull(o, content); err != nil {
				w.fail(o.OID, skippedUnreadable, err)
				continue
			}
			select {
			case small <- smallBlob{o.OID, content}:
			case <-w.ctx.Done():
				return
			}
		}
	}
}

// blob seals one blob anew and stores it. A failure that is not the blob's own
// stops everything.
func (w *resealer) blob(oid string, size int64, content io.Reader) {
	if w.ctx.Err() != nil {
		return
	}
	r, err := w.filter.Reseal(w.ctx, w.rings[oid], content)
	switch {
	case err == nil:
	case w.ctx.Err() != nil:
		return
	case errors.Is(err, filter.ErrIntegrity):
		w.fail(oid, skippedIntegrity, err)
		return
	case isAny(err, filter.ErrRefused, filter.ErrNewer, filter.ErrNotSealed):
		w.fail(oid, skippedFinding, err)
		return
	default:
		w.cancel(err)
		return
	}
	defer r.Close()
	now, err := w.blobs.Write(w.ctx, r.Size, r)
	if err != nil {
		w.cancel(err)
		return
	}
	w.mu.Lock()
	w.done[oid] = now
	w.mu.Unlock()
	w.meter.add(w.count[oid], int64(w.count[oid])*size)
}

func (w *resealer) fail(oid, kind string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed[oid] = resealFailure{kind, err}
}

// failedPaths are the failures by path.
func (w *resealer) failedPaths(plan *resealPlan) map[string]resealFailure {
	paths := map[string]resealFailure{}
	for _, t := range plan.targets {
		if f, ok := w.failed[t.entry.OID]; ok {
			paths[t.entry.Path] = f
		}
	}
	return paths
}
