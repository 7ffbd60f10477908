package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxShownCommits are as many as tell where a secret came from.
const maxShownCommits = 3

// writeText writes for people: path:line:col first, so that terminals and
// editors make a link of it.
func writeText(w io.Writer, r *Report, o Options) error {
	all := r.shown(o)
	for i := range all {
		writeFinding(w, &all[i])
		// Those that share a hint stand together with it below the last.
		if hint := all[i].Hint; hint != "" && (i+1 == len(all) || all[i+1].Hint != hint) {
			fmt.Fprintf(w, "  hint: %s\n", show(hint))
		}
	}
	if len(all) > 0 {
		fmt.Fprintln(w)
	}
	for _, line := range r.closing(o) {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

func writeFinding(w io.Writer, a *Allowed) {
	f := &a.Finding
	fmt.Fprintf(w, "%s: %s [%s]\n", f.where(), f.text(), show(f.Rule))
	if len(f.Via) > 0 {
		fmt.Fprintf(w, "  inside: %s\n", show(strings.Join(f.Via, ", ")))
	}
	if len(f.Also) > 0 {
		fmt.Fprintf(w, "  also in lines: %s\n", numbers(f.Also))
	}
	for i, c := range f.Commits {
		if i == maxShownCommits {
			break
		}
		fmt.Fprintf(w, "  commit: %s\n", c.brief())
	}
	if more := max(f.All, len(f.Commits)) - min(len(f.Commits), maxShownCommits); more > 0 {
		fmt.Fprintf(w, "  commits: %d more\n", more)
	}
	if f.Fingerprint != "" {
		fmt.Fprintf(w, "  fingerprint: %s\n", show(f.Fingerprint))
	}
	if a.By != "" {
		fmt.Fprintf(w, "  allowed by %s: %s\n", show(a.By), show(a.Reason))
	}
}

func numbers(all []int) string {
	words := make([]string, len(all))
	for i, n := range all {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ", ")
}

// inFile tells whether Path is a path in the repository.
func (f *Finding) inFile() bool {
	return slices.Contains([]string{"", "file", "symlink", "path-name", "submodule-url"}, f.Place)
}

// name is what Path names, with the kind of place before it if that is no path.
func (f *Finding) name() string {
	switch path := show(f.Path); {
	case f.inFile() && path != "":
		return path
	case path == "":
		return strings.ReplaceAll(show(cmp.Or(f.Place, "repository")), "-", " ")
	default:
		return strings.ReplaceAll(show(f.Place), "-", " ") + " " + path
	}
}

// where is path:line:col, as far as it is known.
func (f *Finding) where() string {
	switch {
	case f.Line > 0 && f.Column > 0:
		return fmt.Sprintf("%s:%d:%d", f.name(), f.Line, f.Column)
	case f.Line > 0:
		return fmt.Sprintf("%s:%d", f.name(), f.Line)
	}
	return f.name()
}

// text is the message with what else tells about the secret; never empty.
func (f *Finding) text() string {
	t := show(cmp.Or(f.Message, f.Rule, "finding"))
	if f.Redacted != "" {
		t += " " + show(f.Redacted)
	}
	var more []string
	for _, s := range []string{f.Note, f.proof()} {
		if s != "" {
			more = append(more, show(s))
		}
	}
	if f.Sealed != "" {
		more = append(more, "sealed in "+show(f.Sealed))
	}
	if len(more) > 0 {
		t += " (" + strings.Join(more, "; ") + ")"
	}
	return t
}

// proof is a validity worth a word.
func (f *Finding) proof() string {
	if f.Validity == "verified" {
		return "its checksum holds"
	}
	return ""
}

// brief is a commit on one line.
func (c *Commit) brief() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s: %s", show(c.short()), c.Time.UTC().Format(time.DateOnly), show(c.Author), show(c.Title)))
}

func (c *Commit) short() string { return c.OID[:min(len(c.OID), 10)] }

// closing says what was found and what was covered, so that "nothing found" can
// be told from "nothing looked at".
func (r *Report) closing(o Options) []string {
	first := "no findings"
	if n := len(r.Findings); n > 0 {
		first = plural(n, "finding") + r.bySeverity()
	}
	if n := len(r.Allowed); n > 0 {
		first += fmt.Sprintf("; %d allowed", n)
		if !o.Verbose {
			first += " (--verbose shows them)"
		}
	}
	lines := []string{first, r.covered()}
	if total, list := counts(r.Coverage.Skipped); total > 0 {
		lines = append(lines, fmt.Sprintf("skipped %d: %s", total, list))
	}
	for _, s := range r.Stale {
		lines = append(lines, "stale: "+show(s))
	}
	for _, s := range r.Undetermined {
		lines = append(lines, "undetermined: "+show(s))
	}
	return lines
}

func (r *Report) bySeverity() string {
	n := map[string]int{}
	for _, f := range r.Findings {
		n[f.Severity]++
	}
	var parts []string
	for _, s := range []string{"critical", "high", "medium", "low"} {
		if n[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[s], s))
		}
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// covered is what was looked at, without what there was none of.
func (r *Report) covered() string {
	c := r.Coverage
	s := "scanned " + show(cmp.Or(r.Scope, "what was given"))
	if r.Shard != "" {
		s += ", shard " + show(r.Shard)
	}
	s += fmt.Sprintf(": %s, %s", plural(c.Objects, "object"), size(c.Bytes))
	for _, part := range []struct {
		n          int
		noun, done string
	}{
		{c.Commits, "commit", ""}, {c.Files, "path", " judged"}, {c.Cached, "object", " known to be clean"},
		{c.Sealed, "file", " sealed and verified"}, {c.Values, "sealed value", " looked for"},
	} {
		if part.n > 0 {
			s += ", " + plural(part.n, part.noun) + part.done
		}
	}
	return s
}

// counts lists what was counted, by name.
func counts(n map[string]int) (total int, list string) {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(n)) {
		total += n[k]
		parts = append(parts, fmt.Sprintf("%s %d", show(k), n[k]))
	}
	return total, strings.Join(parts, ", ")
}
