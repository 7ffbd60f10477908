package report

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf8"
)

// maxRead bounds the files that are read: baselines and reports.
const maxRead = 64 << 20

// Baseline is what is known and does not count any more. It holds no secret, and
// no hash of one that could be tested without the key (see Fingerprint).
type Baseline struct {
	Version  int     `json:"version"` // 1
	Tool     string  `json:"tool"`
	Findings []Known `json:"findings"`

	index map[string]bool
}

// Known is a finding of a baseline. Only the fingerprint counts; rule and path
// are for people, the path with escapes.
type Known struct {
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	Path        string `json:"path"`
	FirstSeen   string `json:"first_seen"` // YYYY-MM-DD
}

// NewBaseline is the baseline of all that a report has, before or after Apply.
// What old has keeps its date; old may be nil. Integrity failures never get in.
func NewBaseline(r *Report, old *Baseline, now time.Time) *Baseline {
	dates := map[string]string{}
	if old != nil {
		for _, k := range old.Findings {
			dates[k.Fingerprint] = k.FirstSeen
		}
	}
	b := &Baseline{Version: 1, Tool: r.Tool, Findings: []Known{}}
	add := func(f *Finding) {
		if f.Fingerprint == "" || f.Integrity {
			return
		}
		first := cmp.Or(dates[f.Fingerprint], now.UTC().Format(time.DateOnly))
		b.Findings = append(b.Findings, Known{f.Fingerprint, f.Rule, show(f.Path), first})
	}
	for i := range r.Findings {
		add(&r.Findings[i])
	}
	for i := range r.Allowed {
		if r.Allowed[i].By == "baseline" {
			add(&r.Allowed[i].Finding)
		}
	}
	b.sort()
	return b
}

func (b *Baseline) sort() {
	slices.SortFunc(b.Findings, func(x, y Known) int {
		return cmp.Or(cmp.Compare(x.Fingerprint, y.Fingerprint), cmp.Compare(x.FirstSeen, y.FirstSeen))
	})
	b.Findings = slices.CompactFunc(b.Findings, func(x, y Known) bool { return x.Fingerprint == y.Fingerprint })
	b.index = make(map[string]bool, len(b.Findings))
	for _, k := range b.Findings {
		b.index[k.Fingerprint] = true
	}
}

// Has tells whether a finding is known. A nil baseline knows none.
func (b *Baseline) Has(fingerprint string) bool { return b != nil && b.index[fingerprint] }

// WriteBaseline writes the same bytes for the same findings, one a line and in
// order, so that Git can merge two baselines.
func WriteBaseline(w io.Writer, b *Baseline) error {
	c := Baseline{Tool: b.Tool, Findings: slices.Clone(b.Findings)}
	c.sort()
	name, err := json.Marshal(c.Tool)
	if err != nil {
		return fmt.Errorf("write baseline: %w", err)
	}
	bw := bufio.NewWriter(w)
	fmt.Fprintf(bw, "{\n\"version\": 1,\n\"tool\": %s,\n\"findings\": [", name)
	for i, k := range c.Findings {
		row, err := json.Marshal(k)
		if err != nil {
			return fmt.Errorf("write baseline: %w", err)
		}
		if i > 0 {
			bw.WriteByte(',')
		}
		fmt.Fprintf(bw, "\n%s", row)
	}
	fmt.Fprint(bw, "\n]\n}\n")
	if err := bw.Flush(); err != nil {
		return fmt.Errorf("write baseline: %w", err)
	}
	return nil
}

// ReadBaseline reads one, strictly: what it does not know is an error, since an
// entry that is overlooked or read wrong would hide a secret or show an old one.
func ReadBaseline(r io.Reader) (*Baseline, error) {
	var b Baseline
	if err := decode(r, &b); err != nil {
		return nil, fmt.Errorf("read baseline: %w", err)
	}
	if b.Version != 1 {
		return nil, fmt.Errorf("read baseline: version %d is not 1, the only one this program knows", b.Version)
	}
	for i, k := range b.Findings {
		if !fingerprintShape().MatchString(k.Fingerprint) {
			return nil, fmt.Errorf("read baseline: finding %d: fingerprint %q is none", i+1, k.Fingerprint)
		}
		if _, err := time.Parse(time.DateOnly, k.FirstSeen); err != nil {
			return nil, fmt.Errorf("read baseline: finding %d: first_seen %q is not of the form YYYY-MM-DD", i+1, k.FirstSeen)
		}
	}
	b.sort()
	return &b, nil
}

// decode reads one JSON value of known fields, in UTF-8, and nothing behind it.
func decode(r io.Reader, v any) error {
	text, err := io.ReadAll(io.LimitReader(r, maxRead+1))
	if err != nil {
		return err
	}
	if len(text) > maxRead {
		return fmt.Errorf("more than %d MiB", maxRead>>20)
	}
	if !utf8.Valid(text) {
		return fmt.Errorf("is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("something follows the end")
	}
	return nil
}
