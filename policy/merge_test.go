package policy

import (
	"fmt"
	"strings"
	"testing"
)

const mergeBase = `version: 1
repository: ` + testRepository + `
rings:
  prod:
    recipients:
      - age: age1base # the first
      - age: age1other
  dev:
    recipients:
      - age: age1dev
rules:
  - paths: ["env/prod/**"]
    ring: prod
  - paths: ["env/dev/**"]
    ring: dev
`

// swap replaces once, and fails if there is nothing to replace.
func swap(old, new string) func(string) string {
	return func(text string) string {
		if strings.Count(text, old) != 1 {
			panic("test: " + old)
		}
		return strings.Replace(text, old, new, 1)
	}
}

func by(edits ...func([]byte) ([]byte, error)) func(string) string {
	return func(text string) string {
		b := []byte(text)
		for _, e := range edits {
			var err error
			if b, err = e(b); err != nil {
				panic("test: " + err.Error())
			}
		}
		return string(b)
	}
}

func enters(ring, uri string) func([]byte) ([]byte, error) {
	return addRecipient(ring, Recipient{Kind: KindAge, URI: uri})
}

func renames(ring, name string) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) { return RenameRing(b, ring, name) }
}

func leaves(ring, uri string) func([]byte) ([]byte, error) {
	return removeRecipient(ring, KindAge, uri)
}

func opens(ring, uri string) func([]byte) ([]byte, error) {
	return addRing(ring, Recipient{Kind: KindAge, URI: uri})
}

// TestMerge: where want is given, the text has these lines and not those with a
// minus; where it is not, a person has to decide. The other way round is alike.
func TestMerge(t *testing.T) {
	same := func(text string) string { return text }
	for _, tt := range []struct {
		name         string
		ours, theirs func(string) string
		want         string // with spaces between
	}{
		{"nothing", same, same, "age1base"},
		{"one side", same, by(enters("prod", "age1t")), "age1base age1other age1t"},
		{"both add", by(enters("prod", "age1o")), by(enters("prod", "age1t")), "age1base age1other age1o age1t"},
		{"both add the same", by(enters("prod", "age1x")), by(enters("prod", "age1x")), "age1x"},
		{"to two rings", by(enters("prod", "age1o")), by(enters("dev", "age1t")), "age1o age1t"},
		{"one adds, one removes", by(enters("prod", "age1o")), by(leaves("prod", "age1other")), "age1base age1o -age1other"},
		{"both remove, one adds", by(leaves("prod", "age1other")), by(enters("prod", "age1t"), leaves("prod", "age1other")), "age1t -age1other"},
		{"each removes another", by(enters("prod", "age1o"), leaves("prod", "age1base")), by(leaves("prod", "age1other"), enters("prod", "age1t")), "age1o age1t -age1base -age1other"},
		{"nobody would be left", by(leaves("prod", "age1base")), by(leaves("prod", "age1other")), ""},
		{"both add a ring", by(opens("ours", "age1o")), by(opens("theirs", "age1t")), "ours: theirs: age1o age1t"},
		{"both add the same ring", by(opens("new", "age1o")), by(opens("new", "age1o"), enters("dev", "age1t")), "new: age1t"},
		{"one ring, two meanings", by(opens("new", "age1o")), by(opens("new", "age1t")), ""},
		{"both append a rule", by(addRule("prod", "o/**")), by(addRule("prod", "t/**")), "o/** t/**"},
		{"both extend the last rule", by(addRule("dev", "o/**")), by(addRule("dev", "t/**")), "o/** t/**"},
		{"a rule for a new ring", by(opens("new", "age1o"), addRule("new", "o/**")), by(opens("also", "age1t"), addRule("also", "t/**")), "o/** t/** age1o age1t"},
		{"the same rule", by(addRule("prod", "x/**", "!x/y")), by(addRule("prod", "x/**", "!x/y"), enters("prod", "age1t")), "x/** !x/y age1t"},
		{"rules that meet, one ring", by(addRule("prod", "x/**")), by(addRule("prod", "**/y")), "x/** **/y"},
		{"rules that meet, two rings", by(addRule("prod", "x/**")), by(addRule("dev", "**/y")), ""},
		{"rules that meet, an exclusion", by(addRule("prod", "x/**", "!x/y")), by(addRule("prod", "x/y", "x/z")), ""},
		{"exclusions that don't meet", by(addRule("prod", "x/**", "!x/y")), by(addRule("prod", "z/**", "!z/y")), "x/** z/**"},
		{"a pattern goes, a rule comes", by(remove("env/dev/**")), by(addRule("prod", "t/**")), ""},
		{"a pattern goes, a recipient comes", by(remove("env/dev/**")), by(enters("dev", "age1t")), "age1t -env/dev/**"},
		{"other fields on one side", swap("  dev:\n", "  dev:\n    rotate_every: 90d\n"), by(enters("dev", "age1t")), "90d age1t"},
		{"other fields on both sides", swap("  dev:\n", "  dev:\n    rotate_every: 90d\n"), swap("  dev:\n", "  dev:\n    rotate_every: 30d\n"), ""},
		{"a former name on one side", swap("  dev:\n", "  dev:\n    formerly: [old]\n"), by(enters("dev", "age1t")), "[old] age1t"},
		{"former names on both sides", swap("  dev:\n", "  dev:\n    formerly: [old]\n"), swap("  dev:\n", "  dev:\n    formerly: [older]\n"), ""},
		{"a new ring with a former name", by(opens("new", "age1o")), swap("  dev:\n", "  took:\n    recipients:\n      - age: age1t\n    formerly: [old]\n  dev:\n"), "[old] age1o age1t"},
		{"a ring by another name that somebody enters", by(renames("prod", "live")), by(enters("prod", "age1t")), ""},
		{"a ring by another name that somebody leaves", by(renames("prod", "live")), by(leaves("prod", "age1other")), ""},
		{"a comment is kept", swap("# the first", "# the very first"), by(enters("prod", "age1t")), "age1t"},
		{"forbid beside a recipient", swap("rules:\n", "forbid: [\"*.pem\"]\nrules:\n"), by(enters("prod", "age1t")), "*.pem age1t"},
		{"another repository", swap(testRepository, "1d6b3c1e-5f0a-4d6c-9a51-2f7d8e4b1c90"), by(enters("prod", "age1t")), "1d6b3c1e age1t"},
		{"a ring goes that the other changes", swap("  dev:\n    recipients:\n      - age: age1dev\n", ""), by(enters("dev", "age1t")), ""},
		{"ours is no policy", swap("version: 1", "version: 9"), by(enters("prod", "age1t")), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ours, theirs := tt.ours(mergeBase), tt.theirs(mergeBase)
			for _, sides := range [][2]string{{ours, theirs}, {theirs, ours}} {
				got, ok := Merge([]byte(mergeBase), []byte(sides[0]), []byte(sides[1]))
				if ok != (tt.want != "") {
					t.Fatalf("ok is %v:\n%s", ok, got)
				}
				for _, word := range strings.Fields(tt.want) {
					gone := strings.HasPrefix(word, "-")
					if strings.Contains(string(got), strings.TrimPrefix(word, "-")) == gone {
						t.Errorf("%s is not as it should be in:\n%s", word, got)
					}
				}
				if again, ok := Merge([]byte(mergeBase), got, []byte(sides[1])); tt.want != "" && (!ok || string(again) != string(got)) {
					t.Errorf("merged again (%v):\n%s", ok, again)
				}
			}
		})
	}
}

