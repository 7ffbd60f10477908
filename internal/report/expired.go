package report

import (
	"strings"
	"time"
)

// ExpiredAllowance is the rule of allowances whose date has passed.
var ExpiredAllowance = Rule{ID: "expired-allowance", Title: "an allowance whose date has passed", Severity: "low"}

// Expired are findings of the entries that allow nothing any more because of
// their date, whether or not there is something that they would allow: they were
// made to be looked at again. The path is that of the file, the key that of
// fingerprints.
func (a *Allow) Expired(path string, key []byte, now time.Time) (all []Finding) {
	if a == nil {
		return nil
	}
	for i := range a.entries {
		e := &a.entries[i]
		if !e.expired(now) {
			continue
		}
		all = append(all, Finding{
			Fingerprint: Fingerprint(key, ExpiredAllowance.ID, path, nil, strings.TrimSpace(e.what)),
			Rule:        ExpiredAllowance.ID, Verdict: 2, Severity: ExpiredAllowance.Severity, Place: "file", Path: path, Line: e.line,
			Message: "has an allowance that ended on " + e.lastDay(),
			Hint:    "take the line out; if what it allowed is still no leak, set another date",
		})
	}
	return all
}

func (e *entry) expired(now time.Time) bool { return !e.until.IsZero() && !now.Before(e.until) }

// lastDay is the last one on which it allows something.
func (e *entry) lastDay() string { return e.until.AddDate(0, 0, -1).Format(time.DateOnly) }
