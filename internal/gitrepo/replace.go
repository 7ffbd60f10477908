package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Replacement is a new blob for an entry of the index that holds the old one.
type Replacement struct{ Path, Old, New string }

// maxReplaceTries is how often ReplaceBlobs begins anew because the index changed
// while it worked. The last tries leave the work tree alone, which takes the time.
const maxReplaceTries = 6

// ErrIndexBusy says that somebody else keeps the index locked, or keeps changing it.
var ErrIndexBusy = errors.New("the index is in use")

// ReplaceBlobs has entries of the index hold other blobs, in one change: all or, on
// an error, none. Mode and flags of the entries stay (executable, skip-worktree,
// assume-unchanged), the work tree is not written, and git has looked at it anew, so
// that git status need not. Paths whose entry does not hold the old blob any more,
// because somebody staged something else, are left alone and returned.
//
// Git makes the new index from a copy, without a lock. Under the lock, which is held
// for two looks at a file and a rename, it takes the index's place only if that is,
// byte for byte, still what the copy was made of; else all begins anew. So nothing
// that others stage is overwritten, and no git has to wait for us.
func (r *Repo) ReplaceBlobs(ctx context.Context, list []Replacement) (changed []string, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	index, err := filepath.EvalSymlinks(r.IndexFile)
	if err != nil {
		return nil, fmt.Errorf("find the index: %w", err)
	}
	defer r.indexChanged()
	for try := range maxReplaceTries {
		done := false
		if done, changed, err = r.tryReplace(ctx, index, list, try < maxReplaceTries/2); done || err != nil {
			return changed, err
		}
	}
	return nil, fmt.Errorf("change the index: %w: others changed it %d times meanwhile", ErrIndexBusy, maxReplaceTries)
}

func (r *Repo) tryReplace(ctx context.Context, index string, list []Replacement, refresh bool) (done bool, changed []string, err error) {
	before, err := os.ReadFile(index)
	if err != nil {
		return false, nil, fmt.Errorf("read the index: %w", err)
	}
	draft, err := copyIndex(index, before)
	if err != nil {
		return false, nil, fmt.Errorf("copy the index: %w", err)
	}
	defer os.RemoveAll(filepath.Dir(draft))
	if changed, err = r.withIndex(draft).replace(ctx, list, refresh); err != nil {
		return false, nil, err
	}
	if len(changed) == len(list) {
		return true, changed, nil
	}
	done, err = exchange(ctx, index, before, draft)
	return done, changed, err
}

// copyIndex makes a copy, in a folder of its own beside the index. It keeps the
// index's time, by which git tells which files may have changed since without
// showing it.
func copyIndex(index string, content []byte) (name string, err error) {
	info, err := os.Stat(index)
	if err != nil {
		return "", err
	}
	sweepDrafts(index)
	dir, err := os.MkdirTemp(filepath.Dir(index), filepath.Base(index)+draftName)
	if err != nil {
		return "", err
	}
	name = filepath.Join(dir, "index")
	err = errors.Join(os.WriteFile(name, content, info.Mode().Perm()), os.Chtimes(name, time.Time{}, info.ModTime()))
	if err != nil {
		_ = os.RemoveAll(dir)
	}
	return name, err
}

// draftName is in the names of folders with copies, which live for seconds.
const draftName = ".envelope-"

// sweepDrafts removes the copies of processes that were killed.
func sweepDrafts(index string) {
	all, _ := os.ReadDir(filepath.Dir(index))
	for _, e := range all {
		if info, err := e.Info(); err == nil && e.IsDir() && strings.HasPrefix(e.Name(), filepath.Base(index)+draftName) && time.Since(info.ModTime()) > time.Hour {
			_ = os.RemoveAll(filepath.Join(filepath.Dir(index), e.Name()))
		}
	}
}

// withIndex is the repository with another index.
func (r *Repo) withIndex(index string) *Repo {
	return &Repo{GitDir: r.GitDir, CommonDir: r.CommonDir, WorkTree: r.WorkTree, IndexFile: index, ObjectFormat: r.ObjectFormat, git: runner{
		dir: r.git.dir, read: environ(r.git.read).set("GIT_INDEX_FILE", index), write: environ(r.git.write).set("GIT_INDEX_FILE", index)}}
}