// TestMergeHostile: what would cost too much to compare is left to a person. There
// is no timed assertion: if it were not bounded, the test would not end.
func TestMergeHostile(t *testing.T) {
	many := func(ring, prefix string) func([]byte) ([]byte, error) {
		var patterns []string
		for i := range 1500 {
			patterns = append(patterns, fmt.Sprintf("%s/%d/{a,b,c,d,e,f,g,h}*", prefix, i))
		}
		return addRule(ring, patterns...)
	}
	ours, theirs := by(many("prod", "o"))(mergeBase), by(many("dev", "t"))(mergeBase)
	if _, ok := Merge([]byte(mergeBase), []byte(ours), []byte(theirs)); ok {
		t.Error("merged")
	}
	var more, others []func([]byte) ([]byte, error)
	for i := range maxMerged + 1 {
		more = append(more, enters("prod", fmt.Sprintf("age1o%d", i)))
		others = append(others, enters("prod", fmt.Sprintf("age1t%d", i)))
	}
	if _, ok := Merge([]byte(mergeBase), []byte(by(more...)(mergeBase)), []byte(by(others...)(mergeBase))); ok {
		t.Error("merged more than it should")
	}
}

// FuzzMerge: what is merged means what both sides mean, or there is no merge.
func FuzzMerge(f *testing.F) {
	for _, e := range []func(string) string{by(enters("prod", "age1o")), by(leaves("prod", "age1base")), by(addRule("dev", "x/**")), by(opens("new", "age1x"))} {
		f.Add(mergeBase, e(mergeBase), by(enters("prod", "age1t"), addRule("dev", "t/**"))(mergeBase))
	}
	f.Add(header, header, edited)
	f.Fuzz(func(t *testing.T, base, ours, theirs string) {
		merged, ok := Merge([]byte(base), []byte(ours), []byte(theirs))
		if !ok {
			return
		}
		p := mustParse(t, string(merged))
		b, o, h := mustParse(t, base), mustParse(t, ours), mustParse(t, theirs)
		if !isUnion(p, b, o, h) {
			t.Fatalf("not the union:\n%s", merged)
		}
	})
}
