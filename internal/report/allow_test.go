package report

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestParseAllowErrors(t *testing.T) {
	f := fp(1)
	for _, tt := range []struct{ name, line, want string }{
		{"no reason", f, "no reason"},
		{"reason without letters", f + " 12 3", "no reason"},
		{"bad date", f + " until=2026-13-01 because", "YYYY-MM-DD"},
		{"unknown word", "paht:x/** because", "unknown word"},
		{"unknown option", f + " untill=2026-01-01 because", "unknown word"},
		{"nothing to allow", "because it is so", "begins with neither"},
		{"not a fingerprint", "ge1-short because", "is none"},
		{"everything", "path:** because", "about everything"},
		{"everything, in other words", "path:{**,x} because", "about everything"},
		{"every name", "path:**/* because", "about everything"},
		{"bad glob", "path:a[ because", "no glob"},
		{"absolute", "path:/etc/x because", "begins with a slash"},
		{"braces", "path:{a,b}{a,b}{a,b}{a,b}{a,b} because", "braces"},
		{"two rules", "rule:a rule:b because", "two rules"},
		{"rule as a glob", "rule:* because", "rule id"},
		{"fingerprint and path", f + " path:a because", "stands alone"},
	} {
		_, err := ParseAllow("allow", []byte("# one\n\n"+tt.line+"\n"))
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "allow:3: ") {
			t.Errorf("%s: error %v, want allow:3: … %s", tt.name, err, tt.want)
		}
	}
}

func TestAllowMatch(t *testing.T) {
	secret := Finding{Fingerprint: fp(1), Rule: "sample-token", Verdict: 3, Place: "file", Path: "test/data/a.env", Line: 1}
	message := Finding{Fingerprint: fp(1), Rule: "sample-token", Verdict: 3, Place: "commit-message", Path: "test"}
	plain := Finding{Fingerprint: fp(1), Rule: "unsealed", Verdict: 2, Place: "file", Path: "test/data/a.env"}
	damaged := Finding{Fingerprint: fp(1), Rule: "damaged", Verdict: 1, Integrity: true, Path: "test/data/a.env"}
	exact := Finding{Fingerprint: fp(1), Rule: "sealed-value", Verdict: 4, Path: "test/data/a.env"}
	for _, tt := range []struct {
		name, line string
		f          Finding
		ok         bool
	}{
		{"fingerprint", fp(1) + " because https://example.com/1", secret, true},
		{"another", fp(2) + " because", secret, false},
		{"rule", "rule:sample-token because", secret, true},
		{"another rule", "rule:sample because", secret, false},
		{"path", "path:test/** because", secret, true},
		{"another path", "path:test/* because", secret, false},
		{"rule and path", "rule:sample-token path:test/** because", secret, true},
		{"rule but not path", "rule:sample-token path:src/** because", secret, false},
		{"any path with a rule", "rule:sample-token path:** because", secret, true},
		{"path of no file", "path:test because", message, false},
		{"last day", fp(1) + " until=2026-11-24 because", secret, true},
		{"day after", fp(1) + " until=2026-11-23 because", secret, false},
		{"protection by path", "path:test/** because", plain, false},
		{"protection by rule", "rule:unsealed path:test/** because", plain, true},
		{"integrity by rule", "rule:damaged because", damaged, false},
		{"integrity by fingerprint", fp(1) + " because", damaged, true},
		{"exact leak by rule", "rule:sealed-value because", exact, false},
		{"exact leak by fingerprint", fp(1) + " because", exact, true},
	} {
		a, err := ParseAllow("allow", []byte(tt.line))
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		got, expired, ok := a.Match(&tt.f, noon)
		if ok != tt.ok || ok && got.By != "allow:1" || (tt.name == "day after") != (expired == "allow:1, until 2026-11-23") {
			t.Errorf("%s: %v %q %v", tt.name, got.By, expired, ok)
		}
		if used := len(a.Stale()) == 0; used != (ok || expired != "") {
			t.Errorf("%s: used is %v", tt.name, used)
		}
	}
}

func TestGitleaksIgnore(t *testing.T) {
	oid := strings.Repeat("a", 40)
	f := Finding{Rule: "sample-token", Verdict: 3, Place: "file", Path: "c:d/x.env", Line: 3, Commits: []Commit{{OID: oid}}}
	for _, tt := range []struct {
		line string
		ok   bool
		warn bool
	}{
		{"c:d/x.env:theirs:3", true, false},
		{"c:d/x.env:sample-token:3", true, false},
		{"c:d/x.env:other-of-ours:3", false, false},
		{oid + ":c:d/x.env:theirs:3", true, false},
		{strings.Repeat("b", 40) + ":c:d/x.env:theirs:3", false, false},
		{"c:d/x.env:theirs:4", false, false},
		{"x.env", false, true},
		{"x.env:rule:three", false, true},
	} {
		known := func(id string) bool { return id == "sample-token" || id == "other-of-ours" }
		a, warn, err := ParseGitleaksIgnore("ignore", []byte("# c\n"+tt.line), known)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, ok := a.Match(&f, noon); ok != tt.ok || (len(warn) > 0) != tt.warn {
			t.Errorf("%s: %v, warnings %q", tt.line, ok, warn)
		}
	}
}

