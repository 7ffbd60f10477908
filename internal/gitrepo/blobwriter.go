package gitrepo

import (
	"bufio"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// BlobWriter stores any number of blobs with one git fast-import. What is written
// is in quarantine, as with a push that is being received: none of it is in the
// repository before Close, and Discard leaves no trace. Killed with us, git leaves
// one folder objects/tmp_objdir-*, which nobody reads and 'git prune' removes.
//
// Contents are stored as they are, without filters, and uncompressed: it is for
// what does not compress. Write may be called concurrently.
type BlobWriter struct {
	repo *Repo
	dir  string // quarantine: folder of objects and, for git's crash report, GIT_DIR
	git  *coproc
	in   *bufio.Writer
	turn chan struct{} // who holds it talks to git
	stop func() bool
	oids []string // of the blobs written: what git must call them
	err  error    // of a blob before: git's state is unknown
}

// A few small blobs are stored loose, since a pack for each small change would be a
// burden: as many as git fast-import itself takes for few, and no more than git
// unpack-objects, which holds each in memory, is soon done with.
const (
	maxLoose      = 100
	maxLooseBytes = 8 << 20
)

// NewBlobWriter starts git. The writer is to be closed or discarded; when ctx ends
// it can only be discarded.
func (r *Repo) NewBlobWriter(ctx context.Context) (*BlobWriter, error) {
	objects, err := r.objectsDir(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(objects, "tmp_objdir-envelope-")
	if err != nil {
		return nil, fmt.Errorf("make a quarantine for objects: %w", err)
	}
	w := &BlobWriter{repo: r, dir: dir, turn: make(chan struct{}, 1)}
	if err := w.start(ctx, objects); err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return w, nil
}

// objectsDir is the repository's folder of objects, absolute.
func (r *Repo) objectsDir(ctx context.Context) (string, error) {
	out, err := r.Run(ctx, nil, "rev-parse", "--path-format=absolute", "--git-path", "objects")
	return strings.TrimSuffix(string(out), "\n"), err
}

func (w *BlobWriter) start(ctx context.Context, objects string) error {
	// A repository of its own as far as references and reports go; configuration
	// and format are those of the real one.
	if err := os.WriteFile(filepath.Join(w.dir, "HEAD"), []byte("ref: refs/heads/quarantine\n"), 0o600); err != nil {
		return fmt.Errorf("make a quarantine for objects: %w", err)
	}
	env := environ(w.repo.git.write).set("GIT_DIR", w.dir).set("GIT_COMMON_DIR", w.repo.CommonDir).set("GIT_OBJECT_DIRECTORY", w.dir)
	if !strings.ContainsAny(objects, `"`+"\n"+string(filepath.ListSeparator)) { // else what is there already is stored again
		others, _ := env.get("GIT_ALTERNATE_OBJECT_DIRECTORIES")
		env = env.set("GIT_ALTERNATE_OBJECT_DIRECTORIES", strings.TrimSuffix(objects+string(filepath.ListSeparator)+others, string(filepath.ListSeparator)))
	}
	c, err := runner{dir: w.dir, read: env}.startCoproc(false, "-c", "core.compression=0", "-c", "pack.compression=0", "-c", "fastimport.unpackLimit=0",
		"fast-import", "--quiet", "--done", "--depth=0", "--big-file-threshold=1m", "--export-marks="+filepath.Join(w.dir, marksFile))
	if err != nil {
		return err
	}
	w.git, w.in, w.stop = c, bufio.NewWriterSize(c.in, 64<<10), c.interruptible(ctx)
	return nil
}

// marksFile is where git writes down which blobs it stored.
const marksFile = "marks"

// Write stores content of a size, read to its end, and returns the blob's id. An
// error ends the writer: it can only be discarded. Git itself is asked at the end,
// so a fault may show later than with the blob that met it.
func (w *BlobWriter) Write(ctx context.Context, size int64, content io.Reader) (oid string, err error) {
	select {
	case w.turn <- struct{}{}:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	defer func() { <-w.turn }()
	if w.err != nil {
		return "", w.err
	}
	if oid, err = w.write(size, content); err != nil {
		return "", w.fail(ctx, err)
	}
	w.oids = append(w.oids, oid)
	return oid, nil
}

func (w *BlobWriter) write(size int64, content io.Reader) (string, error) {
	sum := w.repo.newHash()
	fmt.Fprintf(sum, "blob %d\x00", size)
	fmt.Fprintf(w.in, "blob\nmark :%d\ndata %d\n", len(w.oids)+1, size)
	n, err := io.Copy(io.MultiWriter(w.in, sum), io.LimitReader(content, size+1))
	if err == nil && n != size {
		err = fmt.Errorf("store a blob: %d bytes, not %d", n, size)
	}
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), w.in.WriteByte('\n')
}

// fail ends git, whose state is unknown, and says why.
func (w *BlobWriter) fail(ctx context.Context, err error) error {
	w.err = w.git.abandon(ctx, err)
	w.git = nil
	return w.err
}

// newHash is the hash of object ids.
func (r *Repo) newHash() hash.Hash {
	if r.ObjectFormat == SHA256 {
		return sha256.New()
	}
	return sha1.New()
}

// Close lets what was written into the repository: all of it, or on an error none
// that counts.
func (w *BlobWriter) Close(ctx context.Context) error {
	defer w.Discard()
	if w.err != nil {
		return w.err
	}
	_, err := w.in.WriteString("done\n")
	if err == nil {
		err = w.in.Flush()
	}
	if err != nil {
		return w.fail(ctx, err)
	}
	err = w.git.end()
	w.git = nil
	if !w.stop() {
		return context.Cause(ctx)
	}
	if err == nil {
		err = w.compare()
	}
	if err != nil {
		return err
	}
	files, err := os.ReadDir(filepath.Join(w.dir, "pack"))
	if errors.Is(err, os.ErrNotExist) {
		return nil // nothing was written that the repository does not have
	}
	for _, f := range files {
		if pack, ok := strings.CutSuffix(f.Name(), ".pack"); ok && err == nil {
			err = w.admit(ctx, pack)
		}
	}
	if err != nil {
		return fmt.Errorf("store %d blobs: %w", len(w.oids), err)
	}
	return nil
}

// compare holds what git says it stored against what was written: its names prove
// that these very bytes arrived.
func (w *BlobWriter) compare() error {
	f, err := os.Open(filepath.Join(w.dir, marksFile))
	if err != nil {
		return fmt.Errorf("store %d blobs: %w", len(w.oids), err)
	}
	defer f.Close()
	stored := 0
	for lines := bufio.NewScanner(f); lines.Scan(); stored++ {
		var mark int
		var oid string
		_, err := fmt.Sscanf(lines.Text(), ":%d %s", &mark, &oid)
		if err != nil || mark < 1 || mark > len(w.oids) || oid != w.oids[mark-1] {
			return fmt.Errorf("store %d blobs: git stored %.100q", len(w.oids), lines.Text())
		}
	}
	if stored != len(w.oids) {
		return fmt.Errorf("store %d blobs: git stored %d", len(w.oids), stored)
	}
	return nil
}

// admit puts a pack, or if they are few its objects, into the repository.
func (w *BlobWriter) admit(ctx context.Context, pack string) error {
	from := filepath.Join(w.dir, "pack", pack)
	f, err := os.Open(from + ".pack")
	if err != nil {
		return err
	}
	info, err := f.Stat()
	few := err == nil && len(w.oids) <= maxLoose && info.Size() <= maxLooseBytes
	if few {
		_, err = w.repo.RunWrite(ctx, f, "unpack-objects", "-q")
	}
	_ = f.Close() // some systems move no file that is open
	if few {
		return err
	}
	to := filepath.Join(filepath.Dir(w.dir), "pack")
	if err := os.MkdirAll(to, 0o777); err != nil {
		return err
	}
	for _, ext := range []string{".pack", ".rev", ".idx"} { // the last makes the pack one that is read
		err := os.Rename(from+ext, filepath.Join(to, pack+ext))
		if err != nil && !(ext == ".rev" && errors.Is(err, os.ErrNotExist)) {
			return err
		}
	}
	return nil
}

// Discard ends git and removes what was not let in. After Close it does nothing.
func (w *BlobWriter) Discard() {
	if w.git != nil {
		_ = w.git.cmd.Process.Kill()
		_ = w.git.end()
		w.git = nil
	}
	w.stop()
	if w.err == nil {
		w.err = errors.New("store a blob: the writer is closed")
	}
	_ = os.RemoveAll(w.dir)
}
