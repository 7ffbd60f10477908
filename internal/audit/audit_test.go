package audit_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/audit"
)

// rules are the findings as "severity rule ring".
func rules(r *audit.Report) (out []string) {
	for _, f := range r.Findings {
		out = append(out, strings.TrimSpace(f.Severity+" "+f.Rule+" "+f.Ring))
	}
	return out
}

func TestSample(t *testing.T) {
	r := audit.Build(sample())
	want := []string{
		"high removed-still-wrapped dev", "high removed-knows-current dev", "high removed-can-read prod", "high plaintext",
		"medium replace-secrets dev", "medium replace-secrets prod", "medium overdue prod", "medium missing-keys dev", "medium required-kind ops",
		"advice older-key prod", "advice one-recipient ops",
	}
	if got := rules(r); !slices.Equal(got, want) {
		t.Errorf("findings:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(r.Removed) != 2 || !r.Complete || !r.Failed() {
		t.Fatalf("%d removed, complete %v, failed %v", len(r.Removed), r.Complete, r.Failed())
	}
	trent, mallory := r.Removed[0], r.Removed[1]
	if mallory.ID != who("mallory") || trent.ID != who("trent") {
		t.Fatalf("removed are %s and %s", mallory.Name, trent.Name)
	}
	if mallory.Commit == nil || mallory.Commit.ID != id("commit mallory", 40) || mallory.Current || mallory.CouldRead != 5 || mallory.Gone != 1 {
		t.Errorf("mallory: %+v", mallory)
	}
	var states []string
	for _, f := range mallory.Files {
		states = append(states, f.State+" "+f.Path)
	}
	if want := []string{"open env/prod/service-5.env", "open env/prod/service-6.env", "same env/prod/service-1.env", "changed env/prod/service-2.env"}; !slices.Equal(states, want) {
		t.Errorf("mallory could read %q, want %q", states, want)
	}
	if !trent.Current || !slices.Equal(trent.StillOpens, []string{key("dev 1")}) {
		t.Errorf("trent: %+v", trent)
	}
	standing := map[string]string{}
	for _, rec := range r.Recipients {
		for _, a := range rec.Rings {
			standing[rec.ID+" "+a.Ring] = a.Standing
		}
	}
	for who, want := range map[string]string{who("alice") + " dev": audit.Full, who("carol") + " dev": audit.Shut, who("trent") + " dev": audit.Former} {
		if standing[who] != want {
			t.Errorf("%s is %q, want %q", who, standing[who], want)
		}
	}
}

// TestHistory: who came and went, commit by commit.
func TestHistory(t *testing.T) {
	at := func(name string, parents int, steps ...audit.Step) (out []audit.Step) {
		c := commit(name, name, 1)
		for _, s := range steps {
			s.Commit, s.Parents = c, parents
			out = append(out, s)
		}
		return out
	}
	in := func(ids ...string) audit.Members { return audit.Members{"r": ids} }
	policy := func(before, after audit.Members) audit.Step {
		return audit.Step{Policy: true, Before: before, After: after}
	}
	keys := func(added, removed []audit.Wrapping) audit.Step { return audit.Step{Added: added, Removed: removed} }
	w := []audit.Wrapping{{Ring: "r", KeyID: key("1"), Recipient: "b"}}
	start := at("start", 0, policy(audit.Members{}, in("a", "b")))
	tests := []struct {
		name  string
		steps [][]audit.Step
		want  string // removed as "id how commit", then events
	}{
		{"nobody", [][]audit.Step{start[:0]}, ""},
		{"removed", [][]audit.Step{start, at("out", 1, policy(in("a", "b"), in("a")))}, "b policy out; added a, added b, removed b"},
		{"removed and added again", [][]audit.Step{start, at("out", 1, policy(in("a", "b"), in("b"))), at("in", 1, policy(in("b"), in("a", "b"))), at("b", 1, policy(in("a", "b"), in("a")))},
			"b policy b; added a, added b, removed a, added a, removed b"},
		{"a merge takes the removal of a branch", [][]audit.Step{start, at("out", 1, policy(in("a", "b"), in("a"))), at("merge", 2, policy(in("a", "b"), in("a")))},
			"b policy out; added a, added b, removed b"},
		{"a merge drops the additions of a branch", [][]audit.Step{at("start", 0, policy(audit.Members{}, in("a"))), at("in", 1, policy(in("a"), in("a", "b"))), at("merge", 2, policy(in("a", "b"), in("a")))},
			"b policy merge; added a, added b"},
		{"a merge removes by itself", [][]audit.Step{start, at("merge", 2, policy(in("a", "b"), in("a")), policy(in("a", "b", "c"), in("a")))},
			"b policy merge; c policy merge; added a, added b, removed b"},
		{"behind a policy that can't be read", [][]audit.Step{start, at("broken", 1, policy(in("a", "b"), nil)), at("mended", 1, policy(nil, in("a")))},
			"b policy mended; added a, added b, removed b"},
		{"policy deleted", [][]audit.Step{start, at("gone", 1, policy(in("a", "b"), audit.Members{})), at("back", 1, policy(audit.Members{}, in("a")))},
			"b policy gone; added a, added b, removed a, removed b, added a"},
		{"only keys, never in a policy", [][]audit.Step{at("start", 0, policy(audit.Members{}, in("a"))), at("k", 1, keys(w, nil)), at("out", 1, keys(nil, w))}, "b keys out; added a"},
		{"not committed", [][]audit.Step{start, {{Parents: 1, Policy: true, Before: in("a", "b"), After: in("a")}}}, "b policy uncommitted; added a, added b, removed b"},
		{"at the cut of a shallow clone", [][]audit.Step{{{Commit: commit("cut", "cut", 1), Cut: true, Policy: true, Before: audit.Members{}, After: in("a", "b")}}, at("out", 1, policy(in("a", "b"), in("a")))},
			"b policy out; removed b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := audit.Facts{Now: now, Rings: []audit.Ring{{Name: "r", Recipients: []string{"a"}}}}
			for _, s := range tt.steps {
				f.History.Steps = append(f.History.Steps, s...)
			}
			r := audit.Build(f)
			var parts, events []string
			for _, gone := range r.Removed {
				by := "nobody"
				if gone.Uncommitted {
					by = "uncommitted"
				} else if gone.Commit != nil {
					by = gone.Commit.Author
				}
				parts = append(parts, gone.ID+" "+gone.How+" "+by)
			}
			for _, e := range r.Events {
				events = append(events, e.Change+" "+e.Recipient)
			}
			if len(events) > 0 {
				parts = append(parts, strings.Join(events, ", "))
			}
			if got := strings.Join(parts, "; "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestExposed(t *testing.T) {
	sealed := func(path, gen string, size int64) audit.File {
		return audit.File{Path: path, Ring: "r", Stored: audit.Sealed, KeyID: gen, Size: size}
	}
	files := []audit.File{sealed("changed", "new", 10), sealed("never", "new", 10), sealed("same", "new", 10), sealed("open", "old", 10),
		{Path: "plain", Stored: audit.Plain}, {Path: "empty", Stored: audit.Empty}}
	past := []audit.File{sealed("changed", "old", 9), sealed("same", "old", 9), sealed("same", "old", 10), sealed("never", "other", 10), sealed("gone", "old", 10)}
	var got []string
	for _, e := range audit.Exposed(files, past, map[string]bool{"old": true}) {
		got = append(got, e.State+" "+e.Path)
	}
	if want := []string{"open open", "same same", "changed changed"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := audit.Exposed(files, past, nil); got == nil || len(got) > 0 {
		t.Errorf("who holds nothing could read %v", got)
	}
}

// TestKeysAlone: key files that are there without, or missing against, the policy.
func TestKeysAlone(t *testing.T) {
	f := audit.Facts{Now: now, Recipients: map[string]audit.Recipient{}, Rings: []audit.Ring{{Name: "r", Recipients: []string{"a", "b"}, RotateEvery: 24 * time.Hour}, {Name: "empty", Recipients: []string{"a", "b"}}},
		Generations: []audit.Generation{
			{Ring: "r", KeyID: "2", Created: daysAgo(3), Wrapped: []string{"a", "stranger"}},
			{Ring: "r", KeyID: "1", Created: daysAgo(9), Wrapped: []string{"a", "b"}},
			{Ring: "gone", KeyID: "9", Created: daysAgo(9), Wrapped: []string{"a"}},
		},
		Files: []audit.File{{Path: "x", Ring: "r", Stored: audit.Sealed, KeyID: "9"}, {Path: "y", Ring: "r", Stored: audit.Sealed, KeyID: "8"}, {Path: "z", Ring: "r", Stored: audit.Damaged}}}
	want := []string{"high unlisted r", "high no-key empty", "high damaged", "high unknown-key", "medium missing-keys r", "medium overdue r", "medium ring-gone gone", "medium wrong-ring"}
	if got := rules(audit.Build(f)); !slices.Equal(got, want) {
		t.Errorf("findings:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestJSON: lists are never null, for those who read them with jq.
func TestJSON(t *testing.T) {
	for name, f := range map[string]audit.Facts{"nothing": {}, "ring": {Rings: []audit.Ring{{Name: "r"}}}, "sample": sample()} {
		data, err := json.Marshal(audit.Build(f))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "null") {
			t.Errorf("%s: has null: %s", name, data)
		}
	}
}

// TestToCome: a key that claims to be of the last second there is hides nothing, and
// the report can be written.
func TestToCome(t *testing.T) {
	f := audit.Facts{Now: now, Recipients: map[string]audit.Recipient{}, Rings: []audit.Ring{{Name: "r", Recipients: []string{"a", "b"}, RotateEvery: 24 * time.Hour}},
		Generations: []audit.Generation{{Ring: "r", KeyID: "1", Created: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), Wrapped: []string{"a", "b"}}}}
	r := audit.Build(f)
	if got := rules(r); !slices.Equal(got, []string{"medium age-unknown r"}) {
		t.Errorf("findings: %q", got)
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
	if got := r.Rings[0]; got.Due != nil || got.Generations[0].AgeDays != 0 {
		t.Errorf("%+v", got)
	}
}

// TestManyEvents: a short history may let thousands in and out, again and again.
func TestManyEvents(t *testing.T) {
	var all []string
	for i := range 5000 {
		all = append(all, fmt.Sprint("recipient ", i))
	}
	f := audit.Facts{Now: now, Recipients: map[string]audit.Recipient{}, Rings: []audit.Ring{{Name: "r", Recipients: all}}}
	sides := []audit.Members{{"r": all[:1]}, {"r": all}}
	for i := range 30 {
		f.History.Steps = append(f.History.Steps, audit.Step{Commit: commit(fmt.Sprint(i), "x", 1), Parents: 1, Policy: true, Before: sides[i%2], After: sides[(i+1)%2]})
	}
	r := audit.Build(f)
	if len(r.Events) != 50_000 || r.Events[49_999].Commit.ID != commit("29", "x", 1).ID || r.Complete || len(r.Notes) != 1 {
		t.Errorf("%d events, complete: %v, notes %q", len(r.Events), r.Complete, r.Notes)
	}
}

// TestManyExposed: thousands who could read thousands of files are too many to list.
func TestManyExposed(t *testing.T) {
	f := audit.Facts{Now: now, Recipients: map[string]audit.Recipient{}, Rings: []audit.Ring{{Name: "r", Recipients: []string{"a"}}}}
	f.Generations = []audit.Generation{{Ring: "r", KeyID: "1", Created: daysAgo(1), Wrapped: []string{"a"}}}
	step := audit.Step{Commit: commit("1", "x", 1), Parents: 1}
	for i := range 1000 {
		step.Added = append(step.Added, audit.Wrapping{Ring: "r", KeyID: "1", Recipient: fmt.Sprint("gone ", i)})
		f.Files = append(f.Files, audit.File{Path: fmt.Sprint(i), Ring: "r", Stored: audit.Sealed, KeyID: "1"})
	}
	f.History.Steps = []audit.Step{step}
	listed := 0
	r := audit.Build(f)
	for _, who := range r.Removed {
		listed += len(who.Files)
	}
	if listed > 500_000 || listed < 400_000 || len(r.Removed) != 1000 || r.Complete {
		t.Errorf("%d files of %d recipients, complete: %v", listed, len(r.Removed), r.Complete)
	}
}

// TestHostileAmount: a history made to be costly costs what it is long.
func TestHostileAmount(t *testing.T) {
	f := audit.Facts{Now: now, Recipients: map[string]audit.Recipient{}}
	var all []string
	for i := range 2000 {
		all = append(all, fmt.Sprint("recipient ", i))
		ring := fmt.Sprint("ring ", i%500)
		f.Generations = append(f.Generations, audit.Generation{Ring: ring, KeyID: fmt.Sprint("key ", i), Created: daysAgo(i), Wrapped: all[max(0, i-50):]})
		f.Files = append(f.Files, audit.File{Path: strings.Repeat("d/", i) + "f", Ring: ring, Stored: audit.Sealed, KeyID: fmt.Sprint("key ", i)})
	}
	for i := range 2000 {
		f.History.Steps = append(f.History.Steps, audit.Step{Commit: commit(fmt.Sprint(i), "x", 1), Parents: 1, Policy: true,
			Before: audit.Members{"ring 1": all[:i%100]}, After: audit.Members{"ring 1": all[:(i+7)%100]}})
	}
	r := audit.Build(f)
	if err := r.HTML(new(strings.Builder), show); err != nil {
		t.Error(err)
	}
	if err := r.Text(new(strings.Builder), show); err != nil {
		t.Error(err)
	}
}