func TestApply(t *testing.T) {
	r := sample()
	allow, err := ParseAllow("allow", []byte("rule:sample-token until=2026-01-01 was a test\nrule:gone-rule nothing\n"+fp(2)+" known\n"))
	if err != nil {
		t.Fatal(err)
	}
	old := &Baseline{Findings: []Known{{Fingerprint: fp(3), FirstSeen: "2025-01-01"}, {Fingerprint: fp(4)}, {Fingerprint: fp(9)}}}
	old.sort()
	Apply(r, allow, old, noon)
	if len(r.Findings) != 2 || len(r.Allowed) != 3 || !r.Integrity() || r.Proved() {
		t.Fatalf("%d findings, %d allowed", len(r.Findings), len(r.Allowed))
	}
	if h := r.Findings[0].Hint; !strings.Contains(h, "expired: allow:1, until 2026-01-01") {
		t.Errorf("hint %q", h)
	}
	if len(r.Stale) != 2 || !strings.HasPrefix(r.Stale[0], "allow:2: ") {
		t.Errorf("stale %q", r.Stale)
	}
	b := NewBaseline(r, old, noon)
	if b.Has(fp(4)) || !b.Has(fp(3)) || !b.Has(fp(1)) || b.Has(fp(2)) || b.Has(fp(5)) {
		t.Errorf("baseline %v", b.Findings)
	}
	for _, k := range b.Findings {
		if k.Fingerprint == fp(3) && k.FirstSeen != "2025-01-01" {
			t.Errorf("first seen %s", k.FirstSeen)
		}
	}
}

func TestBaselineRoundTrip(t *testing.T) {
	b := NewBaseline(nasty(), nil, noon)
	b.Findings = append(b.Findings, NewBaseline(sample(), nil, noon).Findings...)
	var one, two bytes.Buffer
	if err := WriteBaseline(&one, b); err != nil {
		t.Fatal(err)
	}
	again, err := ReadBaseline(bytes.NewReader(one.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteBaseline(&two, again); err != nil || one.String() != two.String() {
		t.Errorf("%v\n%s\n%s", err, one.String(), two.String())
	}
	if n := strings.Count(one.String(), "\n"); n != 6+len(again.Findings) {
		t.Errorf("%d lines of %d findings", n, len(again.Findings))
	}
	for _, bad := range []string{"", "{}", `{"version":2}`, `{"version":1,"x":1}`, one.String() + "x", `{"version":1,"findings":[{"fingerprint":"x"}]}`} {
		if _, err := ReadBaseline(strings.NewReader(bad)); err == nil {
			t.Errorf("read %q", bad)
		}
	}
}

func TestMerge(t *testing.T) {
	of := func(shards ...string) (all []*Report) {
		for _, s := range shards {
			r := sample()
			r.Shard, r.Undetermined = s, nil
			all = append(all, r)
		}
		return all
	}
	for _, tt := range []struct {
		reports []*Report
		want    string
	}{
		{of("1/2", "2/2"), ""},
		{of("1/3", "3/3"), "1 of 3 shards are missing: 2"},
		{of("1/2", "1/2", "2/2"), "more than once"},
		{of("1/2", "2/3"), "different divisions"},
		{of("1/2", "2/2", ""), "different divisions"},
		{of("0/2"), "is none"},
		{of("1/99999999"), "is none"},
		{of(""), ""},
	} {
		m, err := Merge(tt.reports)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(m.Undetermined, "\n")
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("undetermined %q, want %q", got, tt.want)
		}
		if len(m.Findings) != 4 || m.Coverage.Objects != 1234*len(tt.reports) || m.Coverage.Commits != 12*len(tt.reports) || m.Coverage.Files != 40 || len(m.Stale) != 1 {
			t.Errorf("%d findings, %+v", len(m.Findings), m.Coverage)
		}
	}
	other := of("1/2", "2/2")
	other[1].Scope = "staged"
	if m, err := Merge(other); err != nil || m.Proved() {
		t.Errorf("two scopes: %v", err)
	}
	if _, err := Merge(nil); err == nil {
		t.Error("merged nothing")
	}
}

func FuzzParseAllow(f *testing.F) {
	f.Add([]byte(fp(1) + " until=2026-01-01 because\n# c\nrule:a-b path:{a,b}/** fine"))
	f.Add([]byte("path:[ x\npath:** abc\n\xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if a, err := ParseAllow("allow", text); err == nil {
			a.Match(&Finding{Fingerprint: fp(1), Rule: "a-b", Verdict: 3, Path: "a/b\xff"}, time.Now())
			a.Stale()
		}
	})
}

func FuzzParseGitleaksIgnore(f *testing.F) {
	f.Add([]byte("a:b:c:1\n:::\n:1\n" + strings.Repeat("a", 40) + ":f:r:1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if a, _, err := ParseGitleaksIgnore("ignore", text, nil); err == nil {
			a.Match(&Finding{Verdict: 3, Path: "f", Line: 1}, noon)
		}
	})
}

func FuzzReadBaseline(f *testing.F) {
	var b bytes.Buffer
	if err := WriteBaseline(&b, NewBaseline(sample(), nil, noon)); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		if b, err := ReadBaseline(bytes.NewReader(text)); err == nil {
			var out bytes.Buffer
			if err := WriteBaseline(&out, b); err != nil {
				t.Fatal(err)
			}
			if _, err := ReadBaseline(&out); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add(render(f, "json", sample(), Options{}))
	f.Add(render(f, "json", nasty(), Options{}))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		for _, format := range Formats {
			render(t, format, r, Options{Verbose: true})
		}
		if _, err := Read(bytes.NewReader(render(t, "json", r, Options{}))); err != nil {
			t.Fatal(err)
		}
		if _, err := Merge([]*Report{r, r}); err != nil {
			t.Fatal(err)
		}
	})
}
