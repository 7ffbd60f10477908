// Package report is what a scan found and what it covered, in the formats that
// people and machines read, and the memory of what was found before: baselines
// and allowances. It prints no secret: it is never given one, but for the moment
// in which Fingerprint makes an identity of it, and Redact the little that is shown.
// It reads and writes no file, runs no git and asks for no time of its own.
package report

import (
	"slices"
	"time"
)

// Finding is one thing that is wrong, whatever verdict it belongs to (DESIGN §6).
type Finding struct {
	// Fingerprint is its identity: it stays the same when lines move, commits are
	// squashed or the scan is another (see Fingerprint).
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	Verdict     int    `json:"verdict"`  // 1 to 4
	Severity    string `json:"severity"` // low, medium, high, critical
	// Place is what kind of thing the secret is in: file, symlink, note, path-name,
	// ref-name, submodule-url (in a file), repository; of a commit or a tag -message,
	// -author, -committer, -tagger or -header behind commit or tag.
	Place string `json:"place"`
	Path  string `json:"path"` // raw bytes; of a message the ref or short commit id
	// PathBase64 is Path where that is no UTF-8, which JSON can't hold. Write and
	// Read set and use it; everyone else leaves it alone.
	PathBase64 []byte `json:"path_base64,omitempty"`
	OID        string `json:"oid,omitempty"`
	Line       int    `json:"line,omitempty"` // from 1; 0: the whole
	Column     int    `json:"column,omitempty"`
	EndLine    int    `json:"end_line,omitempty"`
	EndColumn  int    `json:"end_column,omitempty"` // the last byte
	// Also are the other lines of the same content where the same secret is.
	Also    []int  `json:"also_lines,omitempty"`
	Message string `json:"message"` // lower case, without the path
	Hint    string `json:"hint,omitempty"`
	// Redacted tells people which secret it is without telling it (see Redact).
	Redacted string   `json:"redacted,omitempty"`
	Validity string   `json:"validity,omitempty"` // unverified, plausible, verified
	Note     string   `json:"note,omitempty"`
	Via      []string `json:"via,omitempty"` // how it was reached: "zip:a/b", "base64"
	// Commits that brought it, oldest first; of a tag or the name of a reference the
	// one that it leads to. All is their number if not all are here.
	Commits []Commit `json:"commits,omitempty"`
	All     int      `json:"commits_total,omitempty"`
	// Of verdicts 1 and 2.
	Ring      string `json:"ring,omitempty"`
	Base      string `json:"base,omitempty"`
	Key       string `json:"key,omitempty"`
	Integrity bool   `json:"integrity,omitempty"`
	// Of verdict 4: where the value is sealed: "env/prod.yaml: db.password".
	Sealed string `json:"sealed,omitempty"`
}

// Commit is one that brought a finding.
type Commit struct {
	OID    string    `json:"oid"`
	Author string    `json:"author,omitempty"` // name <address>
	Time   time.Time `json:"time"`
	Title  string    `json:"title,omitempty"`
}

// Rule describes a rule for the formats that list them.
type Rule struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
	Source   string `json:"source,omitempty"`
}

// Report is one scan, or several that were merged.
type Report struct {
	Version  int       `json:"version"` // of this structure: 1
	Tool     string    `json:"tool"`    // "git-envelope 1.2.3"
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended,omitzero"`
	Commit   string    `json:"commit,omitempty"` // the newest that was scanned, if that is one
	Scope    string    `json:"scope"`            // "staged", "tree HEAD", "range a..b", "history", …
	Shard    string    `json:"shard,omitempty"`  // "2/5"
	Findings []Finding `json:"findings"`
	// Allowed are findings that an allowance or the baseline covers: counted, shown
	// on request, no reason to fail.
	Allowed []Allowed `json:"allowed,omitempty"`
	// Stale are allowances that allow nothing in what was scanned.
	Stale    []string `json:"stale,omitempty"`
	Coverage Coverage `json:"coverage"`
	// Undetermined says what kept the scan from being a proof; exit code 3.
	Undetermined []string `json:"undetermined,omitempty"`
	Rules        []Rule   `json:"rules,omitempty"` // of the findings
}

// Allowed is a finding with the reason why it does not count.
type Allowed struct {
	Finding
	By     string `json:"by"` // "inline", "gitleaks:allow", ".envelope/allow:3", "baseline"
	Reason string `json:"reason,omitempty"`
}

// Integrity tells whether a finding that counts is an integrity failure.
func (r *Report) Integrity() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Integrity })
}

// Proved tells whether everything in scope could be looked at: with no findings
// it is what separates "clean" from "nothing found".
func (r *Report) Proved() bool { return len(r.Undetermined) == 0 }

// Coverage is what was looked at.
type Coverage struct {
	Commits int   `json:"commits,omitempty"`
	Files   int   `json:"files"`            // paths judged (verdicts 1 and 2)
	Objects int   `json:"objects"`          // contents scanned: blobs, messages, names
	Bytes   int64 `json:"bytes"`            // of them
	Cached  int   `json:"cached"`           // contents known to be clean from an earlier scan
	Sealed  int   `json:"sealed"`           // sealed blobs: verified, not scanned
	Values  int   `json:"values,omitempty"` // sealed values that were looked for
	// Skipped counts what could not be looked into, by reason.
	Skipped map[string]int `json:"skipped,omitempty"`
}
