package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Options are what a reader may wish of any format.
type Options struct {
	// Verbose shows what is allowed as well. JSON always has it.
	Verbose bool
}

// writers are the formats. Each gets a report that is tidy and its own.
var writers = map[string]func(io.Writer, *Report, Options) error{
	"text":   writeText,
	"json":   writeJSON,
	"jsonl":  writeLines,
	"sarif":  writeSARIF,
	"junit":  writeJUnit,
	"github": writeGitHub,
	"gitlab": writeGitLab,
	"csv":    writeCSV,
}

// Formats are the names that Write knows, in order.
var Formats = slices.Sorted(maps.Keys(writers))

// Write writes a report in one of Formats. The report is not changed.
//
// Paths and texts come from the repository and are hostile. Only JSON and JSON lines have them as
// they are (see Finding.PathBase64; other bytes that are no UTF-8 become U+FFFD),
// with JSON's own escapes; every other format has control characters,
// invalid bytes and characters that reorder text as \x, \u and \U escapes.
func Write(w io.Writer, format string, r *Report, o Options) error {
	write, ok := writers[format]
	if !ok {
		return fmt.Errorf("unknown report format %q: have %s", format, strings.Join(Formats, ", "))
	}
	buffered := bufio.NewWriter(w)
	if err := write(buffered, r.copy(), o); err != nil {
		return fmt.Errorf("write %s report: %w", format, err)
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("write %s report: %w", format, err)
	}
	return nil
}

// copy is a tidy report that shares nothing Write or Merge would change.
func (r *Report) copy() *Report {
	c := *r
	c.Findings = slices.Clone(r.Findings)
	c.Allowed = slices.Clone(r.Allowed)
	c.Rules = slices.Clone(r.Rules)
	c.Tidy()
	return &c
}

// shown are the findings that a format lists: what counts, then what is allowed.
func (r *Report) shown(o Options) []Allowed {
	all := make([]Allowed, 0, len(r.Findings))
	for _, f := range r.Findings {
		all = append(all, Allowed{Finding: f})
	}
	if o.Verbose {
		all = append(all, r.Allowed...)
	}
	return all
}

// writeJSON writes the report itself.
func writeJSON(w io.Writer, r *Report, _ Options) error {
	r.encodePaths()
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return writeEscaped(w, text)
}

// writeEscaped writes JSON with a line end. encoding/json leaves characters as
// they are that a terminal obeys (U+009B begins a control sequence) or that hide
// others; they can only be in strings, where \u says the same.
func writeEscaped(w io.Writer, text []byte) error {
	out := make([]byte, 0, len(text)+1)
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r > '~' && (unsafe(r) || r == utf8.RuneError) {
			for _, unit := range utf16.AppendRune(nil, r) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		} else {
			out = append(out, text[:n]...)
		}
		text = text[n:]
	}
	_, err := w.Write(append(out, '\n'))
	return err
}

// encodePaths fills PathBase64 where JSON would lose bytes.
func (r *Report) encodePaths() {
	set := func(f *Finding) {
		f.PathBase64 = nil
		if !utf8.ValidString(f.Path) {
			f.PathBase64 = []byte(f.Path)
		}
	}
	for i := range r.Findings {
		set(&r.Findings[i])
	}
	for i := range r.Allowed {
		set(&r.Allowed[i].Finding)
	}
}

// A line is one of the JSON lines; type says which of the others is there.
type line struct {
	Type string `json:"type"` // finding, allowed, report
	*Finding
	By     string  `json:"by,omitempty"`
	Reason string  `json:"reason,omitempty"`
	Report *Report `json:"report,omitempty"`
}

// writeLines writes a line for each finding, then one with the report, without
// its findings: a reader that saw none knows that the list is cut off.
func writeLines(w io.Writer, r *Report, _ Options) error {
	r.encodePaths()
	put := func(l line) error {
		text, err := json.Marshal(l)
		if err != nil {
			return err
		}
		return writeEscaped(w, text)
	}
	for i := range r.Findings {
		if err := put(line{Type: "finding", Finding: &r.Findings[i]}); err != nil {
			return err
		}
	}
	for i := range r.Allowed {
		a := &r.Allowed[i]
		if err := put(line{Type: "allowed", Finding: &a.Finding, By: a.By, Reason: a.Reason}); err != nil {
			return err
		}
	}
	r.Findings, r.Allowed = []Finding{}, nil
	return put(line{Type: "report", Report: r})
}
