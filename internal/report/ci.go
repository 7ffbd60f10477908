package report

import (
	"cmp"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// JUnit, as CI servers read it. encoding/xml escapes; show has replaced what XML
// can't hold.
type (
	junitSuites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Suite    junitSuite
	}
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
		Out      string      `xml:"system-out"`
	}
	junitCase struct {
		Name    string       `xml:"name,attr"`
		Class   string       `xml:"classname,attr"`
		File    string       `xml:"file,attr,omitempty"`
		Line    int          `xml:"line,attr,omitempty"`
		Failure *junitReason `xml:"failure"`
		Error   *junitReason `xml:"error"`
		Skipped *junitReason `xml:"skipped"`
	}
	junitReason struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit makes a failure of each finding and an error of each reason why the
// scan is no proof. The test that is always there fails with neither.
func writeJUnit(w io.Writer, r *Report, o Options) error {
	suite := junitSuite{Name: "git-envelope " + show(r.Scope), Out: strings.Join(r.closing(o), "\n")}
	for _, a := range r.shown(o) {
		c := junitCase{Name: a.where() + " [" + ruleID(a.Rule) + "]", Class: ruleID(a.Rule), Line: a.Line}
		if a.inFile() {
			c.File = show(a.Path)
		}
		if a.By != "" {
			c.Skipped = &junitReason{Message: "allowed by " + show(a.By) + ": " + show(a.Reason)}
			suite.Skipped++
		} else {
			c.Failure = &junitReason{Message: a.text(), Type: show(a.Severity), Text: a.details()}
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, c)
	}
	for _, s := range r.Undetermined {
		suite.Cases = append(suite.Cases, junitCase{Name: "undetermined: " + show(s), Class: "scan", Error: &junitReason{Message: show(s), Type: "undetermined"}})
		suite.Errors++
	}
	if len(suite.Cases) == 0 {
		suite.Cases = []junitCase{{Name: "scanned " + show(r.Scope), Class: "scan"}}
	}
	suite.Tests = len(suite.Cases)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Tests: suite.Tests, Failures: suite.Failures, Errors: suite.Errors, Suite: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// details are the lines below a finding's first.
func (f *Finding) details() string {
	var lines []string
	for i := range f.Commits[:min(len(f.Commits), maxShownCommits)] {
		lines = append(lines, "commit: "+f.Commits[i].brief())
	}
	if f.Hint != "" {
		lines = append(lines, "hint: "+show(f.Hint))
	}
	if f.Fingerprint != "" {
		lines = append(lines, "fingerprint: "+show(f.Fingerprint))
	}
	return strings.Join(lines, "\n")
}

var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// writeGitHub writes workflow commands, of which a runner makes annotations (ten
// of a kind in each step; the log has all). Every line is one, so that no text
// from the repository can begin a command of its own.
func writeGitHub(w io.Writer, r *Report, o Options) error {
	for _, a := range r.shown(o) {
		kind := map[string]string{"error": "error", "warning": "warning", "note": "notice"}[level(a.Severity)]
		message := a.text()
		if a.By != "" {
			kind, message = "notice", message+"\nallowed by "+show(a.By)+": "+show(a.Reason)
		}
		if d := a.details(); d != "" {
			message += "\n" + d
		}
		if !a.inFile() {
			message = a.name() + ": " + message
		}
		command(w, kind, a.githubPlace()+"title="+githubProperty.Replace(ruleID(a.Rule)), message)
	}
	for _, s := range r.Undetermined {
		command(w, "error", "title=undetermined", show(s))
	}
	return command(w, "notice", "title=git-envelope", strings.Join(r.closing(o), "\n"))
}

func command(w io.Writer, kind, properties, message string) error {
	_, err := fmt.Fprintf(w, "::%s %s::%s\n", kind, properties, githubData.Replace(message))
	return err
}

// githubPlace is a finding's file, line and columns; GitHub takes columns only
// where they are on one line.
func (f *Finding) githubPlace() string {
	if !f.inFile() || f.Path == "" {
		return ""
	}
	s := "file=" + githubProperty.Replace(show(f.Path)) + ","
	if f.Line > 0 {
		s += fmt.Sprintf("line=%d,", f.Line)
		if f.EndLine > f.Line {
			return s + fmt.Sprintf("endLine=%d,", f.EndLine)
		}
		if f.Column > 0 {
			s += fmt.Sprintf("col=%d,", f.Column)
		}
		if f.EndLine == f.Line && f.EndColumn >= f.Column && f.EndColumn > 0 {
			s += fmt.Sprintf("endColumn=%d,", f.EndColumn)
		}
	}
	return s
}

var csvHeader = []string{"severity", "verdict", "rule", "place", "path", "line", "column", "message", "secret", "validity",
	"commit", "author", "date", "title", "commits", "fingerprint", "allowed_by", "reason", "hint"}

// writeCSV writes RFC 4180 with a header line. The commit is the oldest.
//
// A cell that a spreadsheet would take for a formula (it begins with =, +, -, @,
// or their full-width forms) gets an apostrophe before it. That changes the cell
// for a program: programs read JSON.
func writeCSV(w io.Writer, r *Report, o Options) error {
	cw := csv.NewWriter(w)
	cw.UseCRLF = true
	if err := cw.Write(csvHeader); err != nil {
		return err
	}
	for _, a := range r.shown(o) {
		var c Commit
		var date string
		if len(a.Commits) > 0 {
			c = a.Commits[0]
			date = sarifTime(c.Time)
		}
		row := []string{a.Severity, strconv.Itoa(a.Verdict), a.Rule, cmp.Or(a.Place, "file"), a.Path, number(a.Line), number(a.Column),
			a.Message, a.Redacted, a.Validity, c.OID, c.Author, date, c.Title, number(max(a.All, len(a.Commits))), a.Fingerprint, a.By, a.Reason, a.Hint}
		for i := range row {
			row[i] = cell(row[i])
		}
		if err := cw.Write(row); err != nil {
			return err
		}
	}
	cw.Flush()
	return cw.Error()
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func cell(s string) string {
	s = show(s)
	for _, lead := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(strings.TrimLeft(s, " "), lead) {
			return "'" + s
		}
	}
	return s
}
