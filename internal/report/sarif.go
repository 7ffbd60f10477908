package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// What GitHub accepts in one run; it shows the worst 5,000.
const (
	maxSARIFResults   = 25_000
	maxSARIFLocations = 100
)

const homepage = "https://github.com/git-envelope/git-envelope"

// writeSARIF writes SARIF 2.1.0 as GitHub's code scanning takes it.
//
// Allowed findings are there, with a suppression, if they are asked for: GitHub
// shows suppressed results as open alerts. What is no file (a commit message, a
// branch name) gets a made-up path below .git, since GitHub drops results without
// one, and a logical location that says what it is. Columns count bytes, where
// SARIF counts UTF-16 units: the two differ behind a character that is not ASCII.
func writeSARIF(w io.Writer, r *Report, o Options) error {
	all := r.shown(o)
	dropped := len(all) - maxSARIFResults
	if dropped > 0 {
		all = worst(all, maxSARIFResults)
	}
	rules, index := r.sarifRules(all)
	run := sarifRun{
		Tool:        sarifTool{sarifDriver(r.Tool, rules)},
		Invocations: []sarifInvocation{r.sarifInvocation(dropped)},
		Results:     make([]sarifResult, 0, len(all)),
	}
	if r.Shard != "" {
		// Uploads of one category replace each other; those of shards must not.
		run.Automation = &sarifAutomation{ID: "git-envelope/shard-" + strings.ReplaceAll(show(r.Shard), "/", "-of-") + "/"}
	}
	for i := range all {
		run.Results = append(run.Results, sarifOf(&all[i], index))
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

// worst keeps the n findings that matter most, in the order they had: those that
// count before those that are allowed, then by severity.
func worst(all []Allowed, n int) []Allowed {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Or(
			cmp.Compare(min(len(all[i].By), 1), min(len(all[j].By), 1)),
			cmp.Compare(severityRank[all[j].Severity], severityRank[all[i].Severity]),
		)
	})
	order = order[:n]
	slices.Sort(order)
	kept := make([]Allowed, n)
	for at, i := range order {
		kept[at] = all[i]
	}
	return kept
}

// sarifRules describes the rules of the findings, also those that the report does not.
func (r *Report) sarifRules(all []Allowed) ([]sarifRule, map[string]int) {
	known := map[string]Rule{}
	for _, rule := range r.Rules {
		known[rule.ID] = rule
	}
	rules, index := []sarifRule{}, map[string]int{}
	for _, f := range all {
		if _, ok := index[f.Rule]; ok {
			continue
		}
		rule, ok := known[f.Rule]
		if !ok {
			rule = Rule{ID: f.Rule, Title: strings.ReplaceAll(f.Rule, "-", " "), Severity: f.Severity}
		}
		index[f.Rule] = len(rules)
		rules = append(rules, sarifRuleOf(rule, f.Verdict))
	}
	return rules, index
}

// remedies say what to do about a finding of each verdict.
var remedies = [...]string{
	0: "See the hint of the finding.",
	1: "Seal the file: let the filter of git-envelope write it (git add --renormalize), and replace what was in clear if it left this machine.",
	2: "Restore the protection, or have the change approved by those who own the policy.",
	3: "Revoke the secret and replace it, then seal the new one. Deleting the line leaves it in the history.",
	4: "Remove the copy and replace the sealed value: who could read the repository has it.",
}

func sarifRuleOf(rule Rule, verdict int) sarifRule {
	title := cmp.Or(show(rule.Title), show(rule.ID), "finding")
	help := remedies[0]
	if verdict > 0 && verdict < len(remedies) {
		help = remedies[verdict]
	}
	tag := "secret"
	if verdict == 1 || verdict == 2 {
		tag = "protection"
	}
	out := sarifRule{
		ID:    ruleID(rule.ID),
		Short: sarifText{title},
		Full:  sarifText{title},
		Help:  sarifText{help},
		Properties: sarifRuleProperties{
			Tags:     []string{"security", tag},
			Severity: securitySeverity[cmp.Or(rule.Severity, "medium")],
		},
	}
	out.Default.Level = level(rule.Severity)
	if strings.HasPrefix(rule.Source, "https://") && plain(rule.Source) && !strings.ContainsAny(rule.Source, ` "<>\^{|}`+"`") {
		out.HelpURI = rule.Source
	}
	return out
}

func ruleID(id string) string { return cmp.Or(show(id), "unknown") }

// securitySeverity is how GitHub knows critical, high, medium and low.
var securitySeverity = map[string]string{"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0"}

func level(severity string) string {
	switch severity {
	case "critical", "high":
		return "error"
	case "low":
		return "note"
	}
	return "warning"
}

