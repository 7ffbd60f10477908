package report

import (
	"fmt"
	"time"
)

// Apply moves the findings that an allowance or the baseline covers to Allowed,
// and fills Stale, which means something only after a scan of everything: the
// caller clears it after others. Either may be nil. A finding whose allowance
// expired stays, with that in its hint.
func Apply(r *Report, allow *Allow, baseline *Baseline, now time.Time) {
	r.Tidy()
	kept := make([]Finding, 0, len(r.Findings))
	for _, f := range r.Findings {
		allowed, expired, ok := allow.Match(&f, now)
		switch {
		case ok:
			r.Allowed = append(r.Allowed, allowed)
			continue
		case baseline.Has(f.Fingerprint) && !f.Integrity:
			r.Allowed = append(r.Allowed, Allowed{Finding: f, By: "baseline"})
			continue
		case expired != "":
			f.Hint = also(f.Hint, "an allowance for this expired: "+expired)
		}
		kept = append(kept, f)
	}
	r.Findings = kept
	r.Stale = append(allow.Stale(), r.staleBaseline(baseline)...)
	r.Tidy()
}

// Foresee adds to the hint of each finding that the change itself allows, by
// allowances or the baseline that it brings, that this counts from the next
// commit on. Either may be nil.
func Foresee(r *Report, allow *Allow, baseline *Baseline, now time.Time) {
	for i := range r.Findings {
		f := &r.Findings[i]
		allowed, _, ok := allow.Match(f, now)
		if !ok && baseline.Has(f.Fingerprint) && !f.Integrity {
			allowed.By, ok = "its baseline", true
		}
		if ok {
			f.Hint = also(f.Hint, "allowed by this change itself ("+allowed.By+"): that counts from the next commit on")
		}
	}
}

func also(hint, more string) string {
	if hint == "" {
		return more
	}
	return hint + "; " + more
}

// staleBaseline says how much of the baseline is gone from the repository.
func (r *Report) staleBaseline(b *Baseline) []string {
	if b == nil {
		return nil
	}
	found := map[string]bool{}
	for _, f := range r.Findings {
		found[f.Fingerprint] = true
	}
	for _, a := range r.Allowed {
		found[a.Fingerprint] = true
	}
	gone := 0
	for _, k := range b.Findings {
		if !found[k.Fingerprint] {
			gone++
		}
	}
	if gone == 0 {
		return nil
	}
	return []string{fmt.Sprintf("baseline: %d of %s not found any more", gone, plural(len(b.Findings), "finding"))}
}
