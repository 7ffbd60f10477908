package report

import (
	"cmp"
	"slices"
)

// Bounds of a finding that stands for many.
const (
	maxCommits = 100
	maxAlso    = 100
)

var severityRank = map[string]int{"low": 1, "medium": 2, "high": 3, "critical": 4}

// Tidy puts findings in order of path, line, column and rule, and joins those of
// one identity: the same secret in many commits, or on many lines, is one finding.
func (r *Report) Tidy() {
	slices.SortStableFunc(r.Findings, compare)
	r.Findings = join(r.Findings, func(f *Finding) *Finding { return f }, func(f *Finding) string { return "" })
	slices.SortStableFunc(r.Allowed, func(a, b Allowed) int {
		return cmp.Or(compare(a.Finding, b.Finding), cmp.Compare(a.By, b.By))
	})
	r.Allowed = join(r.Allowed, func(a *Allowed) *Finding { return &a.Finding }, func(a *Allowed) string { return a.By })
	slices.SortFunc(r.Rules, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	r.Rules = slices.CompactFunc(r.Rules, func(a, b Rule) bool { return a.ID == b.ID })
}

func compare(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Place, b.Place), cmp.Compare(a.Fingerprint, b.Fingerprint),
		cmp.Compare(a.OID, b.OID), cmp.Compare(a.Message, b.Message),
	)
}

// join keeps the first of each identity. What has no fingerprint stays alone.
func join[T any](all []T, of func(*T) *Finding, extra func(*T) string) []T {
	type identity struct{ fingerprint, place, extra string }
	seen := make(map[identity]int, len(all))
	out := make([]T, 0, len(all))
	for i := range all {
		f := of(&all[i])
		id := identity{f.Fingerprint, f.Place, extra(&all[i])}
		if at, ok := seen[id]; ok && f.Fingerprint != "" {
			of(&out[at]).absorb(f)
			continue
		}
		seen[id] = len(out)
		out = append(out, all[i])
	}
	return out
}

// absorb adds what another finding of the same identity knows.
func (f *Finding) absorb(g *Finding) {
	if f.OID == g.OID {
		also := append(slices.Clone(f.Also), g.Also...)
		also = append(also, g.Line)
		slices.Sort(also)
		also = slices.DeleteFunc(slices.Compact(also), func(n int) bool { return n == f.Line || n == 0 })
		f.Also = also[:min(len(also), maxAlso)]
	}
	f.Integrity = f.Integrity || g.Integrity
	f.addCommits(g)
}

func (f *Finding) addCommits(g *Finding) {
	if len(g.Commits) == 0 {
		return
	}
	total := max(f.All, len(f.Commits)) + max(g.All, len(g.Commits))
	have := make(map[string]bool, len(f.Commits))
	for _, c := range f.Commits {
		have[c.OID] = true
	}
	commits := slices.Clone(f.Commits)
	for _, c := range g.Commits {
		if have[c.OID] {
			total--
			continue
		}
		have[c.OID] = true
		commits = append(commits, c)
	}
	slices.SortStableFunc(commits, func(a, b Commit) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.OID, b.OID))
	})
	f.Commits = commits[:min(len(commits), maxCommits)]
	f.All = 0
	if total > len(f.Commits) {
		f.All = total
	}
}
