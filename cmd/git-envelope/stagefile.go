package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/hunk"
)

// maxStaged bounds the plaintext of one version of a file, which is held in
// memory.
const maxStaged = 64 << 20

// stageFile is a path of which some changes can be staged.
type stageFile struct {
	path     string
	entry    gitrepo.IndexEntry // as it was found
	mode     uint32             // of the work tree; 0 if the file is gone
	old, new []byte             // plaintext
	plain    bool               // the index has it in plain
	added    bool               // 'git add -N'
	pieces   []piece
}

// pieceKind is what a question is about.
type pieceKind int

const (
	pieceHunk     pieceKind = iota
	pieceMode               // the executable bit
	pieceWhole              // content that is no text
	pieceAddition           // of a file that 'git add -N' made known
	pieceDeletion
)

// decision is an answer.
type decision int

const (
	undecided decision = iota
	use
	skip
)

// piece is a change that is staged or not, as a whole.
type piece struct {
	kind     pieceKind
	hunk     hunk.Hunk // to be shown; empty where content is no text
	decision decision
}

// read takes up one change: what the index has, opened, and the work tree's file.
func (s *staging) read(ctx context.Context, change gitrepo.Change) (stageFile, error) {
	f := stageFile{path: change.Path, mode: change.NewMode, added: change.Status == 'A'}
	f.entry = gitrepo.IndexEntry{Path: change.Path, Mode: change.OldMode, OID: change.OldOID}
	switch {
	case change.Status == 'U':
		return f, withHint(errors.New("in conflict"), "resolve it, then 'git add' it")
	case change.Status == 'D':
		f.mode = 0
	case !gitrepo.IsFile(change.NewMode):
		return f, withHint(errors.New("no regular file any more"), "stage the change with 'git add'")
	}
	if f.added {
		f.entry.Mode, f.entry.OID = f.mode, s.repo.EmptyBlob()
	}
	if !gitrepo.IsFile(f.entry.Mode) {
		return f, withHint(errors.New("no regular file in the index"), "stage the change with 'git add'")
	}
	if err := s.readTreeSide(ctx, &f); err != nil {
		return f, err
	}
	if err := s.readIndexSide(ctx, &f); err != nil {
		return f, err
	}
	f.divide()
	return f, nil
}

// readTreeSide reads the work tree's file, and tries whether it could be staged
// as a whole: what the filter has against it is better heard before the first
// question than after the last.
func (s *staging) readTreeSide(ctx context.Context, f *stageFile) (err error) {
	if f.mode == 0 {
		return nil
	}
	if f.new, err = s.readWorkFile(f.path); err != nil {
		return err
	}
	if head, err := readHead(bytes.NewReader(f.new)); err != nil {
		return err
	} else if head.magic {
		return errCiphertext
	}
	fl := s.filter()
	defer fl.Close()
	sealed, err := fl.Clean(ctx, f.path, bytes.NewReader(f.new))
	if err != nil {
		return err
	}
	return sealed.Close()
}

// readWorkFile reads a file without following a link, as Git does not either.
func (s *staging) readWorkFile(name string) ([]byte, error) {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if info, err := s.tree.Lstat(filepath.FromSlash(dir)); err != nil || !info.IsDir() {
			return nil, errors.New("leads through something that is no folder")
		}
	}
	info, err := s.tree.Lstat(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	in, err := s.tree.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if opened, err := in.Stat(); err != nil || !os.SameFile(info, opened) {
		return nil, errors.New("replaced while it was read")
	}
	return readStaged(in, "the file in the work tree")
}

// readStaged reads one version of a file.
func readStaged(r io.Reader, what string) ([]byte, error) {
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, maxStaged+1))
	if err == nil && n > maxStaged {
		err = withHint(fmt.Errorf("%s is larger than %d MiB", what, maxStaged>>20), "stage it as a whole with 'git add'")
	}
	return b.Bytes(), err
}

// readIndexSide opens what the index has.
func (s *staging) readIndexSide(ctx context.Context, f *stageFile) error {
	if f.added {
		return nil
	}
	head, err := s.head(ctx, f.entry.OID)
	if err != nil {
		return err
	}
	f.plain = !head.magic && head.size > 0
	if head.magic {
		if err := s.sameRing(ctx, f.path, head); err != nil {
			return err
		}
	}
	o, err := s.blobs.Open(ctx, f.entry.OID)
	if err != nil {
		return err
	}
	defer o.Close()
	plain, err := s.filter().Show(ctx, o)
	if err != nil {
		return err
	}
	f.old, err = readStaged(plain, "the version in the index")
	return err
}

// sameRing refuses a blob that is sealed for another ring than the path's: a file
// with parts of it would hand them to that ring's audience.
func (s *staging) sameRing(ctx context.Context, name string, head stored) error {
	if head.err != nil {
		return nil // opening it tells
	}
	kr, err := s.clone.keyring()
	if err != nil {
		return err
	}
	has, err := kr.Find(ctx, head.id, "")
	if err != nil {
		return err
	}
	attrs, err := s.attributes(ctx, name)
	if err != nil {
		return err
	}
	wants, err := filter.Choose(s.policy, name, attrs.Ring)
	if err != nil || s.policy.Today(has) == wants {
		return err
	}
	return withHint(fmt.Errorf("the index has it sealed for ring %q, but the path belongs to ring %q", has, wants), "stage it as a whole with 'git add'")
}

// divide finds the pieces.
func (f *stageFile) divide() {
	text := hunk.IsText(f.old) && hunk.IsText(f.new)
	var hunks []hunk.Hunk
	if text {
		hunks = hunk.Diff(f.old, f.new)
	}
	whole := func(kind pieceKind) {
		p := piece{kind: kind}
		if len(hunks) > 0 { // all lines on one side: there is one
			p.hunk = hunks[0]
		}
		f.pieces = []piece{p}
	}
	switch {
	case f.mode == 0:
		whole(pieceDeletion)
		return
	case f.added:
		whole(pieceAddition)
		return
	}
	if f.mode != f.entry.Mode {
		f.pieces = append(f.pieces, piece{kind: pieceMode})
	}
	if !text && !bytes.Equal(f.old, f.new) {
		f.pieces = append(f.pieces, piece{kind: pieceWhole})
	}
	for _, h := range hunks {
		f.pieces = append(f.pieces, piece{kind: pieceHunk, hunk: h})
	}
}

// chosen counts the pieces to be staged.
func (f *stageFile) chosen() (n int) {
	for _, p := range f.pieces {
		if p.decision == use {
			n++
		}
	}
	return n
}

// result is content and mode with the chosen pieces; mode 0 takes the path out.
func (f *stageFile) result() (content []byte, mode uint32) {
	content, mode = f.old, f.entry.Mode
	var hunks []hunk.Hunk
	for _, p := range f.pieces {
		if p.decision != use {
			continue
		}
		switch p.kind {
		case pieceHunk:
			hunks = append(hunks, p.hunk)
		case pieceMode:
			mode = f.mode
		case pieceWhole:
			content = f.new
		case pieceAddition, pieceDeletion:
			content, mode = f.new, f.mode
		}
	}
	if len(hunks) > 0 {
		content = hunk.Apply(f.old, hunks)
	}
	return content, mode
}
