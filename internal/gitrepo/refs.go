package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"strings"
)

// Ref is one reference.
type Ref struct {
	Name, OID, Type string
	Peeled          string // what an annotated tag finally points to, else ""
	Symref          string // the reference a symbolic one names, else ""
}

// Head is the commit HEAD names; born is false before the first commit. A HEAD
// that should name a commit and does not is an error, never "not born".
func (r *Repo) Head(ctx context.Context) (oid string, born bool, err error) {
	out, err := r.Run(ctx, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD")
	if err == nil {
		oid = strings.TrimSuffix(string(out), "\n")
		if !isOID(oid, r.HashSize()) {
			return "", false, badRecord("rev-parse", out)
		}
		return oid, true, nil
	}
	if exitCode(err) != 1 {
		return "", false, err
	}
	return "", false, r.checkUnborn(ctx)
}

// checkUnborn is nil if HEAD names a branch that does not exist at all.
func (r *Repo) checkUnborn(ctx context.Context) error {
	name, err := r.Branch(ctx)
	switch {
	case err != nil:
		return err
	case name == "":
		return fmt.Errorf("HEAD: %w", ErrMissing)
	}
	cmd := r.git.command(ctx, r.git.read, append(safe[:len(safe):len(safe)], "for-each-ref", "--format=%(refname)", name))
	stderr := new(excerpt)
	cmd.Stderr = stderr
	found, err := cmd.Output()
	if err != nil {
		return gitError(ctx, cmd, stderr, err)
	}
	if len(found) > 0 || strings.Contains(stderr.String(), "broken") {
		return fmt.Errorf("HEAD: %s names no commit: %w", name, ErrMissing)
	}
	return nil
}

// Branch is the full name of the branch that HEAD names, born or not; "" if HEAD is
// detached.
func (r *Repo) Branch(ctx context.Context) (name string, err error) {
	out, err := r.Run(ctx, nil, "symbolic-ref", "--quiet", "HEAD")
	if exitCode(err) == 1 {
		return "", nil
	}
	return strings.TrimSuffix(string(out), "\n"), err
}

// Resolve is the id a revision expression names; ErrMissing if it names nothing.
func (r *Repo) Resolve(ctx context.Context, rev string) (oid string, err error) {
	out, err := r.Run(ctx, nil, "rev-parse", "--verify", "--end-of-options", rev)
	if err != nil {
		return "", noSuch(rev, err)
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}

// Refs lists all references.
func (r *Repo) Refs(ctx context.Context) ([]Ref, error) {
	out, err := r.Run(ctx, nil, "for-each-ref", "--format=%(objectname) %(objecttype) %(refname) %(*objectname) %(symref)")
	if err != nil {
		return nil, err
	}
	var refs []Ref
	for line := range bytes.Lines(out) {
		ref, ok := parseRef(strings.TrimSuffix(string(line), "\n"), r.HashSize())
		if !ok {
			return nil, badRecord("for-each-ref", line)
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// parseRef reads one line of Refs; names of references hold no space.
func parseRef(line string, hashSize int) (Ref, bool) {
	f := strings.Split(line, " ")
	if len(f) != 5 || !isOID(f[0], hashSize) || f[3] != "" && !isOID(f[3], hashSize) {
		return Ref{}, false
	}
	return Ref{OID: f[0], Type: f[1], Name: f[2], Peeled: f[3], Symref: f[4]}, f[2] != ""
}

// Shallow reports whether history was cut off when the repository was cloned.
func (r *Repo) Shallow(ctx context.Context) (bool, error) {
	out, err := r.Run(ctx, nil, "rev-parse", "--is-shallow-repository")
	return string(bytes.TrimSpace(out)) == "true", err
}

// PartialClone reports whether objects may be missing until they are fetched.
func (r *Repo) PartialClone(ctx context.Context) (bool, error) {
	c, err := r.Config(ctx)
	if err != nil {
		return false, err
	}
	for _, v := range c.values {
		if strings.HasPrefix(v.Key, "remote.") && strings.HasSuffix(v.Key, ".promisor") || v.Key == "extensions.partialclone" {
			return true, nil
		}
	}
	return false, nil
}
