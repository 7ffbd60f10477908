package sweep

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/scan"
)

// Shown is a path, or the name of something else in the repository, as a report
// may show it: without a secret that is in it.
func (s *Sweep) Shown(ctx context.Context, name string) string {
	if shown, known := s.shown[name]; known {
		return shown
	}
	var secrets []span
	_, err := s.Engine.Fresh().Scanner().Scan(ctx, strings.NewReader(strings.ReplaceAll(name, "\n", " ")), func(m *scan.Match) {
		if !m.Rule.Alone { // which is about what is in files
			secrets = append(secrets, span{m.Column - 1, m.EndColumn, redact(m)})
		}
	})
	if err != nil {
		return "(not shown)" // nobody has looked at it
	}
	shown := blot(name, secrets)
	if s.shown == nil {
		s.shown = map[string]string{}
	}
	s.shown[name] = shown
	return shown
}

// span is a part of a name, and what is shown of it.
type span struct {
	from, to int
	instead  string
}

// blot puts in place of secrets what may be shown of them; of those that overlap
// the first one says what.
func blot(name string, secrets []span) string {
	slices.SortStableFunc(secrets, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	end := 0
	for _, x := range secrets {
		if x.from < 0 || x.to < x.from || x.to > len(name) {
			return "(not shown: it holds a secret)"
		}
		if x.from >= end {
			b.WriteString(name[end:x.from])
			b.WriteString(x.instead)
		}
		end = max(end, x.to)
	}
	b.WriteString(name[end:])
	return b.String()
}

// namesIn reads the names in trees that hits of file names are about, by tree
// and line.
func (s *Sweep) namesIn(ctx context.Context, hits []check.Hit) (map[string]map[int]string, error) {
	names := map[string]map[int]string{}
	for _, h := range hits {
		if h.Place != check.FileNames || h.OID == "" {
			continue
		}
		if names[h.OID] == nil {
			names[h.OID] = map[int]string{}
		}
		names[h.OID][h.Line] = ""
	}
	if len(names) == 0 {
		return names, nil
	}
	var trees []string
	for oid := range names {
		trees = append(trees, oid)
	}
	for o, err := range s.Repo.ObjectsOf(ctx, trees) {
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(io.LimitReader(o, maxText))
		if err != nil {
			return nil, err
		}
		line := 0
		for item, err := range gitrepo.ParseTree(data, s.Repo.HashSize()) {
			line++
			if _, wanted := names[o.OID][line]; err == nil && wanted {
				names[o.OID][line] = string(item.Name)
			}
		}
	}
	return names, nil
}

// bringers are the commits that bring something at a path or below it.
type bringers map[string][]string

// add notes a commit for each of the paths that are waited for.
func (b bringers) add(i gitrepo.Introduction) {
	for end := len(i.Path); end > 0; end = strings.LastIndexByte(i.Path[:end], '/') {
		name := i.Path[:end]
		if commits, wanted := b[name]; wanted && !slices.Contains(commits[max(0, len(commits)-1):], i.Commit) {
			b[name] = append(commits, i.Commit)
		}
	}
}
