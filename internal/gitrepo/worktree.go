package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// PathError is one path that an operation could not do.
type PathError struct {
	Path string
	Err  error
	// Removed says that git had already removed the old file when it failed. What
	// the index holds for the path can be checked out again.
	Removed bool
}

func (e PathError) Error() string { return fmt.Sprintf("%q: %v", e.Path, e.Err) }

// Unwrap gives the cause.
func (e PathError) Unwrap() error { return e.Err }

// PathsError is an operation that did not do all its paths. Those it names
// nowhere are done.
type PathsError struct {
	Op     string
	Failed []PathError // each for a reason of its own
	// Untried were left as they are, because the operation was stopped.
	Untried []string
	// Stale were rewritten, but git was stopped before it wrote that down in the
	// index: git status may call them modified until they are done again.
	Stale []string
	// Err is why the operation was stopped, or nil.
	Err error
}

func (e *PathsError) Error() string {
	switch {
	case e.Err != nil:
		return fmt.Sprintf("%s: %v (%d files failed, %d not tried)", e.Op, e.Err, len(e.Failed), len(e.Untried))
	case len(e.Failed) == 1:
		return fmt.Sprintf("%s: %v", e.Op, e.Failed[0])
	}
	return fmt.Sprintf("%s: %d files failed, first %v", e.Op, len(e.Failed), e.Failed[0])
}

// Unwrap gives the causes.
func (e *PathsError) Unwrap() []error {
	var all []error
	if e.Err != nil {
		all = append(all, e.Err)
	}
	for _, f := range e.Failed {
		all = append(all, f)
	}
	return all
}

// orNil is e if it has anything to say.
func (e *PathsError) orNil() error {
	if len(e.Failed)+len(e.Untried)+len(e.Stale) == 0 && e.Err == nil {
		return nil
	}
	return e
}

func (e *PathsError) fail(path string, err error) {
	e.Failed = append(e.Failed, PathError{Path: path, Err: err})
}

// Why a path is refused before git is asked.
var (
	errThroughLink = errors.New("leads through a symbolic link")
	errNotFile     = errors.New("not a regular file")
	errUntracked   = errors.New("not in the index")
	errUnmerged    = errors.New("in conflict")
	errSparse      = errors.New("left out by the sparse checkout")
)

// workFile is a tracked regular file in the work tree.
type workFile struct {
	path string
	info fs.FileInfo // as it was found
	mark time.Time   // modification time it was given, see checkout.mark
}

// workTree looks at files without ever leaving the work tree or following a link.
type workTree struct {
	root *os.Root
	dirs map[string]error // parent directories seen so far
}

func (r *Repo) openWorkTree() (*workTree, error) {
	if r.Bare() {
		return nil, ErrBare
	}
	root, err := os.OpenRoot(r.WorkTree)
	if err != nil {
		return nil, fmt.Errorf("open work tree: %w", err)
	}
	return &workTree{root: root, dirs: map[string]error{".": nil}}, nil
}

func (w *workTree) lstat(p string) (fs.FileInfo, error) {
	if err := w.parent(path.Dir(p)); err != nil {
		return nil, err
	}
	return w.root.Lstat(filepath.FromSlash(p))
}

// parent refuses a directory that is reached through a symbolic link, which git
// checkout-index -f would replace by a directory.
func (w *workTree) parent(dir string) error {
	if err, seen := w.dirs[dir]; seen {
		return err
	}
	err := w.parent(path.Dir(dir))
	if err == nil {
		var info fs.FileInfo
		info, err = w.root.Lstat(filepath.FromSlash(dir))
		switch {
		case err != nil:
		case info.Mode()&(fs.ModeSymlink|fs.ModeIrregular) != 0:
			err = errThroughLink
		case !info.IsDir():
			err = fs.ErrNotExist
		}
	}
	w.dirs[dir] = err
	return err
}

func (w *workTree) chtimes(p string, mtime time.Time) error {
	return w.root.Chtimes(filepath.FromSlash(p), time.Time{}, mtime)
}

// trackedFiles sorts paths: those that are tracked regular files, in the index
// and in the work tree, are returned; the others fail in report, apart from those
// for which absent (not there) or other kinds of file are to be skipped.
func (r *Repo) trackedFiles(ctx context.Context, w *workTree, paths []string, skip bool, report *PathsError) ([]workFile, error) {
	wanted := make(map[string]*IndexEntry, len(paths))
	for _, p := range paths {
		wanted[p] = nil
	}
	for e, err := range r.IndexIter(ctx) {
		if err != nil {
			return nil, err
		}
		if _, ok := wanted[e.Path]; ok {
			wanted[e.Path] = &e
		}
	}
	var files []workFile
	for _, p := range paths {
		e, ok := wanted[p]
		if !ok {
			continue // named twice
		}
		delete(wanted, p)
		info, err := w.lstat(p)
		switch {
		case errors.Is(err, fs.ErrNotExist) && skip:
			continue
		case err != nil:
		case e == nil:
			err = errUntracked
		case e.Stage != 0:
			err = errUnmerged
		case !info.Mode().IsRegular() || !IsFile(e.Mode):
			if skip {
				continue
			}
			err = errNotFile
		case e.SkipWorktree && skip:
			err = errSparse
		}
		if err != nil {
			report.fail(p, withoutPath(err))
			continue
		}
		files = append(files, workFile{path: p, info: info})
	}
	return files, nil
}

// withoutPath drops the path from an error of package os: PathError has it.
func withoutPath(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

func pathsOf(files []workFile) []string {
	all := make([]string, len(files))
	for i, f := range files {
		all[i] = f.path
	}
	return all
}

func nulFiles(files []workFile) *strings.Reader { return nul(pathsOf(files)) }
