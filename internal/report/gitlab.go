package report

import (
	"cmp"
	"encoding/json"
	"io"
	"strings"
	"time"
)

// gitlabVersion is the schema of GitLab's security reports that this follows.
const gitlabVersion = "15.0.7"

type (
	gitlabReport struct {
		Version string       `json:"version"`
		Schema  string       `json:"schema"`
		Scan    gitlabScan   `json:"scan"`
		All     []gitlabVuln `json:"vulnerabilities"`
	}
	gitlabScan struct {
		Analyzer gitlabTool      `json:"analyzer"`
		Scanner  gitlabTool      `json:"scanner"`
		Type     string          `json:"type"`
		Start    string          `json:"start_time"`
		End      string          `json:"end_time"`
		Status   string          `json:"status"`
		Messages []gitlabMessage `json:"messages,omitempty"`
	}
	gitlabTool struct {
		ID      string       `json:"id"`
		Name    string       `json:"name"`
		URL     string       `json:"url"`
		Version string       `json:"version"`
		Vendor  gitlabVendor `json:"vendor"`
	}
	gitlabVendor struct {
		Name string `json:"name"`
	}
	gitlabMessage struct {
		Level string `json:"level"`
		Value string `json:"value"`
	}
	gitlabVuln struct {
		ID          string             `json:"id"`
		Category    string             `json:"category"`
		Name        string             `json:"name"`
		Description string             `json:"description"`
		Severity    string             `json:"severity"`
		Solution    string             `json:"solution,omitempty"`
		Extract     string             `json:"raw_source_code_extract,omitempty"` // redacted
		Identifiers []gitlabIdentifier `json:"identifiers"`
		Location    gitlabLocation     `json:"location"`
	}
	gitlabIdentifier struct {
		Type  string `json:"type"`
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	gitlabLocation struct {
		File      string       `json:"file,omitempty"`
		Commit    gitlabCommit `json:"commit"`
		StartLine int          `json:"start_line,omitempty"`
		EndLine   int          `json:"end_line,omitempty"`
	}
	gitlabCommit struct {
		SHA     string `json:"sha"`
		Author  string `json:"author,omitempty"`
		Date    string `json:"date,omitempty"`
		Message string `json:"message,omitempty"`
	}
)

// writeGitLab writes GitLab's secret detection report. What is allowed is left
// out: the format has no word for it, and GitLab would count it.
func writeGitLab(w io.Writer, r *Report, _ Options) error {
	name, version := tool(r.Tool)
	self := gitlabTool{ID: name, Name: name, URL: homepage, Version: cmp.Or(version, "unknown"), Vendor: gitlabVendor{"git-envelope"}}
	out := gitlabReport{
		Version: gitlabVersion,
		Schema: "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v" + gitlabVersion +
			"/dist/secret-detection-report-format.json",
		Scan: gitlabScan{Analyzer: self, Scanner: self, Type: "secret_detection", Status: "success",
			Start: gitlabTime(r.Started), End: gitlabTime(later(r.Started, r.Ended))},
		All: make([]gitlabVuln, 0, len(r.Findings)),
	}
	for _, s := range r.Undetermined {
		out.Scan.Status = "failure"
		out.Scan.Messages = append(out.Scan.Messages, gitlabMessage{"warn", "undetermined: " + show(s)})
	}
	out.Scan.Messages = append(out.Scan.Messages, gitlabMessage{"info", r.covered()})
	titles := make(map[string]string, len(r.Rules))
	for _, rule := range r.Rules {
		titles[rule.ID] = show(rule.Title)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		title := cmp.Or(titles[f.Rule], strings.ReplaceAll(ruleID(f.Rule), "-", " "))
		out.All = append(out.All, gitlabOf(f, title, r.Commit))
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// gitlabTime has no zone; it is UTC.
func gitlabTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }

func gitlabOf(f *Finding, title, commit string) gitlabVuln {
	v := gitlabVuln{
		ID:          cmp.Or(f.Fingerprint, Fingerprint(nil, f.Rule, f.Path, nil, f.OID, f.where())),
		Category:    "secret_detection",
		Name:        cut(title, 255),
		Description: cut(f.where()+": "+f.text(), 10_000),
		Severity:    gitlabSeverity(f.Severity),
		Solution:    cut(show(f.Hint), 7000),
		Extract:     show(f.Redacted),
		Identifiers: []gitlabIdentifier{{"git_envelope_rule", "git-envelope rule " + ruleID(f.Rule), ruleID(f.Rule)}},
	}
	// Without a commit GitLab wants one all the same, and takes zeros for "none".
	v.Location.Commit.SHA = cmp.Or(show(commit), "0000000")
	if len(f.Commits) > 0 {
		c := f.Commits[0]
		v.Location.Commit = gitlabCommit{SHA: cmp.Or(show(c.OID), "0000000"), Author: show(c.Author), Date: sarifTime(c.Time), Message: show(c.Title)}
	}
	v.Location.File = show(f.Path)
	if !f.inFile() {
		v.Location.File = f.name()
	}
	v.Location.StartLine, v.Location.EndLine = f.Line, max(f.Line, f.EndLine)
	return v
}

func gitlabSeverity(s string) string {
	switch s {
	case "critical", "high", "medium", "low":
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return "Unknown"
}

// cut bounds a text to n characters.
func cut(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return s
}