// replace changes the index of r, which is nobody else's.
func (r *Repo) replace(ctx context.Context, list []Replacement, refresh bool) (changed []string, err error) {
	held := make(map[string]IndexEntry, len(list))
	for _, l := range list {
		held[l.Path] = IndexEntry{}
	}
	for e, err := range r.IndexIter(ctx) {
		if err != nil {
			return nil, err
		}
		if _, ok := held[e.Path]; ok && e.Stage == 0 {
			held[e.Path] = e
		}
	}
	var entries []IndexEntry
	var skipped, assumed []string
	for _, l := range list {
		e := held[l.Path]
		if e.OID != l.Old || !IsFile(e.Mode) || e.IntentToAdd {
			changed = append(changed, l.Path)
			continue
		}
		if e.SkipWorktree {
			skipped = append(skipped, e.Path)
		}
		if e.AssumeUnchanged {
			assumed = append(assumed, e.Path)
		}
		e.OID = l.New
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return changed, nil
	}
	if err := r.UpdateIndex(ctx, entries); err != nil {
		return nil, err
	}
	for flag, paths := range map[string][]string{"--skip-worktree": skipped, "--assume-unchanged": assumed} {
		if len(paths) == 0 {
			continue
		}
		if _, err := r.RunWrite(ctx, nul(paths), "update-index", "-z", flag, "--stdin"); err != nil {
			return nil, err
		}
	}
	if refresh {
		// It ends with 1 where a file differs from the index, as one may. Should it
		// fail altogether, git status will have more to do, and that is all.
		_, _ = r.RunWrite(ctx, nil, "update-index", "-q", "--refresh")
	}
	return changed, ctx.Err()
}

// lockMark stands in a lock of ours. Git's own lock is empty, or an index.
const lockMark = "locked by git-envelope\n"

// exchange puts a draft in the place of the index, if that still is as it was.
func exchange(ctx context.Context, index string, before []byte, draft string) (done bool, err error) {
	lock := index + ".lock"
	f, err := waitForLock(ctx, lock)
	if err != nil {
		return false, err
	}
	defer func() {
		// Removed while it is ours; closed first it could be another's by then.
		err = errors.Join(err, os.Remove(lock))
		_ = f.Close()
	}()
	now, err := os.ReadFile(index)
	if err != nil || !bytes.Equal(now, before) {
		return false, err
	}
	if err := os.Rename(draft, index); err != nil {
		return false, fmt.Errorf("replace the index: %w", err)
	}
	return true, nil
}

// lockPatience is how long a git may keep the index before we give up what was
// done: an editor that runs git status locks it for an instant, again and again. It
// is a variable for tests.
var lockPatience = 2 * time.Second

func waitForLock(ctx context.Context, name string) (f *os.File, err error) {
	for end := time.Now().Add(lockPatience); ; {
		f, err = lockIndex(name)
		if !errors.Is(err, ErrIndexBusy) || time.Now().After(end) {
			return f, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// lockIndex takes git's lock of the index. A lock of ours whose process is gone,
// which the system's lock on the file tells, is taken over.
func lockIndex(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err == nil {
		if err = holdFile(f); err == nil {
			_, err = io.WriteString(f, lockMark)
		}
		if err != nil {
			_ = errors.Join(os.Remove(name), f.Close())
			return nil, fmt.Errorf("lock the index: %w", err)
		}
		return f, nil
	}
	if !errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("lock the index: %w", err)
	}
	if f = abandoned(name); f != nil {
		return f, nil
	}
	return nil, fmt.Errorf("lock the index: %w: %s exists", ErrIndexBusy, name)
}

// abandoned takes a lock of ours over from a process that was killed.
func abandoned(name string) *os.File {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil || !canHold {
		return nil
	}
	text := make([]byte, len(lockMark)+1)
	n, _ := io.ReadFull(f, text)
	mine, err1 := f.Stat()
	there, err2 := os.Lstat(name)
	if string(text[:n]) != lockMark || holdFile(f) != nil || err1 != nil || err2 != nil || !os.SameFile(mine, there) {
		_ = f.Close()
		return nil
	}
	return f
}
