package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Root is a name and the object it leads to, which need not be here.
type Root struct{ Name, OID string }

// passing are the names that stand while an operation is under way; what they
// name is about to become history.
var passing = []string{"MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "BISECT_HEAD"}

// past are names of what was history once, or only passed through.
var past = []string{"ORIG_HEAD", "FETCH_HEAD"}

// Roots lists all that names an object: every reference (notes, stash and
// replacements too), the originals of replaced objects, older stash entries,
// and of every work tree HEAD, its own references and the operation under way.
// With unreachable also reflogs, ORIG_HEAD and FETCH_HEAD.
//
// A name that can't be read is an error beside the roots, which hold all others.
func (r *Repo) Roots(ctx context.Context, unreachable bool) ([]Root, error) {
	c := rootCollector{repo: r.bulk(), ctx: ctx}
	c.references(r.GitDir, "")
	c.replaced()
	c.stashed()
	pseudo := append([]string{"HEAD"}, passing...)
	if unreachable {
		pseudo = append(pseudo, past...)
		c.logged()
	}
	for _, dir := range r.gitDirs() {
		where := ""
		if dir != r.GitDir {
			where = "main-worktree/"
			if dir != r.CommonDir {
				where = "worktrees/" + filepath.Base(dir) + "/"
			}
			c.references(dir, where, "refs/bisect/", "refs/worktree/", "refs/rewritten/")
		}
		c.pseudoRefs(dir, where, pseudo)
	}
	return c.roots, errors.Join(c.errs...)
}

// gitDirs is the directory of every work tree's own state.
func (r *Repo) gitDirs() []string {
	dirs := []string{r.GitDir}
	if r.CommonDir != r.GitDir {
		dirs = append(dirs, r.CommonDir)
	}
	entries, _ := os.ReadDir(filepath.Join(r.CommonDir, "worktrees"))
	for _, e := range entries {
		dir := filepath.Join(r.CommonDir, "worktrees", e.Name())
		if _, err := os.Lstat(filepath.Join(dir, "HEAD")); err == nil && dir != r.GitDir {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

type rootCollector struct {
	repo  *Repo
	ctx   context.Context
	roots []Root
	errs  []error
}

func (c *rootCollector) add(name, oid string) { c.roots = append(c.roots, Root{name, oid}) }

func (c *rootCollector) fail(name string, err error) {
	c.errs = append(c.errs, fmt.Errorf("find what %s names: %w", name, err))
}

// at is the repository as seen from a work tree.
func (c *rootCollector) at(gitDir string) *Repo {
	if gitDir == c.repo.GitDir {
		return c.repo
	}
	env := environ(c.repo.git.read).set("GIT_DIR", gitDir)
	return &Repo{ObjectFormat: c.repo.ObjectFormat, git: runner{dir: c.repo.git.dir, read: env}}
}

// references adds what for-each-ref lists. Of a reference it can't read it only
// warns.
func (c *rootCollector) references(gitDir, where string, prefixes ...string) {
	r := c.at(gitDir)
	args := append(safe[:len(safe):len(safe)], "for-each-ref", "--format=%(objectname) %(refname)", "--")
	cmd := r.git.command(c.ctx, r.git.read, append(args, prefixes...))
	var complaints excerpt
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		c.fail(where+"refs", gitError(c.ctx, cmd, &complaints, err))
		return
	}
	for line := range strings.Lines(complaints.String()) {
		if strings.Contains(line, "ignoring ") {
			c.fail(where+"refs", errors.New(strings.TrimSpace(line)))
		}
	}
	for line := range bytes.Lines(out) {
		oid, name, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		if !isOID(oid, r.HashSize()) || name == "" {
			c.fail(where+"refs", badRecord("for-each-ref", line))
			continue
		}
		c.add(where+name, oid)
	}
}

// replaced adds the objects that replacements stand for, where they are here.
func (c *rootCollector) replaced() {
	names := make(map[string]string)
	var oids []string
	for _, root := range c.roots {
		if oid, ok := strings.CutPrefix(root.Name, "refs/replace/"); ok && isOID(oid, c.repo.HashSize()) {
			names[oid], oids = root.Name, append(oids, oid)
		}
	}
	here, err := c.repo.Present(c.ctx, oids)
	if err != nil {
		c.fail("refs/replace", err)
	}
	for _, oid := range here {
		c.add(names[oid], oid)
	}
}

// stashed adds the older entries of the stash, which only its reflog names.
func (c *rootCollector) stashed() {
	for _, root := range c.roots {
		if root.Name == "refs/stash" {
			c.commits("refs/stash", "--walk-reflogs", "refs/stash", "--")
		}
	}
}

// logged adds every commit of every reflog.
// Without --stdin rev-list wants something to be named.
func (c *rootCollector) logged() { c.commits("reflog", "--no-walk", "--reflog", "--stdin") }

func (c *rootCollector) commits(name string, args ...string) {
	for line, err := range c.repo.lines(c.ctx, nil, append([]string{"rev-list"}, args...)...) {
		if err == nil && !isOIDBytes(line, c.repo.HashSize()) {
			err = badRecord("rev-list", line)
		}
		if err != nil {
			c.fail(name, err)
			return
		}
		c.add(name, string(line))
	}
}

// pseudoRefs adds HEAD and its like of one work tree.
func (c *rootCollector) pseudoRefs(gitDir, where string, names []string) {
	r := c.at(gitDir)
	_, err := os.Lstat(filepath.Join(gitDir, "reftable"))
	elsewhere := err == nil // most of them are no files then
	for _, name := range names {
		_, err := os.Lstat(filepath.Join(gitDir, name))
		switch {
		case name == "MERGE_HEAD" || name == "FETCH_HEAD":
			if err == nil {
				c.headFile(filepath.Join(gitDir, name), where+name)
			}
		case name == "HEAD" && err == nil && c.headAt(filepath.Join(gitDir, name), where+name):
		case err == nil || elsewhere:
			out, err := r.Run(c.ctx, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", name)
			if oid := strings.TrimSuffix(string(out), "\n"); err == nil && isOID(oid, r.HashSize()) {
				c.add(where+name, oid)
			} else if !c.absent(r, name, exitCode(err), elsewhere) {
				c.fail(where+name, errors.Join(ErrMissing, err))
			}
		}
	}
}

// headAt adds HEAD from its file: the name of a branch that was listed, or an
// object's. Anything else is left to git, ok being false.
func (c *rootCollector) headAt(file, name string) (ok bool) {
	text, err := readSmall(file)
	if err != nil {
		return false
	}
	line := strings.TrimSuffix(string(text), "\n")
	if isOID(line, c.repo.HashSize()) {
		c.add(name, line)
		return true
	}
	branch, isRef := strings.CutPrefix(line, "ref: ")
	if !isRef || !strings.HasPrefix(branch, "refs/heads/") {
		return false
	}
	for _, root := range c.roots {
		if root.Name == branch {
			c.add(name, root.OID)
			return true
		}
	}
	return false
}

// absent reports whether a name that rev-parse did not find is not there at all,
// rather than damaged: HEAD before the first commit, or one not seen as a file.
func (c *rootCollector) absent(r *Repo, name string, code int, elsewhere bool) bool {
	if name == "HEAD" {
		return code == 1 && r.checkUnborn(c.ctx) == nil
	}
	return code == 1 && elsewhere
}

// headFile reads one of the files that hold several object ids, one a line with
// a note behind.
func (c *rootCollector) headFile(file, name string) {
	err := fileLines(file, func(line string) bool {
		oid, _, _ := strings.Cut(strings.TrimRight(line, "\r"), "\t")
		if !isOID(oid, c.repo.HashSize()) {
			return false
		}
		c.add(name, oid)
		return true
	})
	if err != nil {
		c.fail(name, err)
	}
}

// ShallowCommits lists the commits whose parents a shallow clone has left out;
// none in a whole one.
func (r *Repo) ShallowCommits(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var oids []string
	err := fileLines(filepath.Join(r.CommonDir, "shallow"), func(line string) bool {
		oids = append(oids, line)
		return isOID(line, r.HashSize())
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return oids, err
}

// fileLines reads a file of git's own line by line, until take refuses one.
func fileLines(file string, take func(string) bool) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	b := bufio.NewReaderSize(f, maxLine)
	for n := 1; ; n++ {
		line, err := b.ReadSlice('\n')
		if err != nil && err != io.EOF {
			return fmt.Errorf("%s: line %d: %w", file, n, err)
		}
		if len(line) > 0 && !take(string(bytes.TrimSuffix(line, []byte{'\n'}))) {
			return fmt.Errorf("%s: line %d is not as git writes it", file, n)
		}
		if err == io.EOF {
			return nil
		}
	}
}
