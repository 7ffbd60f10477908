package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ignored is an entry of .gitleaksignore.
type ignored struct {
	commit, path, rule string
	line               int
}

var commitShape = lazy(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// ParseGitleaksIgnore reads a .gitleaksignore: commit:file:rule:line or
// file:rule:line. Such an entry covers a secret (verdict 3) on that line of that
// file, and with a commit only one that this commit brought. Rule ids differ
// between tools: one counts only if known says that it is ours. Lines of other
// shapes allow nothing and are warned about, as gitleaks does.
func ParseGitleaksIgnore(name string, text []byte, known func(rule string) bool) (a *Allow, warnings []string, err error) {
	a = &Allow{}
	err = eachLine(name, text, func(at string, _ int, line string) {
		ig, ok := parseIgnored(line)
		if !ok {
			warnings = append(warnings, fmt.Sprintf("%s: is neither commit:file:rule:line nor file:rule:line", at))
			return
		}
		if known == nil || !known(ig.rule) {
			ig.rule = ""
		}
		a.add(entry{at: at, ignored: ig, reason: "listed there"})
	})
	if err != nil {
		return nil, nil, err
	}
	return a, warnings, nil
}

// parseIgnored reads from the end, since a path may have colons in it.
func parseIgnored(s string) (*ignored, bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return nil, false
	}
	n, err := strconv.Atoi(s[i+1:])
	j := strings.LastIndexByte(s[:i], ':')
	if err != nil || n < 0 || j < 0 {
		return nil, false
	}
	ig := &ignored{path: s[:j], rule: s[j+1 : i], line: n}
	if first, rest, ok := strings.Cut(ig.path, ":"); ok && commitShape().MatchString(first) {
		ig.commit, ig.path = first, rest
	}
	ig.path = strings.TrimPrefix(strings.ReplaceAll(ig.path, `\`, "/"), "./")
	return ig, ig.path != "" && ig.rule != ""
}

func (ig *ignored) covers(f *Finding) bool {
	return f.Verdict == 3 && f.inFile() && f.Path == ig.path && f.Line > 0 &&
		(f.Line == ig.line || slices.Contains(f.Also, ig.line)) &&
		(ig.rule == "" || ig.rule == f.Rule) &&
		(ig.commit == "" || slices.ContainsFunc(f.Commits, func(c Commit) bool { return c.OID == ig.commit }))
}
