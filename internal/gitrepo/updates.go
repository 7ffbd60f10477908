package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Update is what a push does to one reference of the repository that receives
// it, as pre-receive and post-receive hooks are told. Old is "" if the reference
// is new, New if it is deleted.
type Update struct{ Old, New, Ref string }

// Push is what a push is about to do, as a pre-push hook is told. LocalRef is as
// the user gave it, which may be any expression; LocalOID is "" for a deletion,
// RemoteOID if the remote has no such reference.
type Push struct{ LocalRef, LocalOID, RemoteRef, RemoteOID string }

// Limits of what hooks are told.
const (
	maxUpdateLine = 16 << 10
	maxUpdates    = 1 << 20
)

// ParseUpdates reads the standard input of pre-receive: "old new ref" lines.
func ParseUpdates(r io.Reader, hashSize int) ([]Update, error) {
	var all []Update
	err := updateLines(r, func(line string) bool {
		f := strings.Split(line, " ")
		if len(f) != 3 || !isOID(f[0], hashSize) || !isOID(f[1], hashSize) || !isRefName(f[2]) {
			return false
		}
		all = append(all, Update{someOID(f[0]), someOID(f[1]), f[2]})
		return true
	})
	return all, err
}

// ParsePushes reads the standard input of pre-push: "local-ref local-oid
// remote-ref remote-oid" lines. Only the first may hold spaces.
func ParsePushes(r io.Reader, hashSize int) ([]Push, error) {
	var all []Push
	err := updateLines(r, func(line string) bool {
		f := strings.Split(line, " ")
		n := len(f) - 3
		if n < 1 || !isOID(f[n], hashSize) || !isRefName(f[n+1]) || !isOID(f[n+2], hashSize) {
			return false
		}
		p := Push{strings.Join(f[:n], " "), someOID(f[n]), f[n+1], someOID(f[n+2])}
		all = append(all, p)
		return p.LocalRef != ""
	})
	return all, err
}

func updateLines(r io.Reader, parse func(string) bool) error {
	b := bufio.NewReaderSize(r, maxUpdateLine)
	for n := 1; ; n++ {
		line, err := b.ReadSlice('\n')
		switch {
		case err == io.EOF && len(line) == 0:
			return nil
		case err == io.EOF:
			return fmt.Errorf("line %d of the pushed references has no end", n)
		case errors.Is(err, bufio.ErrBufferFull) || n > maxUpdates:
			return fmt.Errorf("line %d of the pushed references: too much", n)
		case err != nil:
			return fmt.Errorf("read the pushed references: %w", err)
		case !parse(string(line[:len(line)-1])):
			return fmt.Errorf("line %d of the pushed references is not as git writes it: %.200q", n, line)
		}
	}
}

func isRefName(s string) bool {
	return s != "" && s[0] != '-' && !strings.ContainsAny(s, "\x00\x7f ~^:?*[\\")
}

// someOID is "" for the id that stands for no object.
func someOID(oid string) string {
	if strings.Trim(oid, "0") == "" {
		return ""
	}
	return oid
}

// Received is the range of objects that updates bring, for NewObjects, Commits
// and Introductions: in a pre-receive hook, where the references are still the
// old ones, what is new to the repository. Deletions bring nothing.
func (r *Repo) Received(ctx context.Context, updates []Update) (include, exclude []string, err error) {
	for _, u := range updates {
		if u.New != "" {
			include = append(include, u.New)
		}
	}
	if len(include) == 0 {
		return nil, nil, nil
	}
	exclude, err = r.refOIDs(ctx)
	if err == nil {
		exclude, err = r.Present(ctx, exclude)
	}
	return include, exclude, err
}

// Pushed is the range of objects that a push sends: what the remote is not known
// to have, by its own word and by the references of it that were fetched.
func (r *Repo) Pushed(ctx context.Context, remote string, pushes []Push) (include, exclude []string, err error) {
	for _, p := range pushes {
		if p.LocalOID == "" {
			continue
		}
		include = append(include, p.LocalOID)
	}
	if len(include) == 0 {
		return nil, nil, nil
	}
	if isRefName(remote) { // a URL has no references here
		if exclude, err = r.refOIDs(ctx, "refs/remotes/"+remote+"/"); err != nil {
			return nil, nil, err
		}
	}
	for _, p := range pushes {
		if p.RemoteOID != "" {
			exclude = append(exclude, p.RemoteOID)
		}
	}
	exclude, err = r.Present(ctx, exclude)
	return include, exclude, err
}

// refOIDs is what references name, below the given prefixes or all.
func (r *Repo) refOIDs(ctx context.Context, prefixes ...string) ([]string, error) {
	args := append([]string{"for-each-ref", "--format=%(objectname)", "--"}, prefixes...)
	out, err := r.Run(ctx, nil, args...)
	if err != nil {
		return nil, err
	}
	var oids []string
	for line := range bytes.Lines(out) {
		oids = append(oids, string(bytes.TrimSuffix(line, []byte{'\n'})))
	}
	return oids, nil
}

// Present is those of the objects that are here, each once.
func (r *Repo) Present(ctx context.Context, oids []string) (here []string, err error) {
	asked := make(map[string]bool, len(oids))
	var each []string
	for _, oid := range oids {
		if !isOID(oid, r.HashSize()) {
			return nil, fmt.Errorf("%.200q: not an object id", oid)
		}
		if !asked[oid] {
			asked[oid], each = true, append(each, oid)
		}
	}
	if len(each) == 0 {
		return nil, nil
	}
	for line, err := range r.bulk().lines(ctx, &nameLines{names: each}, "cat-file", "--batch-check=%(objectname)", "--buffer") {
		if errors.Is(promised("", err), ErrMissing) {
			return r.listed(ctx, each)
		}
		if err != nil {
			return nil, err
		}
		if isOIDBytes(line, r.HashSize()) {
			here = append(here, string(line))
		}
	}
	return here, nil
}

// listed is Present for a partial clone, where asking kills an older git.
func (r *Repo) listed(ctx context.Context, oids []string) (here []string, err error) {
	all, err := r.bulk().allNames(ctx)
	if err != nil {
		return nil, err
	}
	for _, oid := range oids {
		if all.has(oid) {
			here = append(here, oid)
		}
	}
	return here, nil
}
