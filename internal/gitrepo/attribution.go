package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
)

// Introduction is a commit that brings a blob at a path where none of its
// parents had it.
type Introduction struct {
	Blob, Path, Commit string
	Mode               uint32
}

// Introductions finds, in one pass over the range of NewObjects and oldest
// first, the commits that bring wanted blobs, of which nil is all. Of a merge it is what differs from
// all parents: an evil merge, a conflict resolved by hand. What a shallow clone
// cut off appears as brought by the commits at the cut. Neither configuration
// nor attributes have a say, and renames are not looked for.
func (r *Repo) Introductions(ctx context.Context, include, exclude []string, want map[string]bool) iter.Seq2[Introduction, error] {
	return func(yield func(Introduction, error) bool) {
		if want != nil && len(want) == 0 {
			return
		}
		p := rawParser{hashSize: r.HashSize()}
		for rec, err := range r.rawDiffs(ctx, include, exclude, "-c") {
			if err == nil {
				err = p.record(rec)
			}
			if err != nil {
				yield(Introduction{}, err)
				return
			}
			if p.whole && (want == nil || want[p.found.Blob]) && !yield(p.found, nil) {
				return
			}
		}
		if p.open {
			yield(Introduction{}, badRecord("diff-tree", nil))
		}
	}
}

// rawDiffs has rev-list feed diff-tree, of which it yields the records. merges
// says what it shows of them; paths, if any, are all that is looked at. The pipe
// joins the two processes; nothing of it passes through us.
func (r *Repo) rawDiffs(ctx context.Context, include, exclude []string, merges string, paths ...string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		stdin, err := r.rangeLines(include, exclude)
		if err != nil || stdin == nil {
			if err != nil {
				yield(nil, err)
			}
			return
		}
		b := r.bulk()
		out, err := b.Stream(ctx, stdin, revListArgs("--topo-order", "--reverse")...)
		if err != nil {
			yield(nil, err)
			return
		}
		defer out.Close()
		revs := out.(*stream)
		args := []string{"-c", "core.commitGraph=false", "diff-tree", "--stdin", "-r", merges, "--root", "--raw", "-z",
			"--no-renames", "--no-abbrev", "--no-relative", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none", "--"}
		for _, path := range paths {
			args = append(args, literal(path))
		}
		for rec, err := range b.records(ctx, revs.out, args...) {
			if !yield(rec, err) || err != nil {
				return
			}
		}
		// Diff-tree takes the end of a rev-list that died for the end of the range.
		n, err := io.Copy(io.Discard, out)
		if err == nil && n > 0 {
			err = errors.New("git diff-tree: ended before its input")
		}
		if err != nil {
			yield(nil, noSuch("range", err))
		}
	}
}

// rawParser puts the records of "diff-tree --stdin --raw -z" together: a commit,
// then for each change its states and its path.
type rawParser struct {
	hashSize int
	open     bool // the path of the change comes next
	brings   bool // no parent had the object at this path
	whole    bool // found is complete
	found    Introduction
}

func (p *rawParser) record(rec []byte) error {
	p.whole = false
	switch {
	case p.open && len(rec) > 0:
		p.open, p.whole = false, p.brings
		if p.whole { // of the others nobody wants the path
			p.found.Path = string(rec)
		}
		return nil
	case !p.open && isOIDBytes(rec, p.hashSize):
		p.found.Commit = string(rec)
		return nil
	case !p.open && p.found.Commit != "" && p.states(rec):
		p.open = true
		return nil
	}
	return badRecord("diff-tree", rec)
}

// states reads, with as many colons as the commit has parents compared,
// ":mode… mode id… id status…": those of the parents first.
func (p *rawParser) states(rec []byte) bool {
	rest := bytes.TrimLeft(rec, ":")
	n := len(rec) - len(rest)
	width := 2 * p.hashSize
	if n == 0 || len(rest) != (n+1)*(6+1)+(n+1)*(width+1)+n {
		return false
	}
	modes, oids := rest[:(n+1)*7], rest[(n+1)*7:]
	mode, err := strconv.ParseUint(string(modes[n*7:n*7+6]), 8, 32)
	oid := oids[n*(width+1) : n*(width+1)+width]
	if err != nil || !isOIDBytes(oid, p.hashSize) {
		return false
	}
	p.brings = mode != 0
	for i := range n {
		p.brings = p.brings && !bytes.Equal(oid, oids[i*(width+1):i*(width+1)+width])
	}
	if p.brings {
		p.found.Blob, p.found.Mode = string(oid), uint32(mode)
	}
	return true
}

// CommitDetail is what a report says of a commit, in the bytes of the commit.
type CommitDetail struct {
	Author, Title string // Author: "name <mail>"
	Time          time.Time
	Parents       int
}

// maxCommit bounds how much of a commit is read for its details.
const maxCommit = 1 << 20

// CommitDetails reads the details of commits, in one go. Those that are not
// here, can't be read or are no commits are left out.
func (r *Repo) CommitDetails(ctx context.Context, oids []string) (map[string]CommitDetail, error) {
	all := make(map[string]CommitDetail, len(oids))
	for o, err := range r.ObjectsOf(ctx, oids) {
		if err != nil && o.OID == "" {
			return all, fmt.Errorf("read commits: %w", err)
		}
		if err != nil || o.Type != "commit" {
			continue
		}
		data, err := io.ReadAll(io.LimitReader(o, maxCommit))
		if err != nil {
			continue
		}
		c, _ := ParseCommit(data, r.HashSize())
		all[o.OID] = c.detail()
	}
	return all, nil
}

func (c Commit) detail() CommitDetail {
	title, _, _ := bytes.Cut(bytes.TrimLeft(c.Message, "\n"), []byte{'\n'})
	author, when, _ := strings.Cut(string(c.Author), "> ")
	if when != "" {
		author += ">"
	}
	seconds, zone, _ := strings.Cut(when, " ")
	d := CommitDetail{Author: author, Title: string(title), Parents: len(c.Parents)}
	if n, err := strconv.ParseInt(seconds, 10, 64); err == nil && n >= 0 && n < 1<<40 {
		d.Time = time.Unix(n, 0).In(location(zone))
	}
	return d
}

// location is a zone as git writes it, "+0530".
func location(zone string) *time.Location {
	n, err := strconv.Atoi(zone)
	if err != nil || len(zone) != 5 {
		return time.UTC
	}
	return time.FixedZone("", (n/100*60+n%100)*60)
}
