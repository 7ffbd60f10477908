// Package gitrepo is the only place that runs git. It finds a repository, reads
// its objects, index, attributes and configuration, and makes git itself write
// work tree files and index entries.
//
// What it promises:
//   - Everything is read by git's own plumbing, so every repository git can open
//     works: SHA-256, linked worktrees, split and sparse indexes, partial clones,
//     alternates, submodules, and whatever GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE
//     and GIT_COMMON_DIR in the environment say.
//   - Paths are raw bytes in Go strings, slash-separated, relative to the top of
//     the work tree. Every exchange with git that carries paths is NUL-terminated.
//   - The repository's configuration starts no program from a reading call: no
//     pager, fsmonitor, textconv, external diff, hook or network transport.
//     Reading takes no locks. Calls that write (CheckoutIndex, Add, UpdateIndex,
//     Config.Set) do run what git runs for them, filters above all.
//   - Errors carry git's own first line and the operation; the kinds a caller
//     acts on are ErrNotRepository, ErrMissing, ErrBare and ErrUnsupported.
//
// What it won't do: judge, decrypt, or write a work tree file itself. Reading
// never fetches missing objects of a partial clone: they are ErrMissing. Objects
// are read as they are stored, without refs/replace. It needs Git 2.31 or later.
package gitrepo

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path/filepath"
	"sync"
)

// The kinds of failure callers act on, for errors.Is.
var (
	// ErrNotRepository says that a directory is in no repository.
	ErrNotRepository = errors.New("not a git repository")
	// ErrMissing says that an object, path or revision is not there (or not here:
	// partial clones are not asked to fetch it).
	ErrMissing = errors.New("no such object")
	// ErrBare says that an operation needs a work tree and there is none.
	ErrBare = errors.New("this operation needs a work tree")
	// ErrUnsupported says that the installed git is too old for an operation.
	ErrUnsupported = errors.New("the installed git is too old for this")
)

// Object formats, as Repo.ObjectFormat has them.
const (
	SHA1   = "sha1"
	SHA256 = "sha256"
)

// Repo is an opened repository. Its methods may be called concurrently.
type Repo struct {
	// GitDir, CommonDir and WorkTree are absolute, with symbolic links resolved.
	// In a linked worktree GitDir is its own and CommonDir the shared one.
	// WorkTree is empty when there is none (bare, or started inside .git).
	GitDir, CommonDir, WorkTree string
	// IndexFile is the index in use: GIT_INDEX_FILE, or the one in GitDir.
	IndexFile string
	// ObjectFormat is SHA1 or SHA256.
	ObjectFormat string

	git runner

	mu      sync.Mutex
	config  *Config
	version *Version
	blobs   *Blobs
	attrs   []*Attributes
	entries map[string]IndexEntry
	// unmerged are the paths in conflict, read with entries.
	unmerged map[string]bool
	// entriesAt is the state of the index file that entries was read from.
	entriesAt stamp
}

// HashSize is the number of bytes of an object id in this repository.
func (r *Repo) HashSize() int {
	if r.ObjectFormat == SHA256 {
		return sha256.Size
	}
	return sha1.Size
}

// NullOID is the id that stands for "no object".
func (r *Repo) NullOID() string { return hex.EncodeToString(make([]byte, r.HashSize())) }

// EmptyTree is the id of the empty tree, which git knows without storing it.
func (r *Repo) EmptyTree() string { return r.hash("tree", nil) }

// EmptyBlob is the id of the empty blob.
func (r *Repo) EmptyBlob() string { return r.hash("blob", nil) }

// Bare reports whether there is no work tree.
func (r *Repo) Bare() bool { return r.WorkTree == "" }

// Path is the file system name of a path of the work tree.
func (r *Repo) Path(path string) string {
	return filepath.Join(r.WorkTree, filepath.FromSlash(path))
}

// Close ends the helper processes started for this repository. The Repo stays
// usable; a later call starts them again.
func (r *Repo) Close() error {
	r.mu.Lock()
	blobs, attrs := r.blobs, r.attrs
	r.mu.Unlock()
	var errs []error
	if blobs != nil {
		errs = append(errs, blobs.Close())
	}
	for _, a := range attrs {
		errs = append(errs, a.Close())
	}
	return errors.Join(errs...)
}

// indexChanged forgets what was read from the index, because we had git write it.
func (r *Repo) indexChanged() {
	r.mu.Lock()
	r.entries = nil
	r.mu.Unlock()
	_ = r.Close() // children hold the index they read at their start
}

// Version asks git for its version, once.
func (r *Repo) Version(ctx context.Context) (Version, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.version == nil {
		v, err := r.git.version(ctx)
		if err != nil {
			return Version{}, err
		}
		r.version = &v
	}
	return *r.version, nil
}
