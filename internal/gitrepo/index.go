package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"
)

// IndexEntry is one path of the index, at one stage.
type IndexEntry struct {
	Mode      uint32
	OID, Path string
	Stage     int // 0, or 1 to 3 in a conflict
	// SkipWorktree: sparse checkout leaves the path out of the work tree.
	// IntentToAdd: "git add -N", nothing staged yet. AssumeUnchanged: git does not
	// look at the file.
	SkipWorktree, IntentToAdd, AssumeUnchanged bool
}

// Index lists the index that GIT_INDEX_FILE names, or the repository's own; all
// of it, also of a sparse index, or what the pathspecs match.
func (r *Repo) Index(ctx context.Context, pathspec ...string) ([]IndexEntry, error) {
	var all []IndexEntry
	for e, err := range r.IndexIter(ctx, pathspec...) {
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// IndexIter is Index one entry at a time, in the index's order.
func (r *Repo) IndexIter(ctx context.Context, pathspec ...string) iter.Seq2[IndexEntry, error] {
	return r.indexEntries(ctx, append([]string{"ls-files", "--cached", "--stage", "-v", "-z", "--full-name", "--"}, pathspec...))
}

// IndexFrom is what pathspecs match that somebody typed in a folder of the work
// tree; one that matches nothing is ErrMissing. Without any it is all the index.
func (r *Repo) IndexFrom(ctx context.Context, dir string, pathspec []string) ([]IndexEntry, error) {
	if len(pathspec) == 0 {
		return r.Index(ctx)
	}
	var all []IndexEntry
	for e, err := range r.indexEntries(ctx, append([]string{"-C", dir, "ls-files", "--error-unmatch", "--cached", "--stage", "-v", "-z", "--full-name", "--"}, pathspec...)) {
		if err != nil {
			if exitCode(err) == 1 {
				err = missingError{"", err}
			}
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func (r *Repo) indexEntries(ctx context.Context, args []string) iter.Seq2[IndexEntry, error] {
	return func(yield func(IndexEntry, error) bool) {
		var intended func(string) (bool, error)
		hashSize, emptyBlob := r.HashSize(), r.EmptyBlob()
		for rec, err := range r.records(ctx, nil, args...) {
			var e IndexEntry
			if err == nil {
				e, err = parseIndexEntry(rec, hashSize)
			}
			if err == nil && e.Stage == 0 && e.OID == emptyBlob && IsFile(e.Mode) {
				if intended == nil {
					intended, err = r.intended(ctx)
				}
				if err == nil {
					e.IntentToAdd, err = intended(e.Path)
				}
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// intended tells paths added with "git add -N" from empty files, which ls-files
// does not: the former are not part of what would be committed. It is asked only
// when an index has an entry that could be either.
func (r *Repo) intended(ctx context.Context) (func(path string) (bool, error), error) {
	changes, err := r.diffIndex(ctx, r.EmptyTree(), "--ita-invisible-in-index", "--diff-filter=A")
	if err != nil {
		return nil, err
	}
	real := make(map[string]bool)
	for _, c := range changes {
		if c.NewOID == r.EmptyBlob() {
			real[c.Path] = true
		}
	}
	return func(path string) (bool, error) { return !real[path], nil }, nil
}

// parseIndexEntry reads one record of "ls-files -s -v -z":
// tag, space, mode, space, object, space, stage, tab, path. All but the path have a
// fixed width, and an index may have 100,000 of them.
func parseIndexEntry(rec []byte, hashSize int) (IndexEntry, error) {
	const oidAt = len("H 100644 ")
	stageAt := oidAt + 2*hashSize + 1
	pathAt := stageAt + 2
	if len(rec) <= pathAt || rec[1] != ' ' || rec[oidAt-1] != ' ' || rec[stageAt-1] != ' ' || rec[pathAt-1] != '\t' {
		return IndexEntry{}, badRecord("ls-files", rec)
	}
	s := string(rec[oidAt:]) // one allocation for object and path
	mode, ok := parseMode(string(rec[2 : oidAt-1]))
	e := IndexEntry{Mode: mode, OID: s[:2*hashSize], Path: s[pathAt-oidAt:], Stage: int(rec[stageAt]) - '0'}
	if !ok || !isOID(e.OID, hashSize) || e.Stage < 0 || e.Stage > 3 {
		return IndexEntry{}, badRecord("ls-files", rec)
	}
	tag := rec[0]
	e.SkipWorktree = tag == 'S' || tag == 's'
	e.AssumeUnchanged = tag >= 'a' && tag <= 'z'
	return e, nil
}

// IndexEntries is the whole index by path, stage 0 only. It is read again only
// when git has replaced the index file, as a rebase does between its steps. For a
// few paths of a large index Blobs.OpenIndex is cheaper.
func (r *Repo) IndexEntries(ctx context.Context) (map[string]IndexEntry, error) {
	stamp := fileStamp(r.IndexFile)
	r.mu.Lock()
	known, current := r.entries, r.entriesAt == stamp
	r.mu.Unlock()
	if known != nil && current {
		return known, nil
	}
	m, unmerged := make(map[string]IndexEntry), make(map[string]bool)
	for e, err := range r.IndexIter(ctx) {
		if err != nil {
			return nil, err
		}
		if e.Stage == 0 {
			m[e.Path] = e
		} else {
			unmerged[e.Path] = true
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries, r.unmerged, r.entriesAt = m, unmerged, stamp
	return m, nil
}

// Unmerged are the paths of the index that are in conflict.
func (r *Repo) Unmerged(ctx context.Context) (map[string]bool, error) {
	if _, err := r.IndexEntries(ctx); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.unmerged, nil
}

// stamp tells one state of a file from another; the zero stamp is a file that is
// not there.
type stamp struct {
	size int64
	time time.Time
}

func fileStamp(name string) stamp {
	info, err := os.Stat(name)
	if err != nil {
		return stamp{}
	}
	return stamp{info.Size(), info.ModTime()}
}

// WriteBlob stores content as a blob, without filters, and returns its id.
func (r *Repo) WriteBlob(ctx context.Context, content io.Reader) (oid string, err error) {
	out, err := r.RunWrite(ctx, content, "hash-object", "-w", "-t", "blob", "--stdin", "--no-filters")
	if err != nil {
		return "", err
	}
	oid = strings.TrimSuffix(string(out), "\n")
	if !isOID(oid, r.HashSize()) {
		return "", badRecord("hash-object", out)
	}
	return oid, nil
}

// UpdateIndex sets entries of the index without looking at the work tree. Mode 0
// removes a path. All of them, or on an error none.
func (r *Repo) UpdateIndex(ctx context.Context, entries []IndexEntry) error {
	var in bytes.Buffer
	for _, e := range entries {
		oid := e.OID
		if e.Mode == 0 {
			oid = r.NullOID()
		}
		if err := checkPath(e.Path); err != nil {
			return err
		}
		if !isOID(oid, r.HashSize()) || e.Stage < 0 || e.Stage > 3 {
			return fmt.Errorf("index entry %q: object %q, stage %d", e.Path, oid, e.Stage)
		}
		fmt.Fprintf(&in, "%06o %s %d\t%s\x00", e.Mode, oid, e.Stage, e.Path)
	}
	defer r.indexChanged()
	// Git 2.39 adds an entry of a folder that a sparse index has as one entry beside
	// that, so that it is there twice. With this it makes the index a full one first.
	_, err := r.RunWrite(ctx, &in, "-c", "index.sparse=false", "update-index", "-z", "--index-info")
	return err
}
