package report

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxShards is more than any matrix of CI jobs has.
const maxShards = 10_000

// Read reads a report that Write wrote as JSON, strictly.
func Read(r io.Reader) (*Report, error) {
	var rep Report
	if err := decode(r, &rep); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if rep.Version != 1 {
		return nil, fmt.Errorf("read report: version %d is not 1, the only one this program knows", rep.Version)
	}
	for i := range rep.Findings {
		if err := rep.Findings[i].restore(); err != nil {
			return nil, fmt.Errorf("read report: finding %d: %w", i+1, err)
		}
	}
	for i := range rep.Allowed {
		if err := rep.Allowed[i].restore(); err != nil {
			return nil, fmt.Errorf("read report: allowed finding %d: %w", i+1, err)
		}
	}
	return &rep, nil
}

// restore checks a finding that was read and gives it its path back.
func (f *Finding) restore() error {
	switch {
	case f.Verdict < 1 || f.Verdict > 4:
		return fmt.Errorf("verdict %d is not 1 to 4", f.Verdict)
	case severityRank[f.Severity] == 0:
		return fmt.Errorf("severity %q is unknown", f.Severity)
	case f.Rule == "":
		return errors.New("has no rule")
	case f.Fingerprint != "" && !fingerprintShape().MatchString(f.Fingerprint):
		return fmt.Errorf("fingerprint %q is none", f.Fingerprint)
	case f.Line < 0 || f.Column < 0 || f.EndLine < 0 || f.EndColumn < 0 || f.All < 0:
		return errors.New("a number is below zero")
	case f.PathBase64 != nil && utf8.Valid(f.PathBase64):
		return errors.New("path_base64 is there for a path that needs none")
	}
	if f.PathBase64 != nil {
		f.Path, f.PathBase64 = string(f.PathBase64), nil
	}
	return nil
}

// Merge makes one report of those of all shards. That a shard is missing or twice
// there, or is of another scan, makes the result undetermined. Numbers are added
// up, but for paths judged and sealed values, of which a shard has all or none.
func Merge(reports []*Report) (*Report, error) {
	if len(reports) == 0 {
		return nil, errors.New("merge reports: none given")
	}
	first := reports[0]
	m := &Report{Version: 1, Tool: first.Tool, Scope: first.Scope, Commit: first.Commit, Started: first.Started, Findings: []Finding{}}
	m.Coverage.Skipped = map[string]int{}
	for i, r := range reports {
		if r.Version != 1 {
			return nil, fmt.Errorf("merge reports: report %d: version %d is not 1", i+1, r.Version)
		}
		m.differs(i+1, r)
		m.take(r)
	}
	m.Undetermined = append(m.Undetermined, shards(reports)...)
	m.Stale = everywhere(reports)
	m.Undetermined = unique(m.Undetermined)
	m.Tidy()
	return m, nil
}

// differs notes where a report is of another scan than the first.
func (m *Report) differs(n int, r *Report) {
	for _, x := range []struct{ what, a, b string }{{"tool", m.Tool, r.Tool}, {"scope", m.Scope, r.Scope}, {"commit", m.Commit, r.Commit}} {
		if x.a != x.b {
			m.Undetermined = append(m.Undetermined, fmt.Sprintf("report %d is of another %s: %q, not %q", n, x.what, x.b, x.a))
		}
	}
}

func (m *Report) take(r *Report) {
	if r.Started.Before(m.Started) {
		m.Started = r.Started
	}
	m.Ended = later(m.Ended, r.Ended)
	m.Findings = append(m.Findings, r.Findings...)
	m.Allowed = append(m.Allowed, r.Allowed...)
	m.Rules = append(m.Rules, r.Rules...)
	m.Undetermined = append(m.Undetermined, r.Undetermined...)
	c, d := &m.Coverage, r.Coverage
	c.Files, c.Values = max(c.Files, d.Files), max(c.Values, d.Values)
	c.Commits += d.Commits
	c.Objects += d.Objects
	c.Bytes += d.Bytes
	c.Cached += d.Cached
	c.Sealed += d.Sealed
	for why, n := range d.Skipped {
		c.Skipped[why] += n
	}
}

// shards says what is wrong with the set of shards. Reports without one are whole.
func shards(reports []*Report) (wrong []string) {
	have := map[string]int{}
	of := map[int]bool{}
	for _, r := range reports {
		have[r.Shard]++
		if r.Shard == "" {
			continue
		}
		i, n, ok := shard(r.Shard)
		if !ok {
			wrong = append(wrong, fmt.Sprintf("shard %q is none", r.Shard))
			continue
		}
		if have[r.Shard] > 1 {
			wrong = append(wrong, fmt.Sprintf("shard %d/%d is there more than once", i, n))
		}
		of[n] = true
	}
	if len(of) > 1 || len(of) == 1 && have[""] > 0 {
		wrong = append(wrong, "the reports are of different divisions into shards")
	}
	for _, n := range slices.Sorted(maps.Keys(of)) {
		var missing []string
		for i := 1; i <= n; i++ {
			if have[fmt.Sprintf("%d/%d", i, n)] == 0 {
				missing = append(missing, strconv.Itoa(i))
			}
		}
		if len(missing) > 0 {
			wrong = append(wrong, fmt.Sprintf("%d of %d shards are missing: %s", len(missing), n, abridge(missing)))
		}
	}
	return wrong
}

func abridge(all []string) string {
	const most = 20
	if len(all) <= most {
		return strings.Join(all, ", ")
	}
	return strings.Join(all[:most], ", ") + ", …"
}

// shard reads "2/5" in the one way it is written.
func shard(s string) (i, n int, ok bool) {
	a, b, _ := strings.Cut(s, "/")
	i, err := strconv.Atoi(a)
	n, err2 := strconv.Atoi(b)
	return i, n, errors.Join(err, err2) == nil && i >= 1 && i <= n && n <= maxShards && s == fmt.Sprintf("%d/%d", i, n)
}

// everywhere are the stale allowances of every report: one that another shard
// needs is not stale.
func everywhere(reports []*Report) []string {
	n := map[string]int{}
	for _, r := range reports {
		for _, s := range unique(r.Stale) {
			n[s]++
		}
	}
	return slices.DeleteFunc(unique(reports[0].Stale), func(s string) bool { return n[s] < len(reports) })
}

// unique keeps the first of each, in order.
func unique(all []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range all {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