func sarifOf(a *Allowed, index map[string]int) sarifResult {
	f := &a.Finding
	res := sarifResult{
		RuleID:    ruleID(f.Rule),
		RuleIndex: index[f.Rule],
		Level:     level(f.Severity),
		Message:   sarifText{literal(f.text())},
		Locations: []sarifLocation{sarifPlace(f)},
		Properties: sarifProperties{
			Verdict: f.Verdict, Place: cmp.Or(f.Place, "file"), Validity: f.Validity, Via: shownAll(f.Via),
		},
	}
	if f.Fingerprint != "" {
		// GitHub tells alerts apart by primaryLocationLineHash alone, which its
		// upload action would make of the line: two secrets on a line would be one.
		res.Fingerprints = map[string]string{"gitEnvelope/v1": f.Fingerprint, "primaryLocationLineHash": f.Fingerprint + ":1"}
	}
	for i := range f.Commits[:min(len(f.Commits), maxSARIFLocations)] {
		res.Properties.Commits = append(res.Properties.Commits, show(f.Commits[i].OID))
	}
	for i, n := range f.Also[:min(len(f.Also), maxSARIFLocations)] {
		loc := sarifLocation{ID: i + 1, Physical: sarifPhysical{Artifact: artifact(f), Region: &sarifRegion{StartLine: n}}}
		res.Related = append(res.Related, loc)
	}
	if a.By != "" {
		kind := "external"
		if a.By == "inline" || strings.HasSuffix(a.By, ":allow") {
			kind = "inSource"
		}
		res.Suppressions = []sarifSuppression{{Kind: kind, Status: "accepted", Why: show(cmp.Or(a.Reason, a.By))}}
	}
	return res
}

func shownAll(all []string) []string {
	out := make([]string, 0, len(all))
	for _, s := range all {
		out = append(out, show(s))
	}
	return out
}

// literal keeps a message from being read as one with placeholders or links.
func literal(s string) string {
	return strings.NewReplacer("{", "{{", "}", "}}", "](", "] (").Replace(s)
}

func sarifPlace(f *Finding) sarifLocation {
	loc := sarifLocation{Physical: sarifPhysical{Artifact: artifact(f)}}
	if f.Line > 0 {
		loc.Physical.Region = region(f)
	}
	if !f.inFile() {
		loc.Logical = []sarifLogical{{Name: f.name(), Kind: show(f.Place)}}
	}
	return loc
}

// region leaves out an end that does not lie behind the beginning.
func region(f *Finding) *sarifRegion {
	r := &sarifRegion{StartLine: f.Line, StartColumn: max(f.Column, 0)}
	if f.EndLine < f.Line || f.EndLine == f.Line && f.EndColumn < f.Column {
		return r
	}
	r.EndLine = f.EndLine
	if f.EndColumn > 0 {
		r.EndColumn = f.EndColumn + 1 // SARIF's end is exclusive
	}
	return r
}

// artifact is where a finding is as a URI relative to the repository.
func artifact(f *Finding) sarifArtifact {
	path := f.Path
	if !f.inFile() {
		path = ".git/" + cmp.Or(f.Place, "repository") + "/" + f.Path
	}
	if strings.HasPrefix(path, "/") { // a scan of files outside of any repository
		return sarifArtifact{URI: "file://" + escapePath(path)}
	}
	return sarifArtifact{URI: cmp.Or(escapePath(path), "."), Base: "%SRCROOT%"}
}

// escapePath writes raw bytes as the path of a URI (RFC 3986): all but the
// unreserved characters and the slash are percent-encoded, so that no byte is
// lost and a colon makes no scheme.
func escapePath(path string) string {
	var b strings.Builder
	for i := range len(path) {
		switch c := path[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func (r *Report) sarifInvocation(dropped int) sarifInvocation {
	inv := sarifInvocation{Success: r.Proved(), Start: sarifTime(r.Started), End: sarifTime(r.Ended)}
	note := func(level, text string) {
		inv.Notes = append(inv.Notes, sarifNotification{Level: level, Message: sarifText{literal(text)}})
	}
	for _, s := range r.Undetermined {
		note("error", "undetermined: "+show(s))
	}
	if dropped > 0 {
		note("warning", fmt.Sprintf("%s left out, the least severe: a SARIF run holds %d", plural(dropped, "result"), maxSARIFResults))
	}
	for _, s := range r.Stale {
		note("note", "stale: "+show(s))
	}
	note("note", r.covered())
	if total, list := counts(r.Coverage.Skipped); total > 0 {
		note("note", fmt.Sprintf("skipped %d: %s", total, list))
	}
	return inv
}

func sarifTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// tool splits "git-envelope 1.2.3".
func tool(s string) (name, version string) {
	name, version, _ = strings.Cut(show(s), " ")
	return cmp.Or(name, "git-envelope"), version
}

func sarifDriver(s string, rules []sarifRule) sarifComponent {
	name, version := tool(s)
	return sarifComponent{Name: name, Version: version, URI: homepage, Rules: rules}
}
