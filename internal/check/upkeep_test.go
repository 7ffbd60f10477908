package check

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/git-envelope/git-envelope/policy"
)

func TestUpkeep(t *testing.T) {
	const kms = "arn:aws:kms:eu-west-1:111122223333:key/0d6b3c1e-5f0a-4d6c-9a51-2f7d8e4b1c90"
	a, b := policy.Recipient{Kind: policy.KindAge, URI: ageA}, policy.Recipient{Kind: policy.KindAge, URI: ageB}
	aws := policy.Recipient{Kind: policy.KindAWSKMS, URI: kms}
	made := time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)
	days := func(n int) time.Time { return made.AddDate(0, 0, n) }
	gen := func(created time.Time, r ...policy.Recipient) Generation {
		return Generation{ID: "00112233445566778899aabbccddeeff", Created: created, Recipients: r}
	}
	ring := func(every time.Duration, require []string, r ...policy.Recipient) policy.Ring {
		return policy.Ring{Name: "dev", Recipients: r, RotateEvery: every, Require: require}
	}
	const month = 30 * 24 * time.Hour
	needsAWS := []string{policy.KindAWSKMS}
	for _, tt := range []struct {
		name string
		ring policy.Ring
		have []Generation
		now  time.Time
		want []string // rules
	}{
		{"nothing is asked", ring(0, nil, a), []Generation{gen(made, a)}, days(9999), nil},
		{"young", ring(month, nil, a), []Generation{gen(made, a)}, days(29), nil},
		{"on the day", ring(month, nil, a), []Generation{gen(made, a)}, days(30), nil},
		{"after it", ring(month, nil, a), []Generation{gen(made, a)}, days(30).Add(1), []string{RotationOverdue}},
		{"only the newest counts", ring(month, nil, a), []Generation{gen(days(100), a), gen(made, a)}, days(101), nil},
		{"a clock a little behind", ring(month, nil, a), []Generation{gen(made, a)}, made.Add(-clockSlack), nil},
		{"from the future", ring(month, nil, a), []Generation{gen(made, a)}, days(-2), []string{RotationOverdue}},
		{"from the end of time", ring(month, nil, a), []Generation{gen(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), a)}, made, []string{RotationOverdue}},
		{"the longest there is", ring(1<<63-1, nil, a), []Generation{gen(time.Unix(0, 0), a)}, days(9999), nil},
		{"a clock at its beginning", ring(month, nil, a), []Generation{gen(made, a)}, time.Time{}, []string{RotationOverdue}},
		{"unreadable", ring(month, nil, a), []Generation{gen(time.Time{})}, made, []string{RotationOverdue, RecipientWithoutKey}},
		{"no key yet", ring(month, nil, a), nil, made, nil},
		{"required and there", ring(0, needsAWS, a, aws), []Generation{gen(made, a, aws)}, made, nil},
		{"required and no recipient", ring(0, needsAWS, a), []Generation{gen(made, a)}, made, []string{RequiredRecipientMissing}},
		{"required and no recipient, nor any key", ring(0, needsAWS, a), nil, made, []string{RequiredRecipientMissing}},
		{"required and not wrapped", ring(0, needsAWS, a, aws), []Generation{gen(days(1), a), gen(made, a, aws)}, made, []string{RequiredRecipientMissing, RecipientWithoutKey}},
		{"required, wrapped for one who left", ring(0, needsAWS, a), []Generation{gen(made, a, aws)}, made, []string{RequiredRecipientMissing, KeyForStranger}},
		{"required, wrapped in the current one", ring(0, needsAWS, a, aws), []Generation{gen(days(1), a, aws), gen(made, a)}, made, []string{RecipientWithoutKey}},
		{"one lacks an older key", ring(0, nil, a, b), []Generation{gen(days(1), a, b), gen(made, a)}, made, []string{RecipientWithoutKey}},
		{"two lack a key", ring(0, nil, a, b), []Generation{gen(made)}, made, []string{RecipientWithoutKey, RecipientWithoutKey}},
		{"one who left, in the current key", ring(0, nil, a), []Generation{gen(days(1), a, b), gen(made, a)}, made, []string{KeyForStranger}},
		{"one who left, in an older key", ring(0, nil, a), []Generation{gen(days(1), a), gen(made, a, b)}, made, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &policy.Policy{Rings: []policy.Ring{tt.ring}}
			var got []string
			for _, f := range Upkeep(p, tt.now, func(string) []Generation { return tt.have }) {
				got = append(got, f.Rule)
				if RuleOf(f.Rule).Verdict != 2 || f.Path != policy.Path || f.Ring != "dev" || f.Message == "" || f.Hint == "" {
					t.Errorf("%+v", f)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestUpkeepLong: some recipients are two thousand characters long.
func TestUpkeepLong(t *testing.T) {
	long := policy.Recipient{Kind: policy.KindAge, URI: "age1" + strings.Repeat("q", 2000)}
	p := &policy.Policy{Rings: []policy.Ring{{Name: "dev", Recipients: []policy.Recipient{long}}}}
	found := Upkeep(p, time.Time{}, func(string) []Generation { return []Generation{{}} })
	if len(found) != 1 || len(found[0].Message) > 120 || !strings.Contains(found[0].Hint, long.URI) {
		t.Errorf("%+v", found)
	}
}
