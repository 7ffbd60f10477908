package sweep

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
)

// text is what is told of a commit or a tag that holds a secret.
type text struct {
	headers []string // of each line before the message, the header that it belongs to
	commit  string   // of a tag: the commit that it leads to in the end, "" for none
}

// texts reads the commits and tags that hits are in.
func (s *Sweep) texts(ctx context.Context, hits []check.Hit) (map[string]text, error) {
	all := map[string]text{}
	var oids []string
	for _, h := range hits {
		if h.Place == check.Commit || h.Place == check.Tag {
			oids = append(oids, h.OID)
		}
	}
	if len(oids) == 0 {
		return all, nil
	}
	for o, err := range s.Repo.ObjectsOf(ctx, unique(oids)) {
		if err != nil {
			return all, err
		}
		data, err := io.ReadAll(io.LimitReader(o, maxText))
		if err != nil {
			return all, err
		}
		all[o.OID] = text{headers: headerLines(data)}
	}
	for _, h := range hits {
		if h.Place == check.Tag {
			t := all[h.OID]
			t.commit = s.commitOf(ctx, h.OID)
			all[h.OID] = t
		}
	}
	return all, nil
}

// headerLines names the header of each line before the message. A line that goes
// on begins with a space.
func headerLines(data []byte) (names []string) {
	for len(data) > 0 && data[0] != '\n' {
		line, rest, _ := bytes.Cut(data, []byte{'\n'})
		name, _, _ := bytes.Cut(line, []byte{' '})
		if len(name) == 0 && len(names) > 0 {
			names = append(names, names[len(names)-1])
		} else {
			names = append(names, string(name))
		}
		data = rest
	}
	return names
}

// kind is what is on a line of a commit or a tag.
func (t text) kind(object string, line int) string {
	if line < 1 || line > len(t.headers) {
		return object + "-message"
	}
	switch name := t.headers[line-1]; name {
	case "author", "committer", "tagger":
		return object + "-" + name
	}
	return object + "-header"
}

// commitOf is the commit that an object or a reference leads to, "" for none.
func (s *Sweep) commitOf(ctx context.Context, oid string) string {
	o, err := s.Repo.Blobs().Stat(ctx, oid+"^{commit}")
	if err != nil {
		return ""
	}
	return o.OID
}

// commitsOf are the commits that references with a secret in their name lead to,
// by reference.
func (s *Sweep) commitsOf(ctx context.Context, hits []check.Hit, refs []gitrepo.Root) map[int]string {
	commits := map[int]string{}
	for _, h := range hits {
		if h.Place == check.RefNames {
			commits[h.Line-1] = s.commitOf(ctx, refs[h.Line-1].OID)
		}
	}
	return commits
}

// modules is the file in which Git keeps where submodules come from.
const modules = ".gitmodules"

// fileKind is the kind of what a hit is in, in a file: that of the file but for the
// address of a submodule. open gives what the file holds.
func fileKind(kind string, h check.Hit, open func() (io.ReadCloser, error)) string {
	if kind != "file" || h.Named || len(h.Via) > 0 {
		return kind
	}
	f, err := open()
	if err != nil {
		return kind // it was read before, and what counts is that the secret is told
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, keptText))
	if err == nil && isURL(data, h.Line) {
		return "submodule-url"
	}
	return kind
}

// isURL tells whether a line of .gitmodules is the value of url; one can go on on
// the next line, and stand behind the name of its section.
func isURL(data []byte, line int) bool {
	lines := bytes.Split(data, []byte{'\n'})
	if line < 1 || line > len(lines) {
		return false
	}
	for line > 1 && bytes.HasSuffix(bytes.TrimSuffix(lines[line-2], []byte{'\r'}), []byte{'\\'}) {
		line--
	}
	entry := strings.TrimSpace(string(lines[line-1]))
	if strings.HasPrefix(entry, "[") {
		_, entry, _ = strings.Cut(entry, "]")
	}
	name, _, ok := strings.Cut(entry, "=")
	return ok && strings.EqualFold(strings.TrimSpace(name), "url")
}

// kindAt is fileKind of a blob at a path.
func (s *Sweep) kindAt(ctx context.Context, kind, path string, h check.Hit) string {
	if path != modules {
		return kind
	}
	return fileKind(kind, h, func() (io.ReadCloser, error) { return s.Repo.Blobs().Open(ctx, h.OID) })
}
