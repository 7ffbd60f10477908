package gitrepo

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"strings"
	"time"
)

// maxFailures is after how many failing files CheckoutIndex gives up: git stops
// at each, and a fault that all files share would cost one start of git a file.
const maxFailures = 32

// CheckoutIndex has git write the index's content of paths anew, through its
// filters, although nothing about the files changed; and record the new size and
// time in the index, so that git status stays quiet. It overwrites: whether a file
// holds edits must have been asked before.
//
// Only tracked regular files are touched. Paths that are not in the work tree
// stay away (sparse checkout, deleted), symbolic links and submodules are left
// alone; paths in conflict, untracked, or behind a symbolic link are refused.
// progress is called now and then while git works.
//
// One file's failure does not keep git from doing the others. A *PathsError then
// tells what state is left. Git removes the old file before it runs the filter for
// the new one, so a file for which the filter failed is gone from the work tree
// (PathError.Removed).
func (r *Repo) CheckoutIndex(ctx context.Context, paths []string, progress ...func(done, total int)) error {
	if err := checkPaths(paths); err != nil {
		return err
	}
	w, err := r.openWorkTree()
	if err != nil {
		return err
	}
	defer w.root.Close()
	report := &PathsError{Op: "check out"}
	files, err := r.trackedFiles(ctx, w, paths, true, report)
	if err != nil {
		return err
	}
	c := &checkout{repo: r, tree: w, report: report, total: len(files)}
	if len(progress) > 0 {
		c.progress = progress[0]
	}
	defer r.indexChanged()
	c.all(ctx, files)
	return report.orNil()
}

// checkout is one CheckoutIndex under way.
type checkout struct {
	repo        *Repo
	tree        *workTree
	report      *PathsError
	progress    func(done, total int)
	done, total int
	failures    int
}

// all runs git until every file is done or has failed. When git stops at a file it
// has rewritten those before it, but not the index: they are done once more at the
// end, because git compares sizes first and would call them modified.
func (c *checkout) all(ctx context.Context, files []workFile) {
	var again []workFile
	for len(files) > 0 {
		done, failed, rest, err := c.round(ctx, files)
		again = append(again, done...)
		if failed == nil {
			if err != nil {
				c.stop(err, again, rest)
				return
			}
		} else {
			c.report.Failed = append(c.report.Failed, *failed)
			if c.failures++; c.failures >= maxFailures {
				c.report.Untried, rest = append(c.report.Untried, pathsOf(rest)...), nil
			}
		}
		if files = rest; len(files) == 0 && c.failures <= maxFailures {
			files, again = again, nil
		}
	}
	c.report.Stale = append(c.report.Stale, pathsOf(again)...)
}

func (c *checkout) stop(err error, done, rest []workFile) {
	c.report.Err = err
	c.report.Stale = append(c.report.Stale, pathsOf(done)...)
	c.report.Untried = append(c.report.Untried, pathsOf(rest)...)
}

// round runs git once. If all went well all results are empty. Otherwise done are
// the files that were rewritten without being recorded, failed the one at which git
// stopped, if it was a file, and rest are as they were before.
func (c *checkout) round(ctx context.Context, files []workFile) (done []workFile, failed *PathError, rest []workFile, err error) {
	files = c.mark(files)
	if len(files) == 0 {
		return nil, nil, nil, nil
	}
	stop := c.watch(files)
	_, err = c.repo.RunWrite(ctx, nulFiles(files),
		"-c", "checkout.workers=1", "checkout-index", "--force", "--index", "-z", "--stdin")
	stop()
	if err == nil {
		c.done += len(files)
		for _, f := range files {
			if c.untouched(f) {
				c.report.fail(f.path, errors.New("git left it as it was"))
				_ = c.tree.chtimes(f.path, f.info.ModTime())
			}
		}
		return nil, nil, nil, nil
	}
	for _, f := range files {
		switch {
		case !c.untouched(f) && !c.gone(f):
			done = append(done, f)
		case failed == nil && ctx.Err() == nil && (c.gone(f) || names(err, f.path)):
			failed = &PathError{Path: f.path, Err: err, Removed: c.gone(f)}
			_ = c.tree.chtimes(f.path, f.info.ModTime())
		default:
			rest = append(rest, f)
			_ = c.tree.chtimes(f.path, f.info.ModTime())
		}
	}
	return done, failed, rest, err
}

// names reports whether git's messages say that it failed at a path: it could not
// be replaced or written, or was refused. (Where a filter failed the file is gone,
// which is the surer sign.) A fault of git's as a whole must not be blamed on a file.
func names(err error, path string) bool {
	var e *GitError
	if !errors.As(err, &e) {
		return false
	}
	for _, text := range []string{"git checkout-index: " + path + " ", "'" + path + "'", " file " + path + ":", "fatal: " + path + ": "} {
		if strings.Contains(e.Stderr, text) {
			return true
		}
	}
	return false
}

// mark gives files a modification time that the index can't hold for them, because
// git skips a file whose size and times are as recorded, even with --force. It is
// a random one of the 1990s: any fixed time would be recorded in the index if git
// status came by after an interrupted run. Even seconds, for FAT.
func (c *checkout) mark(files []workFile) []workFile {
	const from, to = 631_152_000, 946_684_800
	at := time.Unix(from+2*rand.Int64N((to-from)/2), 0)
	var marked []workFile
	for _, f := range files {
		t := at
		if f.info.ModTime().Equal(t) {
			t = t.Add(2 * time.Second)
		}
		if err := c.tree.chtimes(f.path, t); err != nil {
			c.report.fail(f.path, withoutPath(err))
			continue
		}
		f.mark = t
		marked = append(marked, f)
	}
	return marked
}

// untouched reports whether a file still has the mark.
func (c *checkout) untouched(f workFile) bool {
	info, err := c.tree.lstat(f.path)
	return err == nil && info.ModTime().Unix() == f.mark.Unix()
}

func (c *checkout) gone(f workFile) bool {
	_, err := c.tree.lstat(f.path)
	return errors.Is(err, fs.ErrNotExist)
}

// watch reports progress by looking how far the marks are gone; git goes through
// the files in order.
func (c *checkout) watch(files []workFile) (stop func()) {
	if c.progress == nil {
		return func() {}
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; {
			select {
			case <-end:
				c.progress(min(c.done+len(files), c.total), c.total)
				return
			case <-tick.C:
			}
			for n < len(files) && !c.untouched(files[n]) {
				n++
			}
			c.progress(min(c.done+n, c.total), c.total)
		}
	}()
	return func() { close(end); <-ended }
}
